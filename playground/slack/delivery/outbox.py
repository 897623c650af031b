"""Delivering envelopes: three tries more for an event without acknowledgement, one try for an interaction."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine
from typing import Any, Protocol

from playground.slack.delivery.faults import Faults
from playground.slack.state.ledger import Attempt, Envelope
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace


class Transport(Protocol):
    """Carries one delivery to the app."""

    async def send(self, envelope: Envelope, attempt: Attempt) -> str:
        """Hand it over. Returns why that failed, or ""."""
        ...


class Outbox:
    """Every envelope of the app, from its making to its acknowledgement or loss."""

    def __init__(self, workspace: Workspace, faults: Faults) -> None:
        self._workspace = workspace
        self._faults = faults
        self._tasks: set[asyncio.Task[None]] = set()
        self._acks: dict[str, tuple[Envelope, Attempt]] = {}
        self._settled: dict[int, asyncio.Event] = {}
        self._retry_now = asyncio.Event()
        self.transport: Transport | None = None

    def put_event(self, payload: Json) -> None:
        """Deliver an event, in the background, with Slack's repetitions."""
        envelope = self._enter(Envelope("events_api", payload, False, self._workspace.clock.now()))
        self._spawn(self._deliver(envelope))
        if self._faults.take_duplicate():
            self._spawn(self._attempt(envelope, 0, ""))

    async def ask(self, envelope: Envelope) -> Envelope:
        """Deliver an interaction and wait for its acknowledgement, at most ``ack_timeout``."""
        self._enter(envelope)
        await self._attempt(envelope, 0, "")
        self._end(envelope)
        return envelope

    def acknowledge(self, envelope_id: str, response: Json | None) -> None:
        """Take an acknowledgement; unknown ids are ignored, late ones count."""
        if envelope_id not in self._acks or self._faults.take_dropped_ack():
            return
        envelope, attempt = self._acks.pop(envelope_id)
        attempt.acked = self._workspace.clock.now()
        envelope.response = response or envelope.response
        envelope.state = "acked"
        settled = self._settled.get(id(envelope))
        if settled is not None:
            settled.set()
        self._workspace.changes.notify()

    def retry_now(self) -> None:
        """Repeat every unacknowledged event at once."""
        self._retry_now.set()
        self._retry_now = asyncio.Event()

    def redeliver(self, event_id: str | None = None, *, reason: str = "timeout") -> int:
        """Send events again although they were acknowledged: one, or all. Returns how many."""
        chosen = [
            envelope
            for envelope in self._workspace.ledger.envelopes
            if envelope.kind == "events_api" and event_id in {None, envelope.event_id}
        ]
        for envelope in chosen:
            self._spawn(self._attempt(envelope, max(1, len(envelope.attempts)), reason))
        return len(chosen)

    async def close(self) -> None:
        """Stop delivering."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _enter(self, envelope: Envelope) -> Envelope:
        self._workspace.ledger.envelopes.append(envelope)
        self._settled[id(envelope)] = asyncio.Event()
        return envelope

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, envelope: Envelope) -> None:
        reason, hurry = "", self._retry_now
        options = self._workspace.options
        for number, pause in enumerate((0.0, *options.retry_delays)):
            if number and not hurry.is_set():
                await self._until(hurry, options.seconds(pause))
            hurry = self._retry_now
            reason = await self._try(envelope, number, reason)
            if envelope.acked or reason == "no_retry":
                break
        self._end(envelope)

    async def _attempt(self, envelope: Envelope, number: int, reason: str) -> None:
        await self._try(envelope, number, reason)

    async def _try(self, envelope: Envelope, number: int, reason: str) -> str:
        await self._faults.arrange()
        attempt = Attempt(str(uuid.uuid4()), number, reason, self._workspace.clock.now())
        envelope.attempts.append(attempt)
        self._acks[attempt.envelope_id] = (envelope, attempt)
        assert self.transport is not None
        failure = await self.transport.send(envelope, attempt)
        self._workspace.changes.notify()
        if failure not in {"", "timeout"}:
            return failure
        settled = self._settled.get(id(envelope))
        if settled is None or envelope.acked:
            return ""
        await self._until(settled, self._workspace.options.patience(self._workspace.options.ack_timeout))
        return "" if envelope.acked else "timeout"

    async def _until(self, event: asyncio.Event, seconds: float) -> None:
        """Wait for an event, or for ``retry_now``, or for some time."""
        waits = {asyncio.ensure_future(event.wait()), asyncio.ensure_future(self._retry_now.wait())}
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _end(self, envelope: Envelope) -> None:
        self._settled.pop(id(envelope), None)
        if envelope.acked:
            for attempt in envelope.attempts:
                self._acks.pop(attempt.envelope_id, None)
        else:
            envelope.state = "dropped"
        self._workspace.changes.notify()
