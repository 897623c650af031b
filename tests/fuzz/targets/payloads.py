"""Events, presses, submissions, shortcuts and commands, whatever their JSON holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from handlers import Context, Envelopes
from handlers.events import addressed
from slack_api.identity import Identity
from tests.fuzz.cost import assert_linear
from tests.fuzz.source import Source
from tests.fuzz.targets.messages import broken
from tests.hostile.mutate import paths
from tests.hostile.payloads import BOT, BOT_ID, MESSAGES, PAYLOADS, TEAM
from tests.support.handlers import bare_envelopes, handler_names
from workplace import events, presses

SAMPLES = tuple(PAYLOADS.values())
IDENTITY = Identity(TEAM, BOT, BOT_ID)
PLAIN = MESSAGES["plain"]
TELLING = ("type", "subtype", "user", "ts", "text", "channel", "thread_ts")
"""Members that decide what a person's message is."""


def seeds() -> Iterable[bytes]:
    """Each payload, as it is and broken."""
    return [bytes((place, *more)) for place in range(len(SAMPLES)) for more in (b"", b"\1\0\5\2", b"\2\0\7\1\0\3\4")]


def one(data: bytes) -> None:
    """What can be read is; nothing is raised; every envelope is taken, so that it is acked."""
    body = broken(Source(data), SAMPLES)
    event = body.get("event") if isinstance(body, Mapping) else None
    if isinstance(event, Mapping):
        read_event(event)
    if isinstance(body, Mapping):
        read_interaction(body)
    _at_once(_taking().record(body))


def read_event(event: Mapping[str, Any]) -> None:
    """Read it as the handlers do; a person's message whose telling members are whole is always one."""
    written = events.user_text(event, IDENTITY)
    for found in (written, events.edited_text(event, IDENTITY), events.deleted_text(event, IDENTITY)):
        check(found)
    if all(event.get(name) == PLAIN.get(name) for name in TELLING) and not (
        event.get("hidden") or event.get("edited") or event.get("bot_id")
    ):
        assert written is not None
        assert written.mentions_bot
        assert addressed(written, BOT).text.startswith("total?")
    if written is not None:
        check(addressed(written, BOT))
        assert_linear(lambda grown: events.strip_mention(grown, BOT), written.text)
        assert_linear(events.command, written.text)


def read_interaction(body: Mapping[str, Any]) -> None:
    """Read it as whatever it may be."""
    for read in (presses.button, presses.sent_modal, presses.shortcut, presses.command):
        check(read(body, TEAM))
    check(presses.modal(body))
    assert presses.written(body, "name").encode() is not None


def check(found: Any) -> None:
    """Texts are texts that a database can hold, down to the last member."""
    if isinstance(found, str):
        found.encode()
        assert "\0" not in found
    elif is_dataclass(found):
        for member in fields(found):
            check(getattr(found, member.name))
    elif isinstance(found, list | tuple):
        for member in found:
            check(member)
    else:
        assert found is None or isinstance(found, int)


def _taking() -> Envelopes:
    envelopes = bare_envelopes()

    async def record(payload: Mapping[str, Any], _: Context) -> None:
        list(paths(payload))

    for kind, name in handler_names():
        envelopes.on(kind, name, record=record)
    return envelopes


def _at_once(work: Any) -> None:
    """Run a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits")
