"""S15 and S16: payloads that are broken or unknown. Every envelope is acked, and what can be read is used."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from conversations.ports.incoming import Press, UserText
from conversations.ports.workplace import Message, SharedFile
from playground.altering import altered
from playground.slack.state.ledger import Envelope
from replies.views.modals import FEEDBACK_REASON
from slack_api.identity import Identity
from tests.hostile.inside import Inside
from tests.support.handlers import taken
from tests.support.world import ANN, BOB, KENJI, MENTION, SALES, Json
from untrusted.characters import whole
from untrusted.payload import LAST_SECOND, MOST, identifier, timestamp
from workplace import events, presses
from workplace.parsing import message
from workplace.reading.message_text import message_text
from workplace.reading.shared_file import shared_file

Kind = Literal["events_api", "interactive", "slash_commands"]
MODULE = pytest.mark.asyncio(loop_scope="module")
CSV = b"region,revenue\nNorth,1\nSouth,2\n"
TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}]] * 3}
LIST = {
    "type": "rich_text_list",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
}


def nested(depth: int) -> Any:
    value: Any = "deep"
    for _ in range(depth):
        value = [value]
    return value


def nested_lists(depth: int) -> Any:
    """Blocks of lists in lists."""
    value: Any = {"type": "rich_text_section", "elements": [{"type": "text", "text": "deep"}]}
    for _ in range(depth):
        value = {"type": "rich_text_list", "elements": [value]}
    return [{"type": "rich_text", "elements": [value]}]


LEAVES: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 10**18, 10**300, float("nan"), float("inf"), "", "x", "1e999", "\ud83d", "a\0b"),
    *("9" * 200, "T:C:1.0", [], {}, [None], [[]], {"id": None}, {"text": {"text": []}}),
]
JUNK = [*LEAVES, nested(300), nested_lists(100)]
"""What may stand in the place of anything."""


# ── real payloads, as the local Slack makes them ────────────────────────────────────────────────────────────────────


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Inside]:
    async with Inside(tmp_path_factory.mktemp("bot"), seed=15) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def samples(world: Inside) -> list[Envelope]:
    """One payload of each kind that Slack sends for what people do."""
    slack, human, channel = world.slack, world.slack.human, world.new_channel()
    ts = await human.post(channel, f"{MENTION} [[code 1]] [[say done]]", files=[("sales.csv", CSV)], user=BOB)
    await world.outcomes(channel, ts)
    shared = await human.post(channel, "look", files=[("more.csv", CSV)], attachments=[{"blocks": [TABLE]}])
    await human.forward(SALES, channel, shared, user=ANN)
    await human.edit(channel, shared, f"{MENTION} [[say edited]]")
    await human.post(channel, "[[say and on]]", thread=ts, user=BOB)
    await human.unfurl(channel, shared, "https://example.com")
    [file] = [file for file in slack.files.values() if file.name == "more.csv"]
    await human.change_file(file.id, CSV + b"East,3\n")
    await human.delete_file(file.id)
    await human.delete(channel, shared)
    await human.post(slack.direct(KENJI), "[[say hello]]", user=KENJI)
    await human.open_home(ANN)
    await human.open_dm(ANN)
    await human.stop(channel, ts)
    answer = next(m for m in slack.bot_messages(channel, ts) if "show_code" in str(m.get("blocks")))
    for button in ("show_code", "answer_feedback", "delete_answer"):
        await human.press(answer["ts"], button, user=BOB, channel=channel)
    await human.forge_submission(
        FEEDBACK_REASON, private_metadata="T:C:1.0", values={"reason": {"reason": {"value": "x"}}}
    )
    await human.shortcut("analyze_message", ts, user=KENJI, channel=channel)
    await human.slash("/analyst", "card on", channel=channel)
    await human.inject_event(
        {"type": "channel_id_changed", "old_channel_id": "C0OLD00001", "new_channel_id": "C0NEWER001"}
    )
    await slack.wait(lambda s: all(envelope.acked for envelope in s.envelopes))
    found = {(e.kind, e.type, str(e.event.get("subtype", ""))): e for e in slack.envelopes}
    return list(found.values())


def places(value: Any, path: str = "") -> Iterator[str]:
    """The dotted path of everything in a payload, but of the very deep."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        if "." not in str(key):
            here = f"{path}.{key}".lstrip(".")
            yield here
            yield from places(item, here)


