"""Forwards, posts of tools, workflows and alerts, special files, and payloads that no act makes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from playground.slack.people.people import ANN, BOARD, BOB, KENJI, SALES
from playground.slack.server.server import LocalSlack
from tests.playground.slack_client import Bot, bot_of, client_of, refusal, running

Json = dict[str, Any]
RANDOM = "C0NOBOT0001"
CSV = b"region,value\nNorth,1\n"


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with running(time_scale=0.01, twins="message_first") as running_slack:
        yield running_slack


@pytest.fixture
async def bot(slack: LocalSlack) -> AsyncIterator[Bot]:
    async with bot_of(slack) as listening:
        yield listening


async def event_of(slack: LocalSlack, bot: Bot, ts: str, kind: str = "message") -> Json:
    found: list[Json] = await slack.wait(lambda _: [event for event in bot.of(kind) if event.get("ts") == ts])
    return found[0]


async def test_a_forward_carries_words_author_and_file(slack: LocalSlack, bot: Bot) -> None:
    root = await slack.human.post(SALES, "Here are the *Q3* numbers", user=BOB, files=[("q3.csv", CSV)])
    ts = await slack.human.forward(BOARD, SALES, root, "@analyst total revenue?")
    event = await event_of(slack, bot, ts)
    (shared,) = event["attachments"]
    assert (shared["is_share"], shared["author_name"], shared["ts"], shared["channel_id"]) == (True, "Bob", root, SALES)
    assert shared["text"] == "Here are the *Q3* numbers"
    assert shared["message_blocks"][0]["message"]["blocks"][0]["type"] == "rich_text"
    assert shared["files"][0]["name"] == "q3.csv"
    assert "files" not in event
    assert (await event_of(slack, bot, ts, "app_mention"))["attachments"] == [shared]


async def test_a_forward_from_where_the_bot_is_not_has_stubs(slack: LocalSlack, bot: Bot) -> None:
    root = await slack.human.post(RANDOM, "mine", files=[("q3.csv", CSV)])
    event = await event_of(slack, bot, await slack.human.forward(SALES, RANDOM, root))
    (file,) = event["attachments"][0]["files"]
    assert file["file_access"] == "check_file_info"
    assert event["text"] == ""
    assert await refusal(client_of(slack).files_info(file=file["id"])) == "file_not_found"


async def test_people_forward_only_what_they_can_read(slack: LocalSlack) -> None:
    root = await slack.human.post(BOARD, "secret", user=BOB)
    with pytest.raises(ValueError, match="cannot forward"):
        await slack.human.forward(SALES, BOARD, root, user=KENJI)


async def test_a_tool_posts_in_a_persons_name(slack: LocalSlack, bot: Bot) -> None:
    event = await event_of(slack, bot, await slack.human.post_by_tool(SALES, "@analyst total?"), "app_mention")
    assert (event["user"], event["bot_id"], event["app_id"]) == (ANN, "B0TOOL0001", "A0TOOL0001")
    assert not (await client_of(slack).users_info(user=ANN))["user"]["is_bot"]


async def test_workflows_alerts_and_bots(slack: LocalSlack, bot: Bot) -> None:
    workflow = await event_of(slack, bot, await slack.human.post_by_workflow(SALES, "Standup"))
    assert (workflow["subtype"], workflow["username"], "user" in workflow) == ("bot_message", "Weekly report", False)
    alert = await event_of(slack, bot, await slack.human.post_alert(SALES))
    assert (alert["text"], alert["attachments"][0]["text"]) == ("", "p95 = 1843 ms on web-3")
    header: Json = {"type": "header", "text": {"type": "plain_text", "text": "Latency"}}
    blocks = await event_of(slack, bot, await slack.human.post_alert(SALES, "short", attachments=(), blocks=[header]))
    assert (blocks["text"], blocks["blocks"]) == ("short", [header])
    other = slack.outsiders.add_bot("U0OTHERBOT", "reporter", [SALES])
    said = await event_of(slack, bot, await slack.human.post_as_bot(SALES, "done", user=other))
    assert (said["user"], "subtype" in said, said["bot_profile"]["user_id"]) == (other, False, other)


async def test_posts_without_words(slack: LocalSlack, bot: Bot) -> None:
    root = await slack.human.post(SALES, "hello")
    human = slack.human
    for post in (human.post_gif(SALES, thread=root), human.post_gif(SALES, by_command=True), human.post_preview(SALES)):
        event = await event_of(slack, bot, await post)
        assert event["text"] == ""
        assert event.get("attachments") or event["blocks"][0]["type"] == "image"


async def test_titles_may_differ_from_names(slack: LocalSlack, bot: Bot) -> None:
    ts = await slack.human.post(SALES, files=[("x1.csv", CSV)], titles=["Sales 2025"])
    file = (await event_of(slack, bot, ts))["files"][0]
    assert (file["name"], file["title"]) == ("x1.csv", "Sales 2025")
    await slack.human.retitle(file["id"], "Sales")
    await slack.wait(lambda _: bot.of("file_change"))
    assert (await client_of(slack).files_info(file=file["id"]))["file"]["title"] == "Sales"


async def test_canvases_lists_and_hidden_files(slack: LocalSlack, bot: Bot) -> None:
    canvas = (await event_of(slack, bot, await slack.human.share_document(SALES, "Plan")))["files"][0]
    assert (canvas["mode"], canvas["filetype"], canvas["mimetype"]) == ("quip", "quip", "application/vnd.slack-docs")
    listed = (await event_of(slack, bot, await slack.human.share_document(SALES, "Todo", mode="list")))["files"][0]
    assert (listed["mode"], listed["pretty_type"]) == ("list", "List")
    await slack.human.hide_file(canvas["id"])
    hidden = (await client_of(slack).files_info(file=canvas["id"]))["file"]
    assert hidden == {"id": canvas["id"], "mode": "hidden_by_limit"}


async def test_an_email_has_attachments_behind_the_token(slack: LocalSlack, bot: Bot) -> None:
    ts = await slack.human.share_email(SALES, "Q3", attached=[("q3.csv", CSV)])
    email = (await event_of(slack, bot, ts))["files"][0]
    (part,) = email["attachments"]
    assert (email["mode"], part["filename"], part["size"]) == ("email", "q3.csv", len(CSV))
    async with aiohttp.ClientSession() as session:
        async with session.get(part["url"], headers={"Authorization": f"Bearer {slack.bot_token}"}) as response:
            assert (await response.read(), response.content_type) == (CSV, "text/csv")
        async with session.get(part["url"]) as response:
            assert response.content_type == "text/html"


@pytest.mark.parametrize("kind", ["missing", "null", "empty", "nobody", "organization"])
async def test_authorizations_may_be_anything(kind: str) -> None:
    async with running(authorizations=kind, team_on="mention", ack_timeout=0.05) as slack:
        ts = await slack.human.post(SALES, "@analyst hi")
        sent = [envelope.payload for envelope in slack.envelopes if envelope.event.get("ts") == ts]
        assert {payload["event"]["type"]: "team" in payload["event"] for payload in sent} == {
            "message": False,
            "app_mention": True,
        }
        for payload in sent:
            told = payload.get("authorizations")
            if kind == "organization":
                assert (told[0]["team_id"], payload["team_id"]) == (None, slack.team)
            elif kind == "nobody":
                assert (told[0]["team_id"], "user_id" in told[0]) == (slack.team, False)
            else:
                assert (not told, "authorizations" in payload) == (True, kind != "missing")
        assert (await client_of(slack).auth_test())["is_enterprise_install"] == (kind == "organization")


async def test_any_event_and_any_payload_can_be_sent(slack: LocalSlack, bot: Bot) -> None:
    seen: list[Json] = []

    async def note(event: Json) -> None:
        seen.append(event)

    bot.app.event("emoji_changed")(note)
    assert (await slack.human.inject_event({"type": "emoji_changed", "subtype": "add"})).acked
    assert seen[0]["subtype"] == "add"
    lone: Json = {"type": "message", "channel": SALES, "user": ANN, "text": "\ud83d", "ts": "1.0"}
    changes = {"authorizations": None, "event.files": [None, 7]}
    assert (await slack.human.inject_event(lone, changes=changes, without=["team_id"])).acked
    assert bot.of("message")[-1]["text"] == "\ud83d"
    broken = await slack.human.inject([1, None])
    assert (broken.payload, broken.event, broken.type) == ([1, None], {}, "events_api")
    await slack.human.inject_frame("{not json")
    assert (await slack.human.inject_event({"type": "emoji_changed"})).acked


async def test_lone_surrogates_and_megabytes_pass_through(slack: LocalSlack, bot: Bot) -> None:
    client = client_of(slack)
    ts = await slack.human.post(SALES, "a \ud83d b", files=[("\ud83d.csv", CSV)])
    (message,) = (await client.conversations_replies(channel=SALES, ts=ts))["messages"]
    assert (message["text"], message["files"][0]["name"]) == ("a \ud83d b", "\ud83d.csv")
    async with aiohttp.ClientSession() as session:
        url = message["files"][0]["url_private_download"]
        async with session.get(url, headers={"Authorization": f"Bearer {slack.bot_token}"}) as response:
            assert await response.read() == CSV
    posted = await client.chat_postMessage(channel=SALES, text="\udc00")
    assert posted["message"]["text"] == "\udc00"
    large = await slack.human.post(SALES, "x" * 1_000_000)
    assert len((await event_of(slack, bot, large))["text"]) == 1_000_000
    async with aiohttp.ClientSession(slack.url) as session, session.get(f"/human/messages?channel={SALES}") as response:
        assert len((await response.json())["messages"]) == 3


async def test_downloads_go_over_other_hosts(slack: LocalSlack) -> None:
    ts = await slack.human.post(SALES, files=[("a.csv", CSV)])
    url = slack.messages(SALES, ts)[0]["files"][0]["url_private_download"]
    token = {"Authorization": f"Bearer {slack.bot_token}"}

    async def fetch(headers: dict[str, str] | None = None) -> tuple[int, str, bytes]:
        async with aiohttp.ClientSession() as session:
            async with session.get(url, headers=token, allow_redirects=False) as response:
                target = response.headers.get("Location", "")
                if response.status == 200:
                    return 200, "", await response.read()
            if not target.startswith(slack.workspace.origin_url):
                return response.status, target, b""
            async with session.get(target, headers=headers or {}) as response:
                return response.status, target, await response.read()

    slack.faults.download_redirect(times=2)
    assert (await fetch(token))[2] == CSV
    assert b"Sign in" in (await fetch())[2]
    slack.faults.download_redirect(needs_token=False)
    assert (await fetch())[2] == CSV
    assert not slack.calls[-1].args["authorized"]
    slack.faults.download_redirect(to="http://files.example")
    assert (await fetch())[1].startswith("http://files.example/files-pri/")
    slack.faults.download_redirect(to="itself", status=307)
    status, circle, _ = await fetch()
    assert (status, circle.startswith(slack.url)) == (307, True)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.TooManyRedirects):
            await session.get(circle, headers=token)
    slack.faults.download_redirect(hops=2, needs_token=False)
    async with aiohttp.ClientSession() as session, session.get(url, headers=token) as response:
        assert len(response.history) == 2
    assert (await fetch())[2] == CSV


async def test_an_upload_may_be_completed_and_not_shared(slack: LocalSlack) -> None:
    client = client_of(slack)

    async def upload(name: str) -> str:
        begun = await client.files_getUploadURLExternal(filename=name, length=3)
        async with aiohttp.ClientSession() as session:
            await session.post(begun["upload_url"], data=b"a,b")
        answer = await client.files_completeUploadExternal(files=[{"id": begun["file_id"]}], channel_id=SALES)
        assert answer["ok"]
        return str(begun["file_id"])

    slack.faults.upload_unshared()
    lost = await upload("never.csv")
    slack.faults.upload_unshared(later=0.05)
    late = await upload("late.csv")
    assert slack.files[late].shares == []
    await slack.wait(lambda s: s.files[late].shares)
    shown = await upload("shown.csv")
    await slack.wait(lambda s: s.files[shown].shares)
    assert (slack.files[lost].state, slack.files[lost].shares) == ("complete", [])
    assert not (await client.files_info(file=lost))["file"]["shares"]


async def test_limits_without_retry_after_and_odd_bodies(slack: LocalSlack) -> None:
    slack.faults.rate_limit("chat.postMessage", retry_after=None, error="message_limit_exceeded")
    slack.faults.answer("users.info", [1, None])
    slack.faults.answer("auth.test", "<html>proxy</html>", 403, headers={"X-Proxy": "yes"})
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {slack.bot_token}"}) as session:
        async with session.post(f"{slack.api_url}chat.postMessage") as response:
            assert (response.status, "Retry-After" in response.headers) == (429, False)
            assert (await response.json())["error"] == "message_limit_exceeded"
        async with session.get(f"{slack.api_url}users.info") as response:
            assert await response.json() == [1, None]
        async with session.post(f"{slack.api_url}auth.test") as response:
            assert (response.status, response.headers["X-Proxy"], await response.text()) == (
                403,
                "yes",
                "<html>proxy</html>",
            )


async def test_faults_and_acts_over_http(slack: LocalSlack) -> None:
    async with aiohttp.ClientSession(slack.url) as session:
        fault = {"fault": "upload_unshared", "later": 1}
        async with session.post("/_ctl/fault", json=fault) as response:
            assert (await response.json())["ok"]
        act = {"act": "inject_event", "event": {"type": "pin_added"}}
        answer = asyncio.create_task(session.post("/_ctl/human", json=act))
        await slack.wait(lambda s: any(envelope.type == "pin_added" for envelope in s.envelopes))
        assert (await answer).status == 200
