"""Interactions whose payloads were altered."""

from __future__ import annotations

from typing import Any

from playground.altering import altered
from playground.slack.people.people import BOARD, BOB, KENJI, SALES
from playground.slack.state.ledger import Envelope
from tests.playground.slack_client import bot_of, client_of, running

Json = dict[str, Any]


async def sent(envelope: Envelope) -> Json:
    assert len(envelope.attempts) == 1
    payload: Json = envelope.payload
    return payload


def test_altering_leaves_the_original_alone() -> None:
    payload: Json = {"actions": [{"value": "a"}], "message": {"ts": "1"}}
    changed = altered(payload, {"actions.0.value": None, "message.thread_ts": "2"}, ["message.ts"])
    assert changed == {"actions": [{"value": None}], "message": {"thread_ts": "2"}}
    assert payload == {"actions": [{"value": "a"}], "message": {"ts": "1"}}


async def test_a_press_in_one_channel_names_a_turn_of_another() -> None:
    async with running(ack_timeout=0.05) as slack:
        secret = await slack.human.post(BOARD, "salaries", user=BOB)
        ts = (await client_of(slack).chat_postMessage(channel=SALES, text="an answer"))["ts"]
        value = f"{slack.team}:{BOARD}:{secret}"
        payload = await sent(
            await slack.human.forge_press("show_code", value, user=KENJI, channel=SALES, message_ts=ts)
        )
        assert payload["actions"][0]["value"] == value
        assert payload["message"]["text"] == "an answer"
        assert payload["container"]["channel_id"] == payload["channel"]["id"] == SALES
        assert payload["user"]["id"] == KENJI


async def test_what_is_pressed_need_not_exist() -> None:
    async with running(ack_timeout=0.05) as slack:
        forged = slack.human.forge_press("stop_run", "x", channel="C0NOWHERE1", message_ts="1.0", thread_ts="0.5")
        payload = await sent(await forged)
        assert payload["container"]["thread_ts"] == "0.5"
        view = await sent(await slack.human.forge_press("post_code", view_id="V0NONE", without=["view.type"]))
        assert (view["container"]["view_id"], "type" in view["view"]) == ("V0NONE", False)


async def test_forged_modals_and_shortcuts_reach_the_app() -> None:
    async with running() as slack, bot_of(slack) as bot:
        seen: list[Json] = []

        async def note(ack: Any, body: Json) -> None:
            seen.append(body)
            await ack()

        bot.app.view("code")(note)
        bot.app.shortcut("analyze_message")(note)
        assert (await slack.human.forge_submission("code", private_metadata="T:C:1.0", changes={"team": None})).acked
        file = {"id": "F0SECRET", "name": "salaries.csv"}
        shortcut = slack.human.forge_shortcut(
            "analyze_message", channel=BOARD, message_ts="1.0", message={"ts": "1.0", "files": [file]}, user=KENJI
        )
        assert (await shortcut).acked
        assert [body["type"] for body in seen] == ["view_submission", "message_action"]
        assert (seen[0]["view"]["private_metadata"], seen[0]["team"]) == ("T:C:1.0", None)
        assert seen[1]["message"]["files"] == [file]