def each_broken(payload: Json) -> Iterator[Json]:
    """The payload broken at each place, in each way: one object, which is whole again in the end."""
    for place in list(places(payload)):
        parent, last = parent_of(payload, place)
        whole = parent[last]
        for junk in JUNK if isinstance(whole, list | dict) else LEAVES:
            parent[last] = junk
            yield payload
        parent[last] = whole
    for place in places(payload):
        yield altered(payload, {}, [place])


def parent_of(payload: Any, place: str) -> tuple[Any, Any]:
    *steps, last = (int(step) if step.isdigit() else step for step in place.split("."))
    for step in steps:
        payload = payload[step]
    return payload, last


def broken(payload: Json, dice: random.Random) -> Json:
    """A copy of the payload, broken at one place."""
    place = dice.choice(list(places(payload)))
    return altered(payload, {place: dice.choice(JUNK)}) if dice.random() < 0.95 else altered(payload, {}, [place])


# ── read ────────────────────────────────────────────────────────────────────────────────────────────────────────────

IDENTITY = Identity("T0PLAYGRND", "U0ANALYST01", "B0ANALYST01")


def check(value: Any) -> None:
    """What a database and the rest of the bot can live with, whatever came in."""
    if isinstance(value, str):
        value.encode()
        assert "\0" not in value
    elif isinstance(value, dict):
        for item in value.values():
            check(item)
    elif isinstance(value, list | tuple):
        for item in value:
            check(item)


def check_file(file: SharedFile) -> None:
    assert identifier(file.id) == file.id
    assert 0 <= file.size <= MOST
    assert 0 <= file.created <= LAST_SECOND
    assert len(file.name) < 512
    check(asdict(file))


def check_written(text: UserText | None) -> None:
    if text:
        assert timestamp(text.ts) == text.ts != ""
        assert text.thread == "" or timestamp(text.thread) == text.thread
        assert all(identifier(name) for name in (text.team, text.channel, text.user))
        for file in text.files:
            check_file(file)
        check(asdict(text))


def check_press(press: Press) -> None:
    assert all(identifier(name) == name for name in (press.user, press.channel))
    assert timestamp(press.thread) == press.thread
    assert ":" not in press.at
    check(asdict(press))


def check_message(message: Message) -> None:
    assert timestamp(message.ts) == message.ts
    for file in message.files:
        check_file(file)
    check(asdict(message))


def read_event(payload: Any) -> None:
    """All that reads an event."""
    event = payload.get("event") if isinstance(payload, dict) else None
    event = event if isinstance(event, dict) else {}
    check_written(events.user_text(event, IDENTITY))
    if edited := events.edited_text(event, IDENTITY):
        check_written(edited.now)
    if deleted := events.deleted_text(event, IDENTITY):
        check(asdict(deleted))
    check_message(message(event, IDENTITY.user, IDENTITY.bot))


def read_press(payload: Any) -> None:
    """All that reads an interaction."""
    body = payload if isinstance(payload, dict) else {}
    for press in (presses.button(body, "T1"), presses.sent_modal(body, "T1"), presses.shortcut(body, "T1")):
        check_press(press)
    check_press(presses.command(body, "T1"))
    check(asdict(presses.modal(body)))
    check(presses.written(body, "reason"))


@MODULE
@pytest.mark.parametrize("kind", ["events_api", "interactive", "slash_commands"])
async def test_s15_broken_in_any_place_a_payload_is_read(samples: list[Envelope], kind: Kind) -> None:
    reads = read_event if kind == "events_api" else read_press
    assert len({envelope.type for envelope in samples}) >= 11
    for envelope in samples:
        if envelope.kind == kind:
            for payload in each_broken(envelope.payload):
                reads(payload)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "text", "elements", "files", "blocks", "rows", "id", "ts", "user", "message", "event"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(json_values)
def test_s15_any_json_is_read(value: Any) -> None:
    read_event(value)
    read_press(value)
    read_event(
        {"event": {"type": "message", "ts": "1.0", "user": "U1", "channel": "C1", "files": value, "blocks": value}}
    )
    read_press({"view": value, "actions": value, "message": value, "container": value, "user": value})
    if isinstance(value, dict):
        check_file(shared_file(value))


FILE = {"id": "F1", "name": "sales.csv", "size": 10, "created": 1_795_341_600, "mode": "hosted"}


