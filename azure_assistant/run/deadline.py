"""A deadline that is kept across the steps of an async generator, where ``asyncio.timeout`` alone may not stand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from typing import TypeVar

from azure_assistant.errors import RunTimedOut

T = TypeVar("T")


class Deadline:
    """A point in time until which everything has to be done."""

    def __init__(self, seconds: float) -> None:
        """``seconds`` from now."""
        self._loop = asyncio.get_running_loop()
        self._seconds = seconds
        self._started = self._loop.time()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self._loop.time() - self._started

    async def keep(self, work: Awaitable[T]) -> T:
        """The result of ``work``. Raises ``RunTimedOut`` when it is not there in time."""
        limit = asyncio.timeout_at(self._started + self._seconds)
        try:
            async with limit:
                return await work
        except TimeoutError as error:
            if limit.expired():
                raise RunTimedOut(minutes=f"{self._seconds / 60:g}") from error
            raise

    async def each(self, items: AsyncIterator[T]) -> AsyncGenerator[T, None]:
        """The items, as long as they come in time."""
        while True:
            try:
                item = await self.keep(anext(items))
            except StopAsyncIteration:
                return
            yield item
