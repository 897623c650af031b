"""What goes first: turns wait for it, but not for long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Calm:
    """Waits until nothing of a kind is under way, ``seconds`` at most."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._under_way = 0
        self._calm = asyncio.Event()
        self._calm.set()

    @contextmanager
    def disturbed(self) -> Iterator[None]:
        """While something of that kind is under way."""
        self._under_way += 1
        self._calm.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._calm.set()

    async def wait(self) -> None:
        """Wait for it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds):
                await self._calm.wait()
