"""What a turn has posted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from sqlalchemy import select

from conversations.database import models
from conversations.database.database import Database
from conversations.ports.journal import Post


class TurnJournal:
    """Durable notes of one turn's posts; implements the port ``Journal``. Only one process writes them at a time."""

    def __init__(self, database: Database, turn: str, *, is_fresh: bool = False) -> None:
        self._database = database
        self._turn = turn
        self._posts: dict[str, Post] = {}
        self._is_read = is_fresh

    async def note(self, part: str, ref: str, state: Literal["open", "posted"]) -> None:
        """Record that ``part`` exists at Slack under ``ref`` (a ts or a file id)."""
        row = {"turn": self._turn, "part": part, "ref": ref, "state": state}
        await self._database.run(
            lambda session: self._database.upsert(session, models.Post, row, update=("ref", "state"))
        )
        self._posts[part] = Post(part, ref, state)

    def read_again(self) -> None:
        """Forget what is known of the notes: a write may have failed, or not."""
        self._posts, self._is_read = {}, False

    async def noted(self) -> Mapping[str, Post]:
        """Everything recorded for the turn, by part."""
        if not self._is_read:
            rows = await self._database.scalars(select(models.Post).where(models.Post.turn == self._turn))
            states = (cast(Literal["open", "posted"], row.state) for row in rows)
            read = {row.part: Post(row.part, row.ref, state) for row, state in zip(rows, states, strict=True)}
            self._posts, self._is_read = read | self._posts, True  # what was noted meanwhile is newer
        return self._posts
