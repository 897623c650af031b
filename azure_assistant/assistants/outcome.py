# ruff: noqa: D102 - ``RunOutcome`` says what these methods do
"""A run of the service up to its outcome: its steps and messages, what it made, how it is ended."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from azure_assistant.assistants.artifacts import collect
from azure_assistant.assistants.definition import Definitions
from azure_assistant.assistants.state import AssistantsState
from azure_assistant.assistants.stream import AssistantsReader
from azure_assistant.assistants.thread import AssistantsThreads
from azure_assistant.calls import Answered
from azure_assistant.errors import AssistantError
from azure_assistant.events import CallsMade, FunctionCall, RunEvent, Usage
from azure_assistant.run.artifacts import Findings
from azure_assistant.run.fonts import ChartKit
from azure_assistant.run.outcome import PATIENCE, RunOutcome
from azure_assistant.transport.api import PAGE, ServiceApi
from azure_assistant.transport.wire_json import WireObject, count, each, number, text, thing
from untrusted.off_loop import aside

log = logging.getLogger(__name__)


@dataclass
class AssistantsService:
    """What all runs share."""

    api: ServiceApi
    threads: AssistantsThreads
    definitions: Definitions
    charts: ChartKit


class AssistantsOutcome(RunOutcome):
    """One run, begun here or elsewhere, up to its outcome."""

    can_cancel = True
    state: AssistantsState
    reader: AssistantsReader

    def __init__(self, service: AssistantsService, state: AssistantsState, first_code: int = 0) -> None:
        super().__init__(service.api, state, AssistantsReader(first_code, state.told))
        self._threads = service.threads

    async def retrieve(self, run_id: str) -> WireObject:
        return await self.api.get("threads", self.state.thread, "runs", run_id)

    async def catch_up(self, run: WireObject) -> Iterator[RunEvent]:
        thread, run_id = self.state.thread, text(run.id)
        steps = await self.api.get("threads", thread, "runs", run_id, "steps", limit=PAGE, order="asc")
        messages = await self.api.get("threads", thread, "messages", run_id=run_id, limit=PAGE, order="asc")
        return self.reader.catch_up(run, each(steps.data), each(messages.data))

    async def close(self, answered: Answered) -> None:
        """See ``RunOutcome``. The run is cancelled: with outputs it would go on."""
        await self.cancel(answered.run)
        self.state.close(answered.run)

    async def release(self) -> None:
        await self.cancel(self.state.waiting.run)
        self.state.forget_calls()

    def pause(self, calls: Sequence[FunctionCall], findings: Findings, minutes: float) -> CallsMade:
        self.state.tell(self.reader.heard)
        return super().pause(calls, findings, minutes)

    async def drop_unanswered(self) -> None:
        await self._threads.drop_unanswered(self.state)

    async def findings(self) -> Findings:
        evidence = self.reader.evidence(self.state.uploads())
        return await aside(evidence.length, collect, evidence)

    async def cancel(self, run_id: str, patience: float = PATIENCE) -> None:
        try:
            await self.api.post("threads", self.state.thread, "runs", run_id, "cancel", body={})
        except AssistantError as error:
            log.info("Run %s cannot be cancelled: %s", run_id, error.detail)
        await super().cancel(run_id, patience)

    def usage(self, minutes: float, *, begun: bool = True) -> Usage:
        usage = thing(thing(self.reader.final).usage)
        return Usage(count(usage.prompt_tokens), 0, count(usage.completion_tokens), minutes)

    def minutes(self) -> float:
        run = thing(self.reader.final)
        begun, ended = number(run.started_at), number(run.completed_at)
        return max(0.0, ended - begun) / 60 if begun and ended else 0.0
