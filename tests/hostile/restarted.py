"""The bot in the test's own process: the world of the other tests, without a process to start and to wait for."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from lifecycle import run
from playground.azure.scripted import ScriptedInterpreter, ScriptedModel
from playground.ports import Interpreter
from playground.slack.ledger import Envelope
from settings import read_settings
from tests.support.world import World


class Inside(World):
    """A world with one bot, which is started and ended as with SIGTERM."""

    def __init__(self, folder: Path, interpreter: Interpreter) -> None:
        self.model = ScriptedModel()
        super().__init__(folder, self.model, interpreter, share_delay=(0.0, 0.01), file_lag=(0.0, 0.0), ack_timeout=1.5)
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Inside:
        await super().__aenter__()
        return self

    async def begin(self) -> None:
        """Start the bot and wait until it listens."""
        self._stop = asyncio.Event()
        settings = read_settings(self.environment, dotenv=None)
        self._running = asyncio.create_task(run(settings, self._stop))
        listening = asyncio.create_task(self.slack.wait_connected(2, timeout=30))
        await asyncio.wait({self._running, listening}, return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            listening.cancel()
            await self._running
        await listening

    async def end(self) -> None:
        """End it; what runs is finished."""
        self._stop.set()
        running, self._running = self._running, None
        if running:
            await running

    async def again(self) -> None:
        """End it and start it again."""
        await self.end()
        await self.slack.wait(lambda slack: slack.connections == 0)
        await self.begin()

    async def acked(self, ts: str) -> None:
        """Wait until all events of a message have their ack."""
        await self.slack.wait(lambda _: all(e.acked for e in self.deliveries(ts)) and self.deliveries(ts))

    def deliveries(self, ts: str) -> list[Envelope]:
        """What was sent to the bot about a message."""
        kinds = {"message", "app_mention"}
        return [e for e in self.slack.envelopes if e.event.get("ts") == ts and e.event.get("type") in kinds]


@asynccontextmanager
async def inside(
    folder: Path, database_url: str = "", interpreter: Interpreter | None = None, **settings: str
) -> AsyncIterator[Inside]:
    """A world whose bot runs.

    Args:
        folder: For the database and the spool.
        database_url: Another database than SQLite in ``folder``.
        interpreter: What runs the code.
        **settings: The bot's.
    """
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        async with Inside(folder, interpreter or ScriptedInterpreter()) as world:
            world.database_url = database_url or world.database_url
            world.settings = {"DRAIN_SECONDS": "5"} | settings
            await world.begin()
            try:
                yield world
            finally:
                await world.end()
    finally:
        tempfile.tempdir = before
