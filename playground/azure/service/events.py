"""The events of one run: written by the run, read by whoever listens, kept apart so that either may go first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from aiohttp import web

from playground.altering import altered
from playground.azure.service.changes import Changes
from playground.azure.service.faults import Fault


class RunEnd(BaseException):
    """A run ends otherwise than with an answer. Not an ``Exception``, so that no model can swallow it.

    Args:
        outcome: The status that it gets.
        message: The error's message.
        code: The error's code; None where the service gives none.
        kind: The error's type, where it is told; the code by default.
        reason: Of an incomplete one: why.
        form: How a stream tells an error before its last event: nested, flat, Azure's own form, not at all, or
            only after it (``last``: ``response.failed`` has no error).
    """

    def __init__(
        self,
        outcome: Literal["failed", "incomplete", "expired", "requires_action"],
        message: str = "",
        *,
        code: str | None = "server_error",
        kind: str | None = None,
        reason: str = "",
        form: Literal["nested", "flat", "azure", "last"] | None = None,
    ) -> None:
        super().__init__(message or outcome)
        self.outcome = outcome
        self.message = message or "The server had an error while processing your request. Sorry about that!"
        self.code = code
        self.kind = kind or code
        self.reason = reason
        self.form = form


def _end_by(fault: Fault) -> RunEnd | None:
    options = fault.options
    message, code, kind = options.get("message", ""), options.get("code", "server_error"), options.get("type")
    ends = {
        "run_failed": RunEnd("failed", message, code=code),
        "run_incomplete": RunEnd("incomplete", reason=options.get("reason", "max_output_tokens")),
        "content_filter_output": RunEnd("incomplete", reason="content_filter"),
        "run_expired": RunEnd("expired"),
        "run_requires_action": RunEnd("requires_action"),
        "stream_error_nested": RunEnd("failed", message, code=code, kind=kind, form="nested"),
        "stream_error_flat": RunEnd("failed", message, code=code, kind=kind, form="flat"),
        "stream_error_azure": RunEnd("failed", message, code=code, kind=kind, form="azure"),
        "stream_error_last": RunEnd("failed", message, code=code, kind=kind, form="last"),
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
        head = f"event: {self.name}\n" if self.name else ""
        data = self.data if isinstance(self.data, str) else _ENCODER.encode(self.data)
        try:
            return f"{head}data: {data}\n\n".encode()
        except UnicodeEncodeError:  # a lone surrogate goes over the wire as an escape only
            return f"{head}data: {json.dumps(self.data)}\n\n".encode()


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
    listener = _Listener(request, answer, faults)
    try:
        await listener.strike()
        async for event in events:
            await listener.send(event)
    except _End:
        pass
    await answer.write_eof()
    return answer


class _End(Exception):
    pass


class _Listener:
    """Who reads a stream, and what faults make of it on the way."""

    def __init__(self, request: web.Request, answer: web.StreamResponse, faults: Sequence[Fault]) -> None:
        self._request = request
        self._answer = answer
        self._faults = faults
        self._sent = 0

    async def send(self, event: Event) -> None:
        """Send one event, changed, halved or twice where a fault says so."""
        for fault in self._of("alter_event"):
            event = _altered(event, fault)
        if any(fault.after == self._sent for fault in self._of("half_event")):
            data = event.encode()
            await self._answer.write(data[: len(data) // 2])
            raise _End
        await self._answer.write(event.encode())
        self._sent += 1
        for fault in self._of("repeat_event"):
            wanted = fault.options.get("event")
            if fault.after == self._sent if wanted is None else fnmatchcase(event.name or "", wanted):
                await self._answer.write(event.encode())
        await self.strike()

    async def strike(self) -> None:
        """Do what is due after so many events."""
        for fault in self._of("keepalive"):
            if self._sent >= fault.after:
                keepalive = {"type": "keepalive", "sequence_number": self._sent}
                await self._answer.write(Event("keepalive", keepalive).encode())
        for fault in self._faults:
            if fault.after == self._sent:
                await self._strike(fault)

    async def _strike(self, fault: Fault) -> None:
        if fault.name == "comment":
            await self._answer.write(b": still here\n\n")
        elif fault.name == "bad_json":
            await self._answer.write(b'event: response.output_text.delta\ndata: {"type":"response.outp\n\n')
        elif fault.name == "extra_event":
            raw = fault.options.get("raw")
            event = Event(fault.options.get("event"), fault.options.get("data"))
            await self._answer.write(event.encode() if raw is None else str(raw).encode())
        elif fault.name == "kill":
            await fault.call()
        elif fault.name == "silent_eof":
            raise _End
        elif fault.name == "drop_socket":
            if self._request.transport is not None:
                self._request.transport.abort()
            raise Dropped

    def _of(self, name: str) -> list[Fault]:
        return [fault for fault in self._faults if fault.name == name]


def _altered(event: Event, fault: Fault) -> Event:
    """The event with values changed by path; one of another name, or without the path, stays as it is."""
    if isinstance(event.data, str) or not fnmatchcase(event.name or "", fault.options.get("event", "*")):
        return event
    try:
        changes, without = fault.options.get("changes", {}), fault.options.get("without", ())
        return Event(event.name, altered(event.data, changes, without))
    except LookupError:
        return event
