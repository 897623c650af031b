"""What a turn has posted (parts), and what its run made but is not posted yet (charts and files)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, cast

from sqlalchemy import delete, select

from conversations import models
from conversations.database import Database
from conversations.ports import Attachment, Post


class TurnJournal:
    """Durable notes of one turn's posts; implements ``ports.Journal``."""

    def __init__(self, database: Database, turn: str) -> None:
        self._database = database
        self._turn = turn

    async def note(self, part: str, ref: str, state: Literal["open", "posted"]) -> None:
        """Record that ``part`` exists at Slack under ``ref`` (a ts or a file id)."""
        row = {"turn": self._turn, "part": part, "ref": ref, "state": state}
        async with self._database.session() as session:
            await self._database.upsert(session, models.Post, row, update=("ref", "state"))

    async def noted(self) -> Mapping[str, Post]:
        """Everything recorded for the turn, by part."""
        query = select(models.Post).where(models.Post.turn == self._turn)
        async with self._database.session() as session:
            rows = (await session.scalars(query)).all()
        return {row.part: Post(row.part, row.ref, cast(Literal["open", "posted"], row.state)) for row in rows}


class MadeFiles:
    """Charts and files from the end of a run until they are posted, so that any replica can post them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, turn: str, items: Sequence[Attachment]) -> None:
        """Store what a run made; a repeated run of the same turn replaces it."""
        async with self._database.session() as session:
            await session.execute(delete(models.Made).where(models.Made.turn == turn))
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

    async def kept(self, turn: str) -> list[Attachment]:
        """What a run made, in order."""
        query = select(models.Made).where(models.Made.turn == turn).order_by(models.Made.position)
        async with self._database.session() as session:
            rows = (await session.scalars(query)).all()
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
            for row in rows
        ]

    async def drop(self, turn: str) -> None:
        """Forget them: they are posted."""
        async with self._database.session() as session:
            await session.execute(delete(models.Made).where(models.Made.turn == turn))
