"""The real bot as a task of the test's own process, against a local Slack and Azure over HTTP: nothing to start."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.world import Json, World, words_of

T = TypeVar("T")


class Inside(World):
    """A world with its bot in it, on SQLite.

    Args:
        folder: Where the bot's database lies.
        slack_options: Options of ``LocalSlack``.
    """

    def __init__(self, folder: Path, **slack_options: Any) -> None:
        self.model = ScriptedModel()
        super().__init__(folder, self.model, ScriptedInterpreter(), **slack_options)
        self.settings = {"DRAIN_SECONDS": "0.5"}

    async def __aenter__(self) -> Inside:
        await super().__aenter__()
        await self.run_bot()
        return self

    async def until(self, look: Callable[[], T], timeout: float = 20) -> T:
        """Wait until something is true that Slack does not see; returns it."""
        async with asyncio.timeout(timeout):
            while not (found := look()):  # noqa: ASYNC110 - there is no event for that
                await asyncio.sleep(0.01)
        return found


def rows(world: World, query: str) -> list[tuple[Any, ...]]:
    """What a query finds in the bot's database."""
    with closing(sqlite3.connect(world.folder / "analyst.db")) as connection:
        return connection.execute(query).fetchall()


def told(world: World, user: str) -> list[str]:
    """What a person alone was told: ephemeral lines, and the direct message with the bot."""
    direct: list[Json] = world.slack.messages(world.slack.direct(user))
    shown = [shown["message"] for shown in world.slack.ephemerals if shown["user"] == user]
    return [words_of(message) for message in (*shown, *(m for m in direct if m.get("bot_id")))]


def modals(world: World, user: str) -> list[str]:
    """What a person's open modals show."""
    views = world.slack.workspace.views.values()
    return [words_of(view.body) for view in views if view.user == user and view.body["type"] == "modal"]
