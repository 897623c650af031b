# ruff: noqa: D102 - ``WireAssistant`` says what these methods do
"""The backend as a whole: the ``Assistant`` interface over the Responses API."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence

from azure_assistant.assistant import Json, Prompt, Thread
from azure_assistant.calls import Answered
from azure_assistant.responses.container import Containers
from azure_assistant.responses.content import artifact_bytes
from azure_assistant.responses.outcome import ResponsesOutcome, ResponsesService
from azure_assistant.responses.run import ResponsesRun
from azure_assistant.responses.state import ResponsesState
from azure_assistant.responses.thread import ResponsesThreads
from azure_assistant.run.fonts import ChartKit
from azure_assistant.run.wire_assistant import WireAssistant
from azure_assistant.transport.api import ServiceApi
from azure_assistant.transport.client import Connection


class ResponsesAssistant(WireAssistant[ResponsesState]):
    """An ``Assistant``: conversation = thread, response = run, Code Interpreter container = sandbox.

    Files reach the container when a question needs them.
    """

    def __init__(self, api: ServiceApi, connection: Connection) -> None:
        super().__init__(api, connection)
        self._http = connection.http
        self._service = ResponsesService(api, ResponsesThreads(api), Containers(api, ChartKit(api)))

    def state_of(self, thread: Thread) -> ResponsesState:
        return ResponsesState(thread)

    def new_run(self, state: ResponsesState, prompt: Prompt, answered: Answered | None = None) -> ResponsesRun:
        return ResponsesRun(self._service, state, prompt, answered)

    def new_outcome(self, state: ResponsesState) -> ResponsesOutcome:
        return ResponsesOutcome(self._service, state)

    async def open(self, state: ResponsesState) -> None:
        await self._service.threads.open(state)

    async def open_sandbox(self, thread: Thread, size: int) -> None:
        await self._service.containers.open(self.state_of(thread), size)

    async def fill_sandbox(self, thread: Thread, files: Sequence[str], *, font: bool = False) -> None:
        state = self.state_of(thread)
        if state.has_sandbox:
            await self._service.containers.fill(state, files, font=font)

    async def discard_sandbox(self, thread: Thread) -> None:
        await self._service.containers.discard(self.state_of(thread))

    async def take_out(self, state: ResponsesState, file_id: str) -> None:
        await self._service.containers.remove_file(state, file_id)

    def content(self, ref: Mapping[str, Json]) -> AsyncGenerator[bytes, None]:
        return artifact_bytes(self._service.api, self._http, ref)

    def deletions(self, state: ResponsesState) -> Sequence[Awaitable[None]]:
        return [self._service.containers.delete(state), self._service.threads.delete(state)]
