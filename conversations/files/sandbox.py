"""The sandbox of a turn, made and filled while its files are still on their way."""

from __future__ import annotations

import asyncio
import logging

from azure_assistant.assistant import Assistant
from azure_assistant.errors import AssistantError
from conversations.store.kept_thread import KeptThread

log = logging.getLogger(__name__)

ADDITIONS = 8


class Sandbox:
    """The sandbox of an assistant thread.

    No failure here is the turn's: what is not there when the run begins, the run brings, or says why it cannot.
    """

    def __init__(self, assistant: Assistant, kept: KeptThread) -> None:
        self._assistant = assistant
        self._kept = kept
        self._is_there = False
        self._is_decided = asyncio.Event()
        self._additions = asyncio.Semaphore(ADDITIONS)

    async def open(self, size: int) -> None:
        """Make it, unless there is one that lives, with room for data of so many bytes; it is stored before its use."""
        try:
            await self._assistant.open_sandbox(self._kept.thread, size)
            await self._kept.save()
            self._is_there = True
        except AssistantError as error:
            log.warning("The sandbox is left to the run: %s", error.detail)
        self._is_decided.set()

    async def put(self, *files: str, font: bool = False) -> None:
        """Put uploaded files, by their ids, and the chart font into it as soon as it is there."""
        await self._is_decided.wait()
        if self._is_there:
            async with self._additions:
                try:
                    await self._assistant.fill_sandbox(self._kept.thread, files, font=font)
                except AssistantError as error:
                    log.warning("A file of the sandbox is left to the run: %s", error.detail)
            await self._kept.save()
