"""The helpers of the bot: from the first file on one waits, two at most are at work, each that fails is replaced."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from helper.process import COMMAND, HelperFailed, HelperProcess
from tables import FileFacts, extension, unknown

log = logging.getLogger(__name__)

AT_ONCE = 2
SECONDS = 30.0
"""How long a file may take; its CPU seconds are limited in ``limits.py``."""


class HelperPool:
    """Looks into files; implements the port ``Inspector``."""

    def __init__(self, command: Sequence[str] = COMMAND, seconds: float = SECONDS) -> None:
        """Starts nothing yet."""
        self._command = command
        self._seconds = seconds
        self._room = asyncio.Semaphore(AT_ONCE)
        self._background = asyncio.Lock()
        self._idle: list[HelperProcess] = []
        self._preparing: asyncio.Task[None] | None = None
        self._at_work = 0
        self._waiting = 0
        self._closed = False

    def expect(self) -> None:
        """See ``Inspector.expect``: begin to start a helper, if none waits."""
        if not (self._closed or self._preparing or self._idle or self._at_work == AT_ONCE):
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
        """End the helpers that wait, and start no more."""
        self._closed = True
        if self._preparing:
            self._preparing.cancel()
            await asyncio.wait([self._preparing])
        while self._idle:
            await self._idle.pop().kill()

    @asynccontextmanager
    async def _turn(self, *, urgent: bool) -> AsyncIterator[None]:
        """Room for one file. Of those that are not urgent one at most is at work or waits here: it holds up nobody."""
        async with AsyncExitStack() as stack:
            if not urgent:
                await stack.enter_async_context(self._background)
            self._waiting += 1
            try:
                await stack.enter_async_context(self._room)
            finally:
                self._waiting -= 1
            self._at_work += 1
            try:
                yield
            finally:
                self._at_work -= 1
                self.expect()

    async def _look_into(self, file: int, name: str) -> FileFacts:
        helper = await self._take()
        keep = False
        try:
            answer = await helper.ask(file, name, self._seconds)
            keep = not (answer.retire or self._closed) and (self._waiting > 0 or not self._idle)
        finally:
            if keep:
                self._idle.append(helper)
            else:
                await helper.kill()
        if answer.facts is None:
            raise HelperFailed(ascii(answer.failure))
        return answer.facts

    async def _take(self) -> HelperProcess:
        if self._preparing:
            await asyncio.wait([self._preparing])
        while self._idle:
            helper = self._idle.pop()
            if helper.is_alive:
                return helper
            await helper.kill()
        return await HelperProcess.start(self._command)

    async def _prepare(self) -> None:
        try:
            self._idle.append(await HelperProcess.start(self._command))
        except HelperFailed as error:
            log.warning("No helper for files: %s", error)
        finally:
            self._preparing = None
