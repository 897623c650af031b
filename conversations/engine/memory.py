"""An engine in memory, for tests: as strict as the bot's, and as quick as what it runs."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import suppress
from contextvars import Context
from typing import Any

from conversations.engine.engine import Body, Died, StopsAmong
from conversations.engine.local_turns import Broken, LocalTurns


class MemoryEngine(LocalTurns):
    """Implements ``Engine``. What it keeps goes with it; ``left`` is what a next one would find.

    Args:
        left: Turns that an earlier engine has left, and the partition of each.
    """

    def __init__(self, left: Mapping[str, str] | None = None) -> None:
        super().__init__(is_alone=True)
        self.process = "local"
        self.hourly: Callable[[], Coroutine[Any, Any, None]] | None = None
        self.nightly: Callable[[], Coroutine[Any, Any, None]] | None = None
        self._open = dict(left or {})
        self._ended_at: dict[str, float] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self._ends = defaultdict[str, asyncio.Event](asyncio.Event)
        self._body: Body | None = None

    @property
    def left(self) -> Mapping[str, str]:
        """Turns that have not ended, and the partition of each, in the order in which they came."""
        return dict(self._open)

    async def launch(self, body: Body, stops: StopsAmong, died: Died) -> None:
        """See ``Engine``."""
        del stops  # no news is ever missed
        await died(self.process)
        self._body = body
        for turn_id, partition in self._open.items():
            self._start(body, turn_id, partition)

    async def accept(self, turn_id: str, partition: str) -> None:
        """See ``Engine``."""
        if self._body is None:
            raise RuntimeError("The engine is not launched, or closed.")
        if turn_id not in self._open and turn_id not in self._ended_at:
            self._open[turn_id] = partition
            self._start(self._body, turn_id, partition)

    async def unknown_among(self, turns: Sequence[str]) -> Collection[str]:
        """See ``Engine``."""
        return set(turns) - self._open.keys() - self._ended_at.keys()

    async def forget(self, turns: Sequence[str]) -> None:
        """See ``Engine``."""
        for turn_id in turns:
            self._ended_at.pop(turn_id, None)

    async def purge(self, before: float) -> int:
        """See ``Engine``."""
        old = [turn_id for turn_id, ended_at in self._ended_at.items() if ended_at < before]
        await self.forget(old)
        return len(old)

    async def every_hour(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """See ``Engine``; an hour passes when somebody calls ``hourly``."""
        self.hourly = work

    async def every_night(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """See ``Engine``; a night falls when somebody calls ``nightly``."""
        self.nightly = work

    async def ended(self, turn_id: str) -> None:
        """Wait until a turn has been accepted and has ended."""
        await self._ends[turn_id].wait()

    async def close(self) -> None:
        """See ``Engine``."""
        self._body, self._draining = None, True
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _start(self, body: Body, turn_id: str, partition: str) -> None:
        self._lines.join(partition, turn_id)
        task = asyncio.create_task(self._do(body, turn_id, partition), context=Context())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _do(self, body: Body, turn_id: str, partition: str) -> None:
        with suppress(Broken):
            await self._run(body, turn_id, partition)
        del self._open[turn_id]
        self._ended_at[turn_id] = time.time()
        self._ends[turn_id].set()
