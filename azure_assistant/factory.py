# ruff: noqa: D102 - ``Assistant`` says what its methods do
"""The factory. The SDK is imported when it is first needed: that takes a second, in which Slack can be listened to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import BinaryIO

from azure_assistant.assistant import Assistant, AssistantFile, CallOutput, Json, Prompt, Thread
from azure_assistant.config import AssistantConfig
from azure_assistant.events import RunEvent


def open_assistant(config: AssistantConfig) -> Assistant:
    """The assistant for the configured service and wire. Nothing is sent yet; raises what ``config.check`` raises."""
    from azure_assistant.transport.api import ServiceApi
    from azure_assistant.transport.client import connect

    connection = connect(config)
    api = ServiceApi(connection.client, config)
    if config.api == "assistants":
        from azure_assistant.assistants import AssistantsAssistant

        return AssistantsAssistant(api, connection)
    from azure_assistant.responses import ResponsesAssistant

    return ResponsesAssistant(api, connection)


class LazyAssistant:
    """An ``Assistant`` that is opened by its first call, or by ``load``; raises what ``config.check`` raises."""

    def __init__(self, config: AssistantConfig) -> None:
        config.check()
        self._config = config
        self._opening: asyncio.Future[Assistant] | None = None

    async def load(self) -> Assistant:
        """The assistant itself; the import runs in a thread, so that the loop goes on."""
        if self._opening is None:
            self._opening = asyncio.ensure_future(asyncio.to_thread(open_assistant, self._config))
        return await asyncio.shield(self._opening)

    async def create_thread(self, metadata: Mapping[str, str]) -> Thread:
        return await (await self.load()).create_thread(metadata)

    async def open_thread(self, thread: Thread) -> None:
        await (await self.load()).open_thread(thread)

    async def open_sandbox(self, thread: Thread, size: int) -> None:
        await (await self.load()).open_sandbox(thread, size)

    async def fill_sandbox(self, thread: Thread, files: Sequence[str], *, font: bool = False) -> None:
        await (await self.load()).fill_sandbox(thread, files, font=font)

    async def discard_sandbox(self, thread: Thread) -> None:
        await (await self.load()).discard_sandbox(thread)

    async def add_file(self, thread: Thread, name: str, stream: BinaryIO, size: int) -> AssistantFile:
        return await (await self.load()).add_file(thread, name, stream, size)

    async def remove_file(self, thread: Thread, file_id: str) -> None:
        await (await self.load()).remove_file(thread, file_id)

    async def run(self, thread: Thread, prompt: Prompt) -> AsyncGenerator[RunEvent, None]:
        async with aclosing((await self.load()).run(thread, prompt)) as events:
            async for event in events:
                yield event

    async def resume(self, thread: Thread, run_id: str) -> AsyncGenerator[RunEvent, None]:
        async with aclosing((await self.load()).resume(thread, run_id)) as events:
            async for event in events:
                yield event

    async def go_on(
        self, thread: Thread, prompt: Prompt, run_id: str, outputs: Sequence[CallOutput]
    ) -> AsyncGenerator[RunEvent, None]:
        async with aclosing((await self.load()).go_on(thread, prompt, run_id, outputs)) as events:
            async for event in events:
                yield event

    async def close_calls(self, thread: Thread, run_id: str, outputs: Sequence[CallOutput]) -> None:
        await (await self.load()).close_calls(thread, run_id, outputs)

    async def cancel(self, thread: Thread, run_id: str) -> None:
        await (await self.load()).cancel(thread, run_id)

    async def read_file(self, ref: Mapping[str, Json]) -> AsyncGenerator[bytes, None]:
        async with aclosing((await self.load()).read_file(ref)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def without_names(self, thread: Thread) -> Thread:
        return await (await self.load()).without_names(thread)

    async def delete_thread(self, thread: Thread) -> None:
        await (await self.load()).delete_thread(thread)

    async def close(self) -> None:
        if self._opening:  # what was never opened has nothing to close
            await (await self.load()).close()
