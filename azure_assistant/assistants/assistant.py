"""The backend as a whole: the ``Assistant`` interface over Assistants v2."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, BinaryIO

from azure_assistant.assistant import AssistantFile, Failed, Gone, Json, Prompt, RunEvent, Thread
from azure_assistant.assistants.definition import Definitions
from azure_assistant.assistants.run import Run, Service, finish, usage_of
from azure_assistant.assistants.state import ThreadState
from azure_assistant.assistants.stream import LIVE, RunReader
from azure_assistant.assistants.thread import Threads
from azure_assistant.config import AssistantConfig
from azure_assistant.errors import AssistantError, FileGone, TooManyFiles
from azure_assistant.run.files import Uploads
from azure_assistant.run.fonts import ChartFont
from azure_assistant.transport.client import Connection
from azure_assistant.transport.download import download
from azure_assistant.transport.optional_parameters import OptionalParameters
from azure_assistant.transport.sending import all_done
from azure_assistant.transport.wire_json import number, text

log = logging.getLogger(__name__)

MOST_FILES = 20
"""Files that a thread's Code Interpreter takes (https://learn.microsoft.com/azure/ai-foundry/openai/quotas-limits)."""
PATIENCE = 60.0


class AssistantsAssistant:
    """An ``Assistant``: thread = thread, run = run, and the service keeps the sandbox."""

    def __init__(self, config: AssistantConfig, connection: Connection) -> None:
        self._config = config
        self._connection = connection
        client = connection.client
        parameters = OptionalParameters()
        self._uploads = Uploads(client, config, parameters)
        self._service = Service(
            client,
            config,
            Threads(client, config, parameters),
            Definitions(client, config),
            ChartFont(client, config),
            parameters,
        )

    async def create_thread(self, metadata: Mapping[str, str]) -> Thread:
        """See ``Assistant``."""
        thread = Thread(await self._service.threads.open(metadata))
        ThreadState(thread).metadata.update(metadata)
        return thread

    async def add_file(self, thread: Thread, name: str, stream: BinaryIO, size: int) -> AssistantFile:
        """See ``Assistant``. The file reaches the thread with the next question."""
        known = ThreadState(thread).files
        if len(known) >= MOST_FILES:
            raise TooManyFiles(limit=MOST_FILES, name=name)
        taken = {entry["name"] for entry in known.values()}
        made = await self._uploads.upload(name, stream, size, taken)
        known[made.id] = {"name": made.name, "size": size}
        return made

    async def remove_file(self, thread: Thread, file_id: str) -> None:
        """See ``Assistant``."""
        state = ThreadState(thread)
        state.files.pop(file_id, None)
        if file_id in state.attached:
            state.attached.remove(file_id)
            await self._service.threads.detach(state.thread, file_id)
        await self._uploads.delete(file_id)

    async def run(self, thread: Thread, prompt: Prompt) -> AsyncGenerator[RunEvent, None]:
        """See ``Assistant``."""
        async with aclosing(Run(self._service, ThreadState(thread), prompt).events()) as events:
            async for event in events:
                yield event

    async def resume(self, thread: Thread, run_id: str) -> AsyncGenerator[RunEvent, None]:
        """See ``Assistant``."""
        state, reader, threads = ThreadState(thread), RunReader(), self._service.threads
        try:
            run = await threads.settled(state.thread, run_id, PATIENCE)
            if run is not None and text(run.status) in LIVE:
                await threads.cancel(state.thread, run_id, PATIENCE)
            if run is None or text(run.status) in LIVE:
                await threads.drop_unanswered(state.thread)
                yield Gone()
                return
            steps, messages = await threads.outcome(state.thread, run_id)
            for event in reader.catch_up(run, steps, messages):
                yield event
            if failure := reader.failure():
                raise failure
            for event in await finish(state, reader, [], _minutes(run)):
                yield event
        except AssistantError as error:
            yield Failed(error, reader.text, usage_of(reader.final, 0.0))

    async def cancel(self, thread: Thread, run_id: str) -> None:
        """See ``Assistant``."""
        try:
            await self._service.threads.cancel(ThreadState(thread).thread, run_id, PATIENCE)
        except AssistantError as error:
            log.warning("run %s of thread %s: %s", run_id, thread.id, error)

    async def read_file(self, ref: Mapping[str, Json]) -> AsyncGenerator[bytes, None]:
        """See ``Assistant``."""
        content = self._service.client.files.with_streaming_response
        opener = download(lambda: content.content(ref["file"]), self._config.retries, str(ref.get("name", "")))
        try:
            async with aclosing(opener) as chunks:
                async for chunk in chunks:
                    yield chunk
        except AssistantError as error:
            raise FileGone(error.detail, name=ref.get("name", "")) from error

    async def without_names(self, thread: Thread) -> Thread:
        """See ``Assistant``."""
        return Thread(thread.id, ThreadState(thread).ids())

    async def delete_thread(self, thread: Thread) -> None:
        """See ``Assistant``."""
        state = ThreadState(thread)
        owned = [*state.files, *state.made]
        await all_done(
            self._service.threads.delete(state.thread),
            *(self._uploads.delete(file_id) for file_id in owned),
        )
        thread.state.clear()

    async def close(self) -> None:
        """See ``Assistant``."""
        await self._connection.close()


def _minutes(run: Any) -> float:
    """How long a run that nobody here has watched took."""
    begun, ended = number(run.started_at), number(run.completed_at)
    return max(0.0, ended - begun) / 60 if begun and ended else 0.0
