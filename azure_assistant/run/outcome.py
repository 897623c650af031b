"""A run up to its outcome: its stream or the stored run, charts and files, the end of the turn."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterator, Sequence, Set
from contextlib import aclosing
from dataclasses import replace
from typing import ClassVar

from openai import AsyncStream

from azure_assistant.calls import Answered, Waiting
from azure_assistant.context_window import tokens
from azure_assistant.errors import AssistantError, EmptyAnswer, LostError, StreamCut, Unreachable, WebPageAnswered
from azure_assistant.events import (
    CallsMade,
    ChartReady,
    CodeFinished,
    Failed,
    FileReady,
    Finished,
    FunctionCall,
    Gone,
    ReceiptReady,
    RunEvent,
    RunStarted,
    TextDelta,
    Usage,
)
from azure_assistant.run.artifacts import Findings, receipt_artifact, without_receipt
from azure_assistant.run.deadline import Deadline
from azure_assistant.run.reader import LIVE, RunReader
from azure_assistant.run.state import ThreadState
from azure_assistant.transport.api import ServiceApi
from azure_assistant.transport.error_mapping import BROKEN, SDK_ERRORS, from_sdk
from azure_assistant.transport.wire_json import WireObject, as_objects, is_stream, plain_json, text
from receipts.charts import Drawn, without_charts

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds to wait for a run that was begun elsewhere, or for the end of one that was cancelled."""
_FIRST_LOOK = 0.5
_LONGEST_LOOK = 5.0


