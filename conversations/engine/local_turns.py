"""The turns that run in this process: what is the same for every engine, because no other process has a part in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from conversations.engine.engine import Body, Stopped
from conversations.engine.keyed_queues import KeyedQueues

log = logging.getLogger(__name__)

T = TypeVar("T")

LEAVE_SECONDS = 5.0
"""How long turns that are left at the end may take to say so in their threads."""

REMEMBERED = 2_000
"""Turns of which this process remembers that they are recorded, or have ended."""


class Broken(Exception):
    """Work of the engine's broke; the type of the error is said, and nothing that it may quote."""


@contextmanager
def wordless() -> Iterator[None]:
    """Keep an error's text from an engine that records it: it may hold words of a question or an answer."""
    try:
        yield
    except Exception as error:
        log.error("Work of the engine's broke: %s", type(error).__name__)  # noqa: TRY400 - a traceback ends with the words
        raise Broken(type(error).__name__) from None


class LocalTurns:
    """Runs turns one at a time in each partition; the base of engines, which decide what is run, and keep it.

    Args:
        is_alone: No other process runs turns.
    """

    def __init__(self, *, is_alone: bool) -> None:
        self._is_alone = is_alone
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._running: dict[str, asyncio.Task[Any] | None] = {}
        self._held: dict[str, asyncio.Future[Any]] = {}
        self._stopped: set[str] = set()
        self._ended: dict[str, None] = {}
        self._lines = KeyedQueues()
        self._idle = asyncio.Event()
        self._idle.set()
        self._draining = False

    async def interruptible(self, turn_id: str, work: Coroutine[Any, Any, T]) -> T:
        """See ``Engine``."""
        task = asyncio.ensure_future(work)
        self._tasks[turn_id] = task
        if turn_id in self._stopped:
            task.cancel()
        try:
            await asyncio.wait({task})
            return task.result()
        except asyncio.CancelledError:
            if task.cancelled() and not _own_task_cancelled():
                raise Stopped from None
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
            raise
        finally:
            self._tasks.pop(turn_id, None)

    async def stop(self, turn_id: str) -> None:
        """See ``Engine``."""
        self._stop_here(turn_id)

    def is_stopped(self, turn_id: str) -> bool:
        """See ``Engine``."""
        return turn_id in self._stopped

    async def hold(self, turn_id: str, leave: Awaitable[Any]) -> None:
        """See ``Engine``."""
        task = self._running.pop(turn_id, None)
        self._note_idle()
        self._held[turn_id] = held = asyncio.ensure_future(leave)
        if turn_id in self._stopped:
            held.cancel()
        try:
            await asyncio.wait({held})
        finally:
            held.cancel()
            del self._held[turn_id]
        await self._take_up(turn_id, task)

    def is_open(self, turn_id: str) -> bool | None:
        """See ``Engine``."""
        if turn_id in self._running:
            return True
        if turn_id in self._ended:
            return False
        return True if self._is_alone else None

    async def drain(self, seconds: float) -> frozenset[str]:
        """See ``Engine``."""
        self._draining = True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), seconds)
        left = dict(self._running)
        tasks = [task for task in left.values() if task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=LEAVE_SECONDS)
        return frozenset(left)

    async def _run(self, body: Body, turn_id: str, partition: str) -> None:
        """Run a turn when it is the first of its partition's line; with the partition "" it stands in none."""
        if partition:
            self._lines.join(partition, turn_id)
        await self._lines.wait(turn_id)
        await self._take_up(turn_id, asyncio.current_task())
        try:
            with wordless():
                await body(turn_id)
        finally:
            self._lines.leave(turn_id)
            self._running.pop(turn_id, None)
            self._stopped.discard(turn_id)
            remember(self._ended, turn_id, None)
            self._note_idle()

    @property
    def _here(self) -> Sequence[str]:
        """The turns that have begun here and not ended."""
        return [*self._running, *self._held]

    def _stop_here(self, turn_id: str) -> None:
        if turn_id in self._stopped or turn_id not in self._here:
            return
        self._stopped.add(turn_id)
        if held := self._held.get(turn_id):
            held.cancel()
        if task := self._tasks.get(turn_id):
            task.cancel()  # once: a second cancel would end the turn's own cleaning up

    async def _take_up(self, turn_id: str, task: asyncio.Task[Any] | None) -> None:
        if self._draining:
            await asyncio.Event().wait()  # stays open, so the next process runs it; raising would end the turn
        self._running[turn_id] = task
        self._idle.clear()

    def _note_idle(self) -> None:
        if not self._running:
            self._idle.set()


def remember(turns: dict[str, T], turn_id: str, value: T) -> None:
    """Remember something of a turn, and forget the oldest of too many."""
    turns[turn_id] = value
    if len(turns) > REMEMBERED:
        del turns[next(iter(turns))]


def _own_task_cancelled() -> bool:
    task = asyncio.current_task()
    return bool(task and task.cancelling())
