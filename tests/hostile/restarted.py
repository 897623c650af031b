"""The bot in the test's own process: the world of the other tests, without a process to start and to wait for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.ports import Interpreter
from playground.slack.state.ledger import Envelope
from tests.support.world import World


class Inside(World):
    """A world with one bot, which is started and ended as with SIGTERM."""

    def __init__(self, folder: Path, interpreter: Interpreter) -> None:
        self.model = ScriptedModel()
        super().__init__(folder, self.model, interpreter, share_delay=(0.0, 0.01), file_lag=(0.0, 0.0), ack_timeout=1.5)

    async def __aenter__(self) -> Inside:
        await super().__aenter__()
        return self

    async def again(self) -> None:
        """End it and start it again."""
        await self.end_bot()
        await self.slack.wait(lambda slack: slack.connections == 0)
        await self.run_bot()

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
    async with Inside(folder, interpreter or ScriptedInterpreter()) as world:
        world.database_url = database_url or world.database_url
        world.settings = {"DRAIN_SECONDS": "5"} | settings
        await world.run_bot()
        yield world