class RunOutcome(ABC):
    """One run, begun here or elsewhere, up to its outcome."""

    unanswered: ClassVar[Set[str]] = LIVE
    """Statuses in which a stored run has no answer that could be caught up with."""
    can_cancel: ClassVar[bool] = False
    """Whether the service can be told to end a run."""

    def __init__(self, api: ServiceApi, state: ThreadState, reader: RunReader) -> None:
        self.api = api
        self.state = state
        self.reader = reader
        self._produced = 0
        self._ran = False
        self._printed: bytes | None = None
        self._drawn: dict[str, Drawn] = {}

    @abstractmethod
    async def retrieve(self, run_id: str) -> WireObject:
        """The stored run. Raises ``LostError`` when there is none."""

    @abstractmethod
    async def catch_up(self, run: WireObject) -> Iterator[RunEvent]:
        """Everything in a stored run that was not told yet."""

    @abstractmethod
    async def drop_unanswered(self) -> None:
        """Delete the newest question of the thread if no answer follows it, so that it can be asked again."""

    @abstractmethod
    async def close(self, answered: Answered) -> None:
        """Answer the calls of a run of which no more is wanted."""

    @abstractmethod
    async def release(self) -> None:
        """Let the thread take new questions, although a run waits for outputs that do not come."""

    @abstractmethod
    async def findings(self) -> Findings:
        """Charts and files that the run made."""

    @abstractmethod
    def usage(self, minutes: float, *, begun: bool = True) -> Usage:
        """What the run has cost, as far as that is known, with the minutes of a sandbox; asked once, at its end.

        ``begun``: it exists at the service.
        """

    @abstractmethod
    def minutes(self) -> float:
        """How long a run that nobody here has watched kept its sandbox busy."""

    async def follow(
        self, stream: AsyncStream[object], deadline: Deadline, patience: float
    ) -> AsyncGenerator[RunEvent, None]:
        """The events of a run up to its end: of its stream, and of the stored run if the stream breaks off.

        Raises:
            AssistantError: The run failed, or its end could not be known.
        """
        reader, reason = self.reader, "end of stream"
        try:
            async with aclosing(self._told(stream, deadline)) as events:
                async for event in events:
                    yield event
        except BROKEN as raw:
            if not reader.id:
                raise from_sdk(raw) from raw
            reason = type(raw.__cause__ or raw).__name__
        except SDK_ERRORS as raw:
            raise from_sdk(raw, deployment=self.api.config.deployment) from raw
        finally:
            await stream.close()
        if reader.failed is not None:
            raise reader.failed
        if reader.final is None:
            for event in await deadline.keep(self._rest(stream, reason, patience)):
                yield event
        if failure := reader.failure():
            raise failure

    async def cancel(self, run_id: str, patience: float = PATIENCE) -> None:
        """End a run, as far as the wire can; returns when it has ended, or after ``patience`` seconds."""
        found = await self.settled(run_id, patience)
        log.info("Run %s ended as %s", run_id, found.status if found else "gone")

    async def settled(self, run_id: str, patience: float) -> WireObject | None:
        """A stored run once it has ended, as it stands after ``patience`` seconds, or None when there is none."""
        if not run_id:
            return None
        clock = asyncio.get_running_loop().time
        deadline, delay = clock() + patience, _FIRST_LOOK
        while True:
            try:
                found = await self.retrieve(run_id)
            except LostError:
                return None
            if text(found.status) not in LIVE or clock() + delay > deadline:
                return found
            await asyncio.sleep(delay)
            delay = min(delay * 1.5, _LONGEST_LOOK)

    async def resume(self, run_id: str) -> AsyncGenerator[RunEvent, None]:
        """The events of ``Assistant.resume``."""
        try:
            found = await self.settled(run_id, PATIENCE)
            if found is not None and text(found.status) in LIVE and self.can_cancel:
                await self.cancel(run_id)
            if found is None or text(found.status) in self.unanswered:
                await self.drop_unanswered()
                yield Gone()
                return
            for event in self._noted(await self.catch_up(found)):
                yield event
            if failure := self.reader.failure():
                raise failure
            async with aclosing(self.finish((), self.minutes())) as events:
                async for event in events:
                    yield event
        except AssistantError as error:
            yield Failed(error, self.reader.text, self.usage(self.minutes()))

    async def finish(self, notes: Sequence[str], minutes: float) -> AsyncGenerator[RunEvent, None]:
        """Charts, files, and the end of a run that has answered or called. Raises ``EmptyAnswer`` without anything."""
        reader, findings = self.reader, await self.findings()
        calls = reader.calls()
        if not reader.text.strip() and not findings.artifacts and not calls:
            raise EmptyAnswer(f"run {reader.id}")
        for artifact in findings.artifacts:
            drawn = self._drawn.get(artifact.name)
            yield ChartReady(replace(artifact, drawn=drawn)) if artifact.kind == "chart" else FileReady(artifact)
        printed = receipt_artifact({}, self._printed) if self._printed else None
        if receipt := findings.receipt or printed:
            yield ReceiptReady(receipt)
        if calls:
            self.state.remark(notes)
            yield self.pause(calls, findings, minutes)
            return
        self.state.remark([*notes, *(["cut_short"] if reader.cut_short else [])])
        remarks = self.state.remarks()
        self.state.end_turn(reader.id, findings)
        usage = self.usage(minutes)
        self._hold(usage)
        log.info(
            "Run %s: %d artifacts, %d + %d tokens, %d pieces of code",
            reader.id, len(findings.artifacts), usage.input_tokens, usage.output_tokens, reader.codes,
        )  # fmt: skip
        missing = [path.rpartition("/")[2] for path in findings.missing]
        yield Finished(reader.text, usage, missing, remarks)

    def pause(self, calls: Sequence[FunctionCall], findings: Findings, minutes: float) -> CallsMade:
        """Note that the run waits for outputs."""
        log.info("Run %s calls %s", self.reader.id, ", ".join(call.name for call in calls[:8]))
        self.state.pause(Waiting(self.reader.id, [call.id for call in calls]), findings)
        usage = self.usage(minutes)
        self._hold(usage)
        return CallsMade(calls, self.reader.text, usage)

    def _hold(self, usage: Usage) -> None:
        """Count what the thread holds now. Without code the usage tells it; with code it may be a sum, or a part."""
        most = 0 if self._ran else usage.input_tokens + usage.output_tokens
        self.state.hold(self._produced, most=most, compacted=self.reader.compacted)

    async def _rest(self, stream: AsyncStream[object], reason: str, patience: float) -> Iterator[RunEvent]:
        """What a stream that broke off has not told."""
        run_id = self.reader.id
        log.warning("Stream of %s broke off (%s)", run_id or "a run", reason)
        if not run_id:
            raise Unreachable(reason) if is_stream(stream.response) else WebPageAnswered(reason)
        found = await self.settled(run_id, patience)
        if found is None or text(found.status) in self.unanswered:
            raise StreamCut(reason)
        return self._noted(await self.catch_up(found))

    async def _told(self, stream: AsyncStream[object], deadline: Deadline) -> AsyncGenerator[RunEvent, None]:
        whole = await deadline.keep(plain_json(stream.response))
        if whole is not None:
            for meaning in self._noted(self.reader.read_whole(whole)):
                yield meaning
            return
        async with aclosing(deadline.each(aiter(stream))) as events:
            async for event in events:
                for meaning in self._noted(self.reader.read(as_objects(event))):
                    yield meaning
                if self.reader.final is not None:
                    return

    def _noted(self, events: Iterator[RunEvent]) -> Iterator[RunEvent]:
        """The events; the run's id is noted as it passes, and how much was said."""
        for event in events:
            match event:
                case RunStarted(run_id):
                    self.state.begin_run(run_id)
                case TextDelta(delta):
                    self._produced += tokens(delta)
                case CodeFinished(_, code, output):
                    self._produced += tokens(code) + tokens(output)
                    self._ran = True
            yield self._for_people(event)

    def _for_people(self, event: RunEvent) -> RunEvent:
        """The event; a receipt that code has printed is kept for the end, and so is what charts show."""
        if not isinstance(event, CodeFinished):
            return event
        output, printed = without_receipt(event.output)
        self._printed = printed or self._printed
        output, charts = without_charts(output)
        self._drawn |= {drawn.file: drawn for drawn in charts}
        return replace(event, output=output)
