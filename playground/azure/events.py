"""The events of one run: written by the run, read by whoever listens, kept apart so that either may go first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from playground.azure.changes import Changes
from playground.azure.faults import Fault


class RunEnd(BaseException):
    """A run ends otherwise than with an answer. Not an ``Exception``, so that no model can swallow it.

    Args:
        outcome: The status that it gets.
        message: The error's message.
        code: The error's code.
        reason: Of an incomplete one: why.
        form: How a stream tells an error before its last event: nested, flat, Azure's own form, or not at all.
    """

    def __init__(
        self,
        outcome: Literal["failed", "incomplete", "expired", "requires_action"],
        message: str = "",
        *,
        code: str = "server_error",
        reason: str = "",
        form: Literal["nested", "flat", "azure"] | None = None,
    ) -> None:
        super().__init__(message or outcome)
        self.outcome = outcome
        self.message = message or "The server had an error while processing your request. Sorry about that!"
        self.code = code
        self.reason = reason
        self.form = form


def _end_by(fault: Fault) -> RunEnd | None:
    options = fault.options
    message, code = options.get("message", ""), options.get("code", "server_error")
    ends = {
        "run_failed": RunEnd("failed", message, code=code),
        "run_incomplete": RunEnd("incomplete", reason=options.get("reason", "max_output_tokens")),
        "content_filter_output": RunEnd("incomplete", reason="content_filter"),
        "run_expired": RunEnd("expired"),
        "run_requires_action": RunEnd("requires_action"),
        "stream_error_nested": RunEnd("failed", message, code=code, form="nested"),
        "stream_error_flat": RunEnd("failed", message, code=code, form="flat"),
        "stream_error_azure": RunEnd("failed", message, code=code, form="azure"),
    }
    return ends.get(fault.name)


# Made once: ``json.dumps`` with options makes a slow one for every call.
_ENCODER = json.JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True)
class Event:
    """A server-sent event. Without a name only its data goes out."""

    name: str | None
    data: Any

    def encode(self) -> bytes:
        """As it goes over the wire."""
        data = self.data if isinstance(self.data, str) else _ENCODER.encode(self.data)
        return (f"event: {self.name}\n" if self.name else "").encode() + f"data: {data}\n\n".encode()


class EventLog:
    """All events of a run.

    Args:
        faults: Faults of the run; they strike when ``after`` events were written.
        earliest: Number of events that come before any fault that ends the run.
    """

    def __init__(self, faults: Sequence[Fault], earliest: int = 0) -> None:
        self.events: list[Event] = []
        self.closed = False
        self._faults = [fault for fault in faults if fault.name == "hold" or _end_by(fault)]
        self._earliest = earliest
        self._changes = Changes()

    async def emit(self, event: Event) -> None:
        """Write an event.

        Raises:
            RunEnd: A fault ends the run here.
        """
        await self.strike()
        self.events.append(event)
        self._changes.notify()
        # A model that never waits must not be done before its listener has heard the first word.
        await asyncio.sleep(0)

    async def strike(self) -> None:
        """Let the faults that are due before the next event do their work.

        Raises:
            RunEnd: One of them ends the run.
        """
        for fault in [fault for fault in self._faults if fault.after <= len(self.events)]:
            end = _end_by(fault)
            if end is not None and len(self.events) < self._earliest:
                continue
            self._faults.remove(fault)
            if end is not None:
                raise end
            await fault.gate.wait()

    def close(self) -> None:
        """No more events will come."""
        self.closed = True
        self._changes.notify()

    def settle(self) -> None:
        """No fault strikes any more."""
        self._faults.clear()

    async def follow(self, start: int = 0) -> AsyncIterator[Event]:
        """The events from a position on, those to come included."""
        while True:
            while start < len(self.events):
                yield self.events[start]
                start += 1
            if self.closed:
                return
            await self._changes.next()


class Dropped(Exception):
    """The connection was cut by a fault."""


async def stream(request: web.Request, events: AsyncIterator[Event], faults: Sequence[Fault]) -> web.StreamResponse:
    """Send events as they come, with what faults do to the listener."""
    answer = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}
    )
    await answer.prepare(request)
    sent = 0
    try:
        await _strike(request, answer, faults, sent)
        async for event in events:
            await answer.write(event.encode())
            sent += 1
            await _strike(request, answer, faults, sent)
    except _End:
        pass
    await answer.write_eof()
    return answer


class _End(Exception):
    pass


async def _strike(request: web.Request, answer: web.StreamResponse, faults: Sequence[Fault], sent: int) -> None:
    for fault in faults:
        if fault.name == "keepalive" and sent >= fault.after:
            keepalive = {"type": "keepalive", "sequence_number": sent}
            await answer.write(Event("keepalive", keepalive).encode())
        if fault.after != sent:
            continue
        if fault.name == "comment":
            await answer.write(b": still here\n\n")
        elif fault.name == "bad_json":
            await answer.write(b'event: response.output_text.delta\ndata: {"type":"response.outp\n\n')
        elif fault.name == "kill":
            await fault.call()
        elif fault.name == "silent_eof":
            raise _End
        elif fault.name == "drop_socket":
            if request.transport is not None:
                request.transport.abort()
            raise Dropped
