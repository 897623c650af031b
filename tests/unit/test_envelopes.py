"""What is recorded is on disk before the ack; what is shown comes after it, by Bolt."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from handlers import Context
from handlers.envelopes import Handler
from tests.support.handlers import bare_envelopes, handler_names, taken
from untrusted.payload import Json


class Calls:
    """Handlers that note what they get."""

    def __init__(self) -> None:
        self.made: list[tuple[str, Json]] = []
        self._new = asyncio.Condition()

    def handler(self, name: str) -> Handler:
        async def handle(payload: Json, _: Context) -> None:
            async with self._new:
                self.made.append((name, payload))
                self._new.notify_all()

        return handle

    async def until(self, count: int) -> None:
        """Wait for so many; Bolt's listeners run beside us."""
        async with self._new:
            await asyncio.wait_for(self._new.wait_for(lambda: len(self.made) >= count), 5)


def pressed(*names: str) -> Json:
    return {"type": "block_actions", "actions": [{"action_id": name} for name in names]}


PAYLOADS: dict[str, tuple[str, Json]] = {
    "event": ("message", {"type": "event_callback", "event": {"type": "message", "text": "x"}}),
    "block_actions": ("stop", pressed("stop")),
    "command": ("/do", {"command": "/do", "text": "x"}),
}


@pytest.mark.parametrize("kind", PAYLOADS)
async def test_a_payload_is_recorded_first_and_shown_afterwards(kind: str) -> None:
    name, payload = PAYLOADS[kind]
    app, calls = bare_envelopes(), Calls()
    app.on(kind, name, record=calls.handler("record"), show=calls.handler("show"))
    await app.record(payload)
    assert [call for call, _ in calls.made] == ["record"]
    await app.follow(payload)
    await calls.until(2)
    given = payload["event"] if kind == "event" else payload
    assert calls.made == [("record", given), ("show", given)]


async def test_buttons_of_one_payload_come_one_by_one_without_their_numbers() -> None:
    app, calls = bare_envelopes(), Calls()
    app.action("ask", record=calls.handler("ask"), show=calls.handler("shown"))
    payload = pressed("ask:0", "other", "ask:1")
    await app.record(payload)
    await app.follow(payload)
    await calls.until(4)
    asked = [[{"action_id": name}] for name in ("ask:0", "ask:1")] * 2
    assert [given["actions"] for _, given in calls.made] == asked


@pytest.mark.thorough
async def test_a_failure_to_record_is_told_and_one_to_show_is_not(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_payload: Json, _context: Context) -> None:
        raise OSError("disk full")

    app = bare_envelopes()
    app.command("/do", record=fail, show=fail)
    with pytest.raises(OSError, match="disk full"):
        await app.record({"command": "/do"})
    await app.follow({"command": "/do"})


@pytest.mark.parametrize("payload", [pressed("unknown"), {"type": "event_callback", "event": {"type": "x"}}, None, []])
async def test_what_nobody_takes_is_one_line_at_debug(caplog: pytest.LogCaptureFixture, payload: Any) -> None:
    caplog.set_level(logging.DEBUG, "handlers")
    await bare_envelopes().record(payload)
    await bare_envelopes().follow(payload)
    lines = [record.levelname for record in caplog.records if record.name.startswith("handlers")]
    assert lines == ["DEBUG"]


async def test_what_is_only_shown_is_no_line(caplog: pytest.LogCaptureFixture) -> None:
    app = bare_envelopes()
    app.command("/do", show=Calls().handler("show"))
    caplog.set_level(logging.DEBUG, "handlers")
    caplog.clear()
    await app.record({"command": "/do"})
    assert caplog.records == []


def test_only_what_a_crash_may_undo_is_not_recorded() -> None:
    modals = {"show_code", "code_page_back", "code_page_on"}
    assert {name for _, name in handler_names() - handler_names(recorded=True)} == {"app_home_opened", *modals}
    assert taken("view_submission") | taken("message_action") <= {name for _, name in handler_names(recorded=True)}
