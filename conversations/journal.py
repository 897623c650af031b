"""What a turn has posted (parts), and what its run made but is not posted yet (charts and files)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from conversations import models
from conversations.database import Database
from conversations.ports import Attachment, Post


class TurnJournal:
    """Durable notes of one turn's posts; implements ``ports.Journal``. Only one process writes them at a time.

    Args:
        database: Where.
        turn: Whose.
        is_fresh: The turn begins here, so nothing is noted yet.
    """

    def __init__(self, database: Database, turn: str, *, is_fresh: bool = False) -> None:
        self._database = database
        self._turn = turn
        self._posts: dict[str, Post] | None = {} if is_fresh else None

    async def note(self, part: str, ref: str, state: Literal["open", "posted"]) -> None:
        """Record that ``part`` exists at Slack under ``ref`` (a ts or a file id)."""
        row = {"turn": self._turn, "part": part, "ref": ref, "state": state}
        await self._database.run(
            lambda session: self._database.upsert(session, models.Post, row, update=("ref", "state"))
        )
        if self._posts is not None:
            self._posts[part] = Post(part, ref, state)

    async def noted(self) -> Mapping[str, Post]:
        """Everything recorded for the turn, by part."""
        if self._posts is None:
            rows = await self._database.scalars(select(models.Post).where(models.Post.turn == self._turn))
            states = (cast(Literal["open", "posted"], row.state) for row in rows)
            self._posts = {row.part: Post(row.part, row.ref, state) for row, state in zip(rows, states, strict=True)}
        return self._posts


def keep_made(session: Session, turn: str, items: Sequence[Attachment]) -> None:
    """Store what a run made until it is posted, so that any replica can; a repeated run of the turn replaces it."""
    drop_made(session, turn)
    for position, item in enumerate(items):
        session.add(
            models.Made(
                turn=turn,
                position=position,
                kind=item.kind,
                name=item.name,
                title=item.title,
                alt=item.alt,
                media_type=item.media_type,
                data=item.data,
            )
        )


async def kept_made(database: Database, turn: str) -> list[Attachment]:
    """What a run made, in order."""
    query = select(models.Made).where(models.Made.turn == turn).order_by(models.Made.position)
    return [
        Attachment(
            part=f"{row.kind}:{row.position}",
            kind=cast(Literal["chart", "file"], row.kind),
            name=row.name,
            title=row.title,
            alt=row.alt,
            media_type=row.media_type,
            data=row.data,
        )
        for row in await database.scalars(query)
    ]


def drop_made(session: Session, turn: str) -> None:
    """Forget them: they are posted."""
    session.execute(delete(models.Made).where(models.Made.turn == turn))
