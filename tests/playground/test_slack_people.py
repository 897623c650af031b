"""Buttons, modals, commands and shortcuts through Bolt; the page's HTTP API and its live feed; HTTP mode."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from slack_bolt.async_app import AsyncApp

from playground.slack.people.people import ANN, BOB, KENJI, SALES
from playground.slack.server.server import LocalSlack
from tests.playground.slack_client import Bot, bot_of, client_of, refusal, running

Json = dict[str, Any]


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


BUTTONS = [
    {
        "type": "actions",
        "elements": [{"type": "button", "text": words("Code"), "action_id": "show_code", "value": "turn-1"}],
    },
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "answer_feedback",
                "positive_button": {"text": words("Good"), "value": "up"},
                "negative_button": {"text": words("Bad"), "value": "down"},
            },
            {
                "type": "icon_button",
                "icon": "trash",
                "text": words("Delete"),
                "action_id": "delete_answer",
                "visible_to_user_ids": [ANN],
            },
        ],
    },
]
MODAL = {
    "type": "modal",
    "callback_id": "code",
    "title": words("Code"),
    "submit": words("Post"),
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": words("File name"),
            "element": {"type": "plain_text_input", "action_id": "value"},
        }
    ],
}


def listen(bot: Bot, seen: list[Json]) -> None:
    app = bot.app

    async def act(ack: Any, body: Json, client: Any) -> None:
        seen.append(body)
        await ack()
        if body["actions"][0]["action_id"] == "show_code":
            await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    async def submit(ack: Any, body: Json) -> None:
        seen.append(body)
        name = body["view"]["state"]["values"]["name"]["value"]["value"]
        if name:
            await ack()
        else:
            await ack(response_action="errors", errors={"name": "Give it a name"})

    async def command(ack: Any, body: Json) -> None:
        seen.append(body)
        await ack(f"You said {body['text']}")

    async def shortcut(ack: Any, body: Json, respond: Any) -> None:
        seen.append(body)
        await ack()
        await respond("on it", replace_original=False)

    for action in ("show_code", "answer_feedback", "delete_answer"):
        app.action(action)(act)
    app.view("code")(submit)
    app.command("/analyst")(command)
    app.shortcut("analyze_message")(shortcut)


async def test_buttons_and_feedback() -> None:
    async with running() as slack, bot_of(slack) as bot:
        seen: list[Json] = []
        listen(bot, seen)
        root = await slack.human.post(SALES, "question")
        ts = (await client_of(slack).chat_postMessage(channel=SALES, thread_ts=root, text="a", blocks=BUTTONS))["ts"]
        envelope = await slack.human.press(ts, "answer_feedback", user=KENJI, value="down")
        assert envelope.acked
        action = seen[0]["actions"][0]
        assert (action["type"], action["value"]) == ("feedback_buttons", "down")
        assert seen[0]["container"]["thread_ts"] == root
        assert seen[0]["user"]["id"] == KENJI
        assert (await slack.human.press(ts, "delete_answer", user=ANN)).acked
        unseen = False
        try:
            await slack.human.press(ts, "delete_answer", user=BOB)
        except ValueError:
            unseen = True
        assert unseen


async def test_a_modal_from_button_to_submission() -> None:
    async with running() as slack, bot_of(slack) as bot:
        seen: list[Json] = []
        listen(bot, seen)
        ts = (await client_of(slack).chat_postMessage(channel=SALES, text="a", blocks=BUTTONS))["ts"]
        await slack.human.press(ts, "show_code", user=BOB)
        (view_id,) = await slack.wait(lambda s: list(s.workspace.views))
        refused = await slack.human.submit_view(view_id, {"name": {"value": ""}}, user=BOB)
        assert refused.response["errors"] == {"name": "Give it a name"}
        assert view_id in slack.workspace.views
        await slack.human.submit_view(view_id, {"name": {"value": "a.py"}}, user=BOB)
        assert view_id not in slack.workspace.views
        again = client_of(slack).views_open(trigger_id=seen[0]["trigger_id"], view=MODAL)
        assert await refusal(again) == "exchanged_trigger_id"


async def test_views_are_checked() -> None:
    async with running() as slack:
        client = client_of(slack)
        assert await refusal(client.views_open(trigger_id="1.2.x", view=MODAL)) == "invalid_trigger_id"
        nameless = {"type": "home", "blocks": [{"type": "header"}]}
        assert await refusal(client.views_publish(user_id=ANN, view=nameless)) == "invalid_arguments"
        home: Json = {"type": "home", "blocks": [{"type": "divider"}]}
        first = (await client.views_publish(user_id=ANN, view=home))["view"]
        second = (await client.views_publish(user_id=ANN, view=home))["view"]
        assert first["id"] == second["id"]
        stale = client.views_publish(user_id=ANN, view=home, hash=first["hash"])
        assert await refusal(stale) == "hash_conflict"


async def test_commands_and_shortcuts() -> None:
    async with running() as slack, bot_of(slack) as bot:
        seen: list[Json] = []
        listen(bot, seen)
        await slack.human.slash("/analyst", "help", channel=SALES)
        assert slack.ephemerals[0]["message"]["text"] == "You said help"
        ts = await slack.human.post(SALES, files=[("a.csv", b"a\n1")], user=BOB)
        await slack.human.shortcut("analyze_message", ts, user=KENJI)
        await slack.wait(lambda s: len(s.ephemerals) == 2)
        assert slack.ephemerals[1]["user"] == KENJI
        assert seen[1]["message"]["files"][0]["name"] == "a.csv"


async def test_an_unanswered_interaction_is_noted() -> None:
    async with running(ack_timeout=0.05) as slack:
        envelope = await slack.human.slash("/analyst", channel=SALES)
        assert (envelope.state, len(envelope.attempts)) == ("dropped", 1)


async def test_the_page_reads_and_acts_over_http() -> None:
    async with running() as slack, aiohttp.ClientSession(slack.url) as session:

        async def get(path: str) -> Json:
            async with session.get(path) as response:
                body: Json = await response.json()
                return body

        async def post(path: str, **fields: object) -> Json:
            async with session.post(path, json=fields) as response:
                body: Json = await response.json()
                return body

        state = await get("/human/state")
        assert {user["id"] for user in state["users"]} >= {ANN, KENJI, BOB, slack.bot_user}
        assert {channel["kind"] for channel in state["channels"]} == {"channel", "group", "im"}
        assert not state["bot_connected"]
        async with session.ws_connect("/human/live") as live:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("user", KENJI)
            form.add_field("channel", SALES)
            form.add_field("text", "@analyst 合計は？")
            form.add_field("file", "地域\n東京".encode(), filename="売上.csv")
            async with session.post("/human/post", data=form) as response:
                ts = (await response.json())["ts"]
            frame = await live.receive_json()
            assert (frame["type"], frame["channel"], frame["message"]["ts"]) == ("message", SALES, ts)
            file = frame["message"]["files"][0]
            assert file["name"] == "売上.csv"
            await client_of(slack).assistant_threads_setStatus(channel_id=SALES, thread_ts=ts, status="is reading")
            frame = await live.receive_json()
            assert (frame["type"], frame["status"], frame["thread_ts"]) == ("status", "is reading", ts)
            await client_of(slack).chat_postMessage(channel=SALES, thread_ts=ts, text="42", blocks=BUTTONS)
            kinds = [(await live.receive_json())["type"] for _ in range(3)]
            assert kinds == ["message", "message_changed", "status"]
        async with session.get(f"/human/file/{file['id']}/x.csv") as response:
            assert await response.read() == "地域\n東京".encode()
            assert "sandbox" in response.headers["Content-Security-Policy"]
        assert [m["text"] for m in (await get(f"/human/messages?channel={SALES}"))["messages"]] == [
            f"<@{slack.bot_user}> 合計は？"
        ]
        thread = await get(f"/human/thread?channel={SALES}&ts={ts}")
        assert [m["text"] for m in thread["messages"]][1] == "42"
        assert (await post("/human/edit", channel=SALES, message_ts=ts, text="new", user=KENJI))["ok"]
        assert not (await post("/human/edit", channel=SALES, message_ts=ts, text="new", user=ANN))["ok"]
        assert (await post("/human/react", channel=SALES, message_ts=ts, name="tada", user=ANN))["ok"]
        assert (await post("/human/stop", channel=SALES, thread_ts=ts, user=ANN))["ok"]
        missing = await post("/human/action", channel=SALES, message_ts=ts, action_id="nothing", user=ANN)
        assert not missing["ok"]
        assert (await post("/human/delete", channel=SALES, message_ts=ts, user=KENJI))["ok"]


async def test_the_page_is_served_and_may_run_its_own_scripts_only() -> None:
    async with running() as slack, aiohttp.ClientSession(slack.url) as session:
        async with session.get("/") as response:
            assert response.content_type == "text/html"
            assert response.headers["Content-Security-Policy"].startswith("default-src 'self'")
        async with session.get("/static/app.js") as response:
            assert response.status == 200


@asynccontextmanager
async def http_app() -> AsyncIterator[tuple[AsyncApp, str]]:
    """A Bolt app behind a request URL, and that URL; its Slack is set later."""
    runner: web.AppRunner | None = None
    slack = LocalSlack()
    app = AsyncApp(client=client_of(slack), signing_secret=slack.signing_secret)
    try:
        runner = web.AppRunner(app.web_app("/slack/events"))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield app, f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        if runner is not None:
            await runner.cleanup()


async def test_http_mode_is_signed_and_repeats() -> None:
    async with http_app() as (app, url), running(http_events_url=url, retry_delays=(0.0, 0.0, 0.0)) as slack:
        app.client.base_url = slack.api_url
        seen: list[Json] = []

        async def message(event: Json, body: Json) -> None:
            seen.append(event | {"event_id": body["event_id"]})

        async def command(ack: Any, body: Json) -> None:
            await ack(f"You said {body['text']}")

        app.event("message")(message)
        app.command("/analyst")(command)
        assert await slack.verify_url()
        await slack.human.post(SALES, "hello", user=ANN)
        (envelope,) = await slack.wait(lambda s: [e for e in s.envelopes if e.acked])
        await slack.human.slash("/analyst", "help", channel=SALES)
        assert slack.ephemerals[0]["message"]["text"] == "You said help"
        await slack.human.open_home()  # no listener: 404
        lost = await slack.wait(lambda s: next((e for e in s.envelopes if e.state == "dropped"), None))
        assert lost is not None
        assert [attempt.reason for attempt in lost.attempts] == ["", "http_error", "http_error", "http_error"]
        assert envelope.event["text"] == "hello"
        assert not await refused_connection(slack)


async def refused_connection(slack: LocalSlack) -> bool:
    """Whether Socket Mode is open although the app uses HTTP."""
    client = client_of(slack, slack.app_token)
    return await refusal(client.apps_connections_open(app_token=slack.app_token)) == "accepted"
