# ruff: noqa: D102 - ``WireAssistant`` says what these methods do
"""The backend as a whole: the ``Assistant`` interface over Assistants v2."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence

from azure_assistant.assistant import Json, Prompt, Thread
from azure_assistant.assistants.definition import Definitions
from azure_assistant.assistants.outcome import AssistantsOutcome, AssistantsService
from azure_assistant.assistants.run import AssistantsRun
from azure_assistant.assistants.state import AssistantsState
from azure_assistant.assistants.thread import AssistantsThreads
from azure_assistant.calls import Answered
from azure_assistant.run.fonts import ChartKit
from azure_assistant.run.wire_assistant import WireAssistant
from azure_assistant.transport.api import ServiceApi
from azure_assistant.transport.client import Connection


class AssistantsAssistant(WireAssistant[AssistantsState]):
    """An ``Assistant``: thread = thread, run = run, and the service keeps the sandbox.

    Files reach the thread with the next question.
    """

    most_files = 20
    """Of a thread's Code Interpreter (https://learn.microsoft.com/azure/ai-foundry/openai/quotas-limits)."""

    def __init__(self, api: ServiceApi, connection: Connection) -> None:
        super().__init__(api, connection)
        self._service = AssistantsService(api, AssistantsThreads(api), Definitions(api), ChartKit(api))

    def state_of(self, thread: Thread) -> AssistantsState:
        return AssistantsState(thread)

    def new_run(self, state: AssistantsState, prompt: Prompt, answered: Answered | None = None) -> AssistantsRun:
        return AssistantsRun(self._service, state, prompt, answered)

    def new_outcome(self, state: AssistantsState) -> AssistantsOutcome:
        return AssistantsOutcome(self._service, state)

    async def open(self, state: AssistantsState) -> None:
        await self._service.threads.open(state)

    async def take_out(self, state: AssistantsState, file_id: str) -> None:
        if file_id in state.attached:
            state.attached.remove(file_id)
            await self._service.threads.detach(state, file_id)

    def content(self, ref: Mapping[str, Json]) -> AsyncGenerator[bytes, None]:
        return self._service.api.download("files", ref["file"], "content", name=str(ref.get("name", "")))

    def deletions(self, state: AssistantsState) -> Sequence[Awaitable[None]]:
        return [self._service.threads.delete(state), *(self._uploads.delete(file_id) for file_id in state.made)]