@pytest.mark.parametrize(
    ("raw", "size", "created"),
    [
        ({"size": "10", "created": "1795341600"}, 10, 1_795_341_600),
        ({"size": "many", "created": None}, 0, 0),
        ({"size": -5, "created": -1}, 0, 0),
        ({"size": float("nan"), "created": float("inf")}, 0, 0),
        ({"size": 10**30, "created": 10**15}, 0, 0),
        ({"size": [10], "created": {}}, 0, 0),
        ({"size": True, "created": 1.5}, 0, 1),
    ],
)
def test_s15_numbers_that_are_none_are_none(raw: Json, size: int, created: int) -> None:
    file = shared_file(FILE | raw)
    assert (file.id, file.size, file.created) == ("F1", size, created)


def test_s15_what_can_be_read_is_used_and_the_rest_is_left_out() -> None:
    cell = {"type": "raw_text", "text": "a"}
    event = {
        "type": "message",
        "channel": "C1",
        "user": "U1",
        "ts": 1795341600.000100,
        "text": f"<@{IDENTITY.user}> 5 \ud83d \ud83d\ude00 \0",
        "files": [None, "F2", [FILE], {"id": None}, {"id": {"id": "F3"}}, FILE],
        "attachments": [
            None,
            5,
            {"blocks": None},
            {"blocks": [None, {"type": "table", "rows": [[cell, None, cell], None]}]},
        ],
        "blocks": [None, "x", {"type": {}}, {"type": "rich_text", "elements": [None, {"type": None, "elements": 5}]}],
        "thread_ts": {"ts": "1.0"},
        "channel_type": None,
    }
    found = events.user_text(event, IDENTITY)
    assert found
    assert (found.ts, found.thread, found.user, found.mentions_bot) == ("1795341600.000100", "", "U1", True)
    assert [file.id for file in found.files] == ["F1"]
    assert found.text == f"<@{IDENTITY.user}> 5 \ufffd \U0001f600 \n```csv\na,,a\n```"


@pytest.mark.parametrize("key", ["ts", "user", "channel"])
@pytest.mark.parametrize("value", [None, "", "x y", {}, ["C1"], "C1:1", "1.0.0", "9" * 40])
def test_s15_without_a_place_a_time_and_a_person_there_is_no_question(key: str, value: Any) -> None:
    event = {"type": "message", "channel": "C1", "user": "U1", "ts": "1795341600.000100", "text": "x"}
    assert events.user_text(event | {key: value}, IDENTITY) is None


async def test_s15_lists_in_lists_are_read_as_deep_as_people_write_them() -> None:
    assert "deep" in str(message_text({"blocks": nested_lists(8)}))
    assert str(message_text({"blocks": nested_lists(200)})) != ""


@pytest.mark.parametrize(
    "codes", ["d83d", "0", "1f44d-d83d", "3c", "26-3c-40", "110000", "-1", "x" * 100_000, "f" * 99]
)
def test_s15_an_emoji_brings_nothing_but_characters_that_can_be_shown(codes: str) -> None:
    emoji = {"type": "emoji", "name": "tada", "unicode": codes}
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [emoji]}]}]
    shown = str(message_text({"blocks": blocks}))
    assert shown == whole(shown)
    assert not set(shown) & set("<>\0")
    assert 1 <= len(shown) <= 20


# ── taken ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def acked(world: Inside, payloads: Sequence[tuple[Kind, Any]]) -> list[Any]:
    """Send payloads in small heaps; those that were not acked."""
    lost: list[Any] = []
    for begin in range(0, len(payloads), 50):
        heap = payloads[begin : begin + 50]
        sent = await asyncio.gather(*(world.slack.human.inject(body, kind=kind) for kind, body in heap))
        lost += [envelope.payload for envelope in sent if not envelope.acked]
    return lost


