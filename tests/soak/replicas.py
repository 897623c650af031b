"""The bot's processes: started, killed, ended with SIGTERM and started again, at least one of them up."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.process import usage
from tests.support.processes import BotProcess
from tests.support.world import World

READY = b"Connected to Slack"
SAMPLE_SECONDS = 5.0


@dataclass
class Life:
    """One process, from its start to its end. ``memory`` is (age in seconds, resident MB)."""

    process: BotProcess
    begun: float
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    expected_end: bool = False
    memory: list[tuple[float, float]] = field(default_factory=list)

    @property
    def is_up(self) -> bool:
        """Whether it takes events."""
        return self.ready.is_set() and self.process.returncode is None


class Replicas:
    """So many processes of the real bot.

    Args:
        world: Whose settings they get.
        log: Where all that they write goes.
        overlap: Whether a new one starts while the old one ends; SQLite is for one process.
    """

    def __init__(self, world: World, log: Path, *, overlap: bool = True) -> None:
        self._world = world
        self._overlap = overlap
        self._number = 0
        self._log = log.open("wb", buffering=0)
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Condition()
        self._sampler: asyncio.Task[None] | None = None
        self.lives: list[Life] = []
        self.exits: list[int] = []
        self.counts: Counter[str] = Counter()

    async def start(self, number: int) -> None:
        """Start several and wait until all take events."""
        self._number = number
        self._sampler = asyncio.create_task(self._sample())
        for _ in range(number):
            await self._begin()
        await self.all_up()

    async def all_up(self) -> list[Life]:
        """Wait until all take events; those."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._up()) >= self._number)
        return self._up()

    def _up(self) -> list[Life]:
        return [life for life in self.lives if life.is_up]

    async def _begin(self) -> None:
        process = await self._world.spawn()
        self._world.bots.append(process)
        life = Life(process, time.monotonic())
        self.lives.append(life)
        task = asyncio.create_task(self._follow(life))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self, life: Life) -> None:
        """Keep what it writes; notice that it is up, and that it has ended by itself."""
        assert life.process.stdout
        async for line in life.process.stdout:
            self._log.write(b"%d " % life.process.pid + line)
            if READY in line:
                await self._tell(life)
        code = await life.process.wait()
        if not life.expected_end:
            self.exits.append(code)
            await self._begin()  # as a supervisor would
        async with self._changed:
            self._changed.notify_all()

    async def _tell(self, life: Life) -> None:
        async with self._changed:
            life.ready.set()
            self._changed.notify_all()

    async def kill(self, life: Life, pause: float) -> None:
        """kill -9, and a new one after ``pause`` seconds."""
        self.counts["kill -9"] += 1
        life.expected_end = True
        with suppress(ProcessLookupError):
            life.process.kill()
        await life.process.wait()
        await asyncio.sleep(pause)
        await self._begin()

    async def restart(self, life: Life) -> None:
        """SIGTERM, and a new one; any exit code but 0 is noted."""
        self.counts["SIGTERM"] += 1
        life.expected_end = True
        with suppress(ProcessLookupError):
            life.process.send_signal(signal.SIGTERM)
        if self._overlap:
            await self._begin()
        code = await life.process.wait()
        if not self._overlap:
            await self._begin()
        if code != 0:
            self.exits.append(code)

    async def close(self) -> None:
        """End all."""
        if self._sampler:
            self._sampler.cancel()
        for life in self.lives:
            life.expected_end = True
        for life in self.lives:
            with suppress(ProcessLookupError):
                life.process.kill()
        await asyncio.gather(*self._tasks)
        self._log.close()

    async def _sample(self) -> None:
        while True:
            for life in self._up():
                with suppress(OSError, KeyError):  # it has just ended
                    life.memory.append((time.monotonic() - life.begun, usage(life.process.pid).memory))
            await asyncio.sleep(SAMPLE_SECONDS)
