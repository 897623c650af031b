"""The backend as a whole: the ``Assistant`` interface over the Responses API."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import BinaryIO

from azure_assistant.assistant import AssistantFile, Json, Prompt, RunEvent, Thread
from azure_assistant.config import AssistantConfig
from azure_assistant.errors import AssistantError
from azure_assistant.responses.container import Containers
from azure_assistant.responses.content import read
from azure_assistant.responses.outcome import LIVE_PATIENCE, Service, resume, settled
from azure_assistant.responses.run import Run
from azure_assistant.responses.state import ThreadState
from azure_assistant.responses.thread import Threads
from azure_assistant.run.files import Uploads
from azure_assistant.run.fonts import ChartFont
from azure_assistant.transport.client import Connection
from azure_assistant.transport.optional_parameters import OptionalParameters
from azure_assistant.transport.sending import all_done

log = logging.getLogger(__name__)


class ResponsesAssistant:
    """An ``Assistant``: conversation = thread, response = run, Code Interpreter container = sandbox."""

    def __init__(self, config: AssistantConfig, connection: Connection) -> None:
        self._config = config
        self._connection = connection
        client = connection.client
        parameters = OptionalParameters()
        containers = Containers(client, config, ChartFont(client, config))
        self._uploads = Uploads(client, config, parameters)
        self._service = Service(client, config, Threads(client, config, parameters), containers, parameters)

    async def create_thread(self, metadata: Mapping[str, str]) -> Thread:
        """See ``Assistant``."""
        return await self._service.threads.create(metadata)

    async def add_file(self, thread: Thread, name: str, stream: BinaryIO, size: int) -> AssistantFile:
        """See ``Assistant``. The file reaches the container when a question needs it."""
        known = ThreadState(thread).files
        taken = {entry["name"] for entry in known.values()}
        made = await self._uploads.upload(name, stream, size, taken)
        known[made.id] = {"name": made.name, "size": size}
        return made

    async def remove_file(self, thread: Thread, file_id: str) -> None:
        """See ``Assistant``."""
        state = ThreadState(thread)
        state.files.pop(file_id, None)
        await self._service.containers.remove_file(state, file_id)
        await self._uploads.delete(file_id)

    async def run(self, thread: Thread, prompt: Prompt) -> AsyncGenerator[RunEvent, None]:
        """See ``Assistant``."""
        async with aclosing(Run(self._service, ThreadState(thread), prompt).events()) as events:
            async for event in events:
                yield event

    async def resume(self, thread: Thread, run_id: str) -> AsyncGenerator[RunEvent, None]:
        """See ``Assistant``."""
        async with aclosing(resume(self._service, ThreadState(thread), run_id)) as events:
            async for event in events:
                yield event

    async def cancel(self, thread: Thread, run_id: str) -> None:
        """See ``Assistant``. A run in the foreground ends with its connection; only a background one can be told to."""
        try:
            found = await settled(self._service, run_id, LIVE_PATIENCE)
        except AssistantError as error:
            log.warning("run %s of thread %s: %s", run_id, thread.id, error)
            return
        log.info("run %s ended as %s", run_id, found.status if found else "gone")

    async def read_file(self, ref: Mapping[str, Json]) -> AsyncGenerator[bytes, None]:
        """See ``Assistant``."""
        async with aclosing(read(self._service.client, self._connection.http, self._config, ref)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def without_names(self, thread: Thread) -> Thread:
        """See ``Assistant``."""
        return Thread(thread.id, ThreadState(thread).ids())

    async def delete_thread(self, thread: Thread) -> None:
        """See ``Assistant``."""
        state = ThreadState(thread)
        await all_done(
            self._service.containers.delete(state),
            self._service.threads.delete(state),
            *(self._uploads.delete(file_id) for file_id in state.files),
        )
        thread.state.clear()

    async def close(self) -> None:
        """See ``Assistant``."""
        await self._connection.close()
