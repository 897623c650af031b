"""Time, ids and chance of the workspace, and the timers that must end with it."""

from __future__ import annotations

import asyncio
import random
import string
import time
from collections.abc import Callable

_ALPHABET = string.digits + string.ascii_uppercase


class Clock:
    """Gives out timestamps that never repeat, ids, and later calls.

    Ids are random so that a restarted playground never repeats an id that a bot's database still knows.
    """

    def __init__(self, seed: int | None = None) -> None:
        self.random = random.Random(seed)  # noqa: S311 - ids and shuffles, no secrets
        self._last_micros = 0
        self._timers: set[asyncio.TimerHandle] = set()

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds for measuring."""
        return time.monotonic()

    def ts(self) -> str:
        """A message timestamp greater than all before it."""
        self._last_micros = max(int(time.time() * 1_000_000), self._last_micros + 1)
        return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    def new_id(self, prefix: str) -> str:
        """An id such as ``F0K3J9X2QW``."""
        return prefix + "0" + "".join(self.random.choices(_ALPHABET, k=9))

    def later(self, seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
        """Call ``act`` after some seconds, unless the workspace is closed first."""
        handle: asyncio.TimerHandle

        def run() -> None:
            self._timers.discard(handle)
            act()

        handle = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(handle)
        return handle

    def cancel(self, handle: asyncio.TimerHandle | None) -> None:
        """Forget a later call."""
        if handle is not None:
            handle.cancel()
            self._timers.discard(handle)

    def close(self) -> None:
        """Forget all later calls."""
        for handle in self._timers:
            handle.cancel()
        self._timers.clear()
