"""The port to the engine, which keeps what was accepted and runs it: in order, once, and again after a crash.

What it runs are turns and jobs; to the engine both are ids. ``dbos`` is the one of the bot, ``memory`` one for tests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

Body = Callable[[str], Awaitable[None]]
"""What a turn does; called with its id, and again after a crash."""

Died = Callable[[str], Awaitable[None]]
"""Told the process that has gone, before what it has left is resumed."""

StopsAmong = Callable[[Collection[str]], Awaitable[Collection[str]]]
"""Which of some turns carry the durable flag of ``stop``."""


class Stopped(Exception):
    """The turn was stopped by a person."""


class Engine(Protocol):
    """Runs turns."""

    @property
    def process(self) -> str:
        """What this process is called in what it leaves."""
        ...

    async def launch(self, body: Body, stops: StopsAmong, died: Died) -> None:
        """Start taking turns; what dead processes have left is resumed.

        Args:
            body: What a turn does. Cancelled, it must leave what it shows fit to be taken up again.
            stops: Asked when news of ``stop`` may have been missed.
            died: Called before what a process has left is resumed; also when it has ended as it should.

        Raises:
            DatabaseUnusable: The engine cannot use its tables.
        """
        ...

    async def accept(self, turn_id: str, partition: str) -> None:
        """Record that a turn is to be run. Returns when that is durable; a known id is left alone, ended or not.

        Args:
            turn_id: ``{team}:{channel}:{ts}``; sorts in time, which settles the order of equal milliseconds.
            partition: ``{team}:{channel}:{thread}``; one turn of a partition runs at a time, in order.
        """
        ...

    async def interruptible(self, turn_id: str, work: Coroutine[Any, Any, T]) -> T:
        """Await work that ``stop`` may end; raises ``Stopped`` when it was cancelled so, and has ended."""
        ...

    async def stop(self, turn_id: str) -> None:
        """End a turn's interruptible work, wherever it runs. The durable flag is the caller's."""
        ...

    def is_stopped(self, turn_id: str) -> bool:
        """Whether a turn that runs in this process has been stopped meanwhile."""
        ...

    async def hold(self, turn_id: str, leave: Awaitable[Any]) -> None:
        """Let a turn wait for leave to go on. ``stop`` ends the waiting, and ``drain`` does not wait for the turn."""
        ...

    def is_open(self, turn_id: str) -> bool | None:
        """Whether an accepted turn has not ended; None when that is not known here, because another replica runs it."""
        ...

    async def unknown_among(self, turns: Sequence[str]) -> Collection[str]:
        """Those of some turns that are not recorded; they may be accepted again."""
        ...

    async def forget(self, turns: Sequence[str]) -> None:
        """Delete the record of those of some turns that have ended."""
        ...

    async def purge(self, before: float) -> int:
        """Delete the record of turns that ended before an epoch time; how many there were."""
        ...

    async def every_hour(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do some work once an hour, whatever the number of replicas."""
        ...

    async def every_night(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do some work once a night, whatever the number of replicas."""
        ...

    async def drain(self, seconds: float) -> frozenset[str]:
        """Begin no more turns, wait for the running ones, and leave those that take too long.

        What is left is neither done nor failed: it is resumed after a restart, or by another replica.

        Returns:
            The turns that are left.
        """
        ...

    async def close(self) -> None:
        """Stop the engine. HTTP clients must be closed before: the loop's thread pool may go with it."""
        ...
