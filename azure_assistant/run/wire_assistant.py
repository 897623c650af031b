# ruff: noqa: D102 - ``Assistant`` says what its methods do
"""A backend as a whole: what both wires do for the ``Assistant`` interface."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import aclosing
from typing import BinaryIO, ClassVar, Generic, TypeVar
from uuid import uuid4
from weakref import WeakValueDictionary

from azure_assistant.assistant import AssistantFile, CallOutput, Json, Prompt, Thread
from azure_assistant.calls import Answered
from azure_assistant.errors import AssistantError, FileGone
from azure_assistant.events import RunEvent
from azure_assistant.run.files import Traffic, Uploads
from azure_assistant.run.outcome import RunOutcome
from azure_assistant.run.run_loop import RunLoop
from azure_assistant.run.state import ThreadState
from azure_assistant.transport.api import ServiceApi, all_done
from azure_assistant.transport.client import Connection

State = TypeVar("State", bound=ThreadState)
log = logging.getLogger(__name__)


class WireAssistant(ABC, Generic[State]):
    """An ``Assistant``, but for what its wire does in a way of its own."""

    most_files: ClassVar[int | None] = None
    """How many files a thread takes; None where there is no limit."""

    def __init__(self, api: ServiceApi, connection: Connection) -> None:
        self._connection = connection
        self._uploads = Uploads(api)
        self._traffic = WeakValueDictionary[str, Traffic]()

    @abstractmethod
    def state_of(self, thread: Thread) -> State:
        """The thread's state, with names."""

    @abstractmethod
    def new_run(self, state: State, prompt: Prompt, answered: Answered | None = None) -> RunLoop:
        """A question that was not asked yet, or one that goes on after calls."""

    @abstractmethod
    def new_outcome(self, state: State) -> RunOutcome:
        """The outcome of a run that was begun elsewhere."""

    @abstractmethod
    async def open(self, state: State) -> None:
        """Let the service know of the thread, if it does not yet."""

    @abstractmethod
    async def take_out(self, state: State, file_id: str) -> None:
        """Take a file out of the thread's sandbox, if it is there."""

    @abstractmethod
    def content(self, ref: Mapping[str, Json]) -> AsyncGenerator[bytes, None]:
        """The bytes of an artifact, in chunks. Raises ``AssistantError``."""

    @abstractmethod
    def deletions(self, state: State) -> Sequence[Awaitable[None]]:
        """What has to be done to remove the thread, its files apart. What is gone already is fine."""

    async def create_thread(self, metadata: Mapping[str, str]) -> Thread:
        return Thread(f"thread_{uuid4().hex}", {"metadata": dict(metadata)})

    async def open_thread(self, thread: Thread) -> None:
        await self.open(self.state_of(thread))

    async def open_sandbox(self, thread: Thread, size: int) -> None:
        log.debug("Thread %s: the service makes the sandbox, for %d bytes", thread.id, size)

    async def fill_sandbox(self, thread: Thread, files: Sequence[str], *, font: bool = False) -> None:
        log.debug("Thread %s: %d files come with the question (font: %s)", thread.id, len(files), font)

    async def discard_sandbox(self, thread: Thread) -> None:
        log.debug("Thread %s: the service ends the sandbox", thread.id)

    async def add_file(self, thread: Thread, name: str, stream: BinaryIO, size: int) -> AssistantFile:
        known = self.state_of(thread).files
        traffic = self._traffic_of(thread)
        async with traffic.admit(known, self.most_files, name) as choose:
            made = await self._uploads.upload(name, stream, size, choose)
            known[made.id] = {"name": made.name, "size": size}
        return made

    async def remove_file(self, thread: Thread, file_id: str) -> None:
        state = self.state_of(thread)
        state.files.pop(file_id, None)
        traffic = self._traffic_of(thread)
        async with traffic.out:
            await self.take_out(state, file_id)
        await self._uploads.delete(file_id)

    def _traffic_of(self, thread: Thread) -> Traffic:
        """The same for all that goes on in a thread; it is gone when nobody holds it any more."""
        return self._traffic.setdefault(thread.id, Traffic())

    def run(self, thread: Thread, prompt: Prompt) -> AsyncGenerator[RunEvent, None]:
        return self.new_run(self.state_of(thread), prompt).events()

    def resume(self, thread: Thread, run_id: str) -> AsyncGenerator[RunEvent, None]:
        return self.new_outcome(self.state_of(thread)).resume(run_id)

    def go_on(
        self, thread: Thread, prompt: Prompt, run_id: str, outputs: Sequence[CallOutput]
    ) -> AsyncGenerator[RunEvent, None]:
        return self.new_run(self.state_of(thread), prompt, Answered(run_id, outputs)).events()

    async def close_calls(self, thread: Thread, run_id: str, outputs: Sequence[CallOutput]) -> None:
        state = self.state_of(thread)
        try:
            await self.new_outcome(state).close(Answered(run_id, outputs).complete(state.waiting))
        except AssistantError as error:
            log.warning("Calls of run %s of thread %s: %s", run_id, thread.id, error)

    async def cancel(self, thread: Thread, run_id: str) -> None:
        try:
            await self.new_outcome(self.state_of(thread)).cancel(run_id)
        except AssistantError as error:
            log.warning("Run %s of thread %s: %s", run_id, thread.id, error)

    async def read_file(self, ref: Mapping[str, Json]) -> AsyncGenerator[bytes, None]:
        try:
            async with aclosing(self.content(ref)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except AssistantError as error:
            raise FileGone(error.detail, name=ref.get("name", "")) from error

    async def without_names(self, thread: Thread) -> Thread:
        return Thread(thread.id, self.state_of(thread).ids())

    async def delete_thread(self, thread: Thread) -> None:
        state = self.state_of(thread)
        await all_done(*self.deletions(state), *(self._uploads.delete(file_id) for file_id in state.files))
        thread.state.clear()

    async def close(self) -> None:
        await self._connection.close()
