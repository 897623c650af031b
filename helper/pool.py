"""The helpers of the bot: one waits, two at most are at work, and each that fails is replaced."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from conversations.tables import FileFacts, extension, unknown
from helper.process import COMMAND, HelperFailed, HelperProcess

log = logging.getLogger(__name__)

AT_ONCE = 2
SECONDS = 30.0
"""How long a file may take; its CPU seconds are limited in ``limits.py``."""


class HelperPool:
    """Looks into files; implements the port ``Inspector``."""

    def __init__(self, command: Sequence[str] = COMMAND, seconds: float = SECONDS) -> None:
        self._command = command
        self._seconds = seconds
        self._room = asyncio.Semaphore(AT_ONCE)
        self._background = asyncio.Lock()
        self._idle: HelperProcess | None = None
        self._preparing: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to start a helper, so that the first file finds one."""
        if self._preparing is None and self._idle is None:
            self._preparing = asyncio.create_task(self._prepare())

    async def inspect(self, path: Path, name: str, *, urgent: bool = True) -> FileFacts:
        """See ``Inspector.inspect``."""
        size = 0
        try:
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                async with self._turn(urgent=urgent):
                    facts = await self._look_into(file.fileno(), name)
        except (HelperFailed, OSError) as error:
            log.warning("A file of %d bytes (.%s) could not be looked into: %s", size, extension(name)[:10], error)
            return unknown(name, size)
        return replace(facts, name=name, size=size)

    async def close(self) -> None:
        """End the helper that waits."""
        if self._preparing:
            self._preparing.cancel()
            await asyncio.wait([self._preparing])
        if self._idle:
            await self._idle.kill()

    @asynccontextmanager
    async def _turn(self, *, urgent: bool) -> AsyncIterator[None]:
        """Room for one file. Of what is not urgent one at most is at work or waits here, so that it holds up nobody."""
        if urgent:
            async with self._room:
                yield
        else:
            async with self._background, self._room:
                yield

    async def _look_into(self, file: int, name: str) -> FileFacts:
        helper = await self._take()
        keep = False
        try:
            answer = await helper.ask(file, name, self._seconds)
            keep = not answer.retire and self._idle is None
        finally:
            if keep:
                self._idle = helper
            else:
                await helper.kill()
                self.open()
        if answer.facts is None:
            raise HelperFailed(ascii(answer.failure))
        return answer.facts

    async def _take(self) -> HelperProcess:
        if self._preparing:
            await asyncio.wait([self._preparing])
        helper, self._idle = self._idle, None
        if helper and helper.is_alive:
            return helper
        return await HelperProcess.start(self._command)

    async def _prepare(self) -> None:
        try:
            self._idle = await HelperProcess.start(self._command)
        except HelperFailed as error:
            log.warning("No helper for files: %s", error)
        finally:
            self._preparing = None