@MODULE
async def test_s15_broken_payloads_are_acked_and_nothing_breaks(
    world: Inside, samples: list[Envelope], caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(15)
    sent = [(envelope.kind, broken(envelope.payload, dice)) for envelope in samples for _ in range(25)]
    assert await acked(world, sent) == []
    assert "welcome" in await world.answer("[[say welcome]]", channel=world.new_channel())
    assert [record.exc_text for record in caplog.records if record.exc_info] == []


@MODULE
async def test_s15_a_question_with_broken_parts_is_answered(world: Inside) -> None:
    channel, slack = world.new_channel(), world.slack
    ts = await slack.human.post(channel, "what a mess")
    event: Json = {
        "type": "message",
        "channel": channel,
        "user": BOB,
        "ts": ts,
        "text": f"{MENTION} [[say fine]] \ud83d",
    }
    event |= {
        "files": [None, {"id": 5}],
        "blocks": [None],
        "attachments": [{"blocks": [{"type": "table", "rows": [None]}]}],
    }
    assert (await slack.human.inject_event(event, changes={"authorizations": [None], "team_id": {}})).acked
    assert "fine" in await world.says(channel, ts, "fine")


@MODULE
@pytest.mark.parametrize("payload", JUNK, ids=lambda junk: str(junk)[:12])
async def test_s15_a_payload_may_be_anything(world: Inside, payload: Any) -> None:
    kinds: tuple[Kind, ...] = ("events_api", "interactive", "slash_commands")
    typed = [
        {"type": kind, "event": payload}
        for kind in ("event_callback", "block_actions", "view_submission", "message_action")
    ]
    assert (
        await acked(world, [(kind, body) for kind in kinds for body in (payload, *typed, {"command": payload})]) == []
    )


@MODULE
async def test_s15_frames_that_cannot_be_read_are_acked_if_they_have_an_id(
    world: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    human, seen = world.slack.human, list[str]()
    monkeypatch.setattr(world.slack._outbox, "acknowledge", lambda envelope_id, _: seen.append(envelope_id))
    for rubbish in ("", "x", "[]", "{", "null", '{"type": 1}', "{" * 5000, "9" * 5000):
        await human.inject_frame(rubbish)
    for name, payload in (("deep", "[" * 5000 + "]" * 5000), ("long", "9" * 5000), ("cut", '{"a":')):
        await human.inject_frame(f'{{"envelope_id": "{name}", "type": "events_api", "payload": {payload}}}')
        await world.until(lambda name=name: name in seen)  # type: ignore[misc]
    monkeypatch.undo()
    assert "still there" in await world.answer("[[say still there]]", channel=world.new_channel())


# ── not known ───────────────────────────────────────────────────────────────────────────────────────────────────────

UNKNOWN_EVENTS = (Path(__file__).parent / "event_types.txt").read_text().split()
"""Most of https://docs.slack.dev/reference/events, but for those that we take."""

UNKNOWN_INTERACTIONS: list[tuple[Kind, Json]] = [
    ("interactive", {"type": "view_closed", "view": {"id": "V1", "callback_id": FEEDBACK_REASON}, "is_cleared": False}),
    ("interactive", {"type": "view_submission", "view": {"id": "V1", "callback_id": "a_view_of_another_version"}}),
    ("interactive", {"type": "block_suggestion", "action_id": "x", "block_id": "y", "value": "z"}),
    ("interactive", {"type": "message_action", "callback_id": "another_shortcut", "message": {"ts": "1.0"}}),
    ("interactive", {"type": "shortcut", "callback_id": "global_one"}),
    ("interactive", {"type": "interactive_message", "callback_id": "legacy", "actions": [{"name": "x"}]}),
    ("interactive", {"type": "dialog_submission", "callback_id": "legacy", "submission": {}}),
    ("interactive", {"type": "workflow_step_edit", "callback_id": "step", "workflow_step": {}}),
    ("interactive", {"type": "an_interaction_of_tomorrow"}),
    ("slash_commands", {"command": "/another", "user_id": BOB, "channel_id": SALES, "text": "x"}),
    ("events_api", {"type": "app_rate_limited", "minute_rate_limited": 1_795_341_600}),
]


@MODULE
async def test_s16_what_we_do_not_know_is_acked_with_one_line_at_debug(
    world: Inside, caplog: pytest.LogCaptureFixture
) -> None:
    assert len(UNKNOWN_EVENTS) > 75
    assert not set(UNKNOWN_EVENTS) & taken("event")
    caplog.set_level(logging.DEBUG, "handlers")
    events = [("events_api", {"type": "event_callback", "event": {"type": name}}) for name in UNKNOWN_EVENTS]
    unknown: list[tuple[Kind, Json]] = [*events, *UNKNOWN_INTERACTIONS]  # type: ignore[list-item]
    assert await acked(world, unknown) == []
    lines = [record for record in caplog.records if record.name.startswith("handlers")]
    assert {record.levelname for record in lines} == {"DEBUG"}
    assert len(lines) == len(unknown)


@MODULE
async def test_s16_unknown_buttons_do_nothing(world: Inside, caplog: pytest.LogCaptureFixture) -> None:
    calls = len(world.slack.calls)
    assert (
        await world.slack.human.forge_press("a_button_of_another_version", "x", channel=SALES, message_ts="1.0")
    ).acked
    assert len(world.slack.calls) == calls
    warned = [record.name for record in caplog.records if record.levelno >= logging.WARNING]
    assert [name for name in warned if name != "replies.private"] == [], "others' presses may still be replied to"
