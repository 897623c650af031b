"""Charts and files that a run made, to be posted: small ones lie on a shelf with their bytes.

The rest is read again from Azure when its turn comes, through the spool; nothing of it is held in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Literal, cast

from sqlalchemy import func, select
from sqlalchemy.orm import load_only

from azure_assistant.assistant import Assistant
from azure_assistant.errors import AssistantError, FileGone
from conversations.database.database import Database
from conversations.database.models import Made
from conversations.errors import ResultTooLarge
from conversations.files.answer_budget import (
    ARCHIVE,
    KEPT_BYTES,
    MEGABYTE,
    MOST_ARCHIVE_BYTES,
    MOST_FILE_BYTES,
    in_archive,
)
from conversations.files.archive import zipped
from conversations.files.shelf import Ref, Shelf
from conversations.files.spool import Spool
from conversations.ports.contents import InMemory, Stored
from conversations.ports.replies import Deliverable
from receipts.charts import read_drawn


class MadeFiles:
    """What runs made and what is not posted yet."""

    def __init__(self, database: Database, assistant: Assistant, spool: Spool) -> None:
        self._database = database
        self.assistant = assistant
        self.spool = spool

    async def shelf(self, turn: str, begin: int = 0) -> Shelf:
        """Takes what a run of a turn makes, after the first ``begin`` that stay; what was made after them goes."""
        before = (Made.turn == turn) & (Made.position < begin)
        sizes = await self._database.scalars(select(func.length(Made.data)).where(before)) if begin else ()
        return Shelf(self._database, self.assistant, turn, begin, KEPT_BYTES - sum(sizes))

    async def attachments(self, turn: str, number: int, shelf: Shelf | None = None) -> list[Deliverable]:
        """The first charts and files of a turn to post, in order; if there are many, most of them as an archive.

        ``shelf`` is where they are being put, if that is in this process.
        """
        query = select(Made).where(Made.turn == turn, Made.position < number).order_by(Made.position)
        rows = await self._database.scalars(query.options(load_only(*_WITHOUT_DATA)))
        alone, packed = asyncio.Lock(), in_archive(len(rows))
        shown = [self._attachment(row, shelf, alone) for row in rows[: len(rows) - packed]]
        if not packed:
            return shown
        content = _Archived(self.spool, alone, [self._attachment(row, shelf) for row in rows[-packed:]])
        return [*shown, Deliverable("archive:0", "file", ARCHIVE, ARCHIVE, "", "application/zip", content)]

    def _attachment(self, row: Made, shelf: Shelf | None, alone: asyncio.Lock | None = None) -> Deliverable:
        content = _Kept(self, row.turn, row.position, row.name, row.ref, shelf, alone)
        kind = cast(Literal["chart", "file"], row.kind)
        part, drawn = f"{row.kind}:{row.position}", read_drawn(row.drawn)
        return Deliverable(part, kind, row.name, row.title, row.alt, row.media_type, content, drawn)

    async def kept(self, turn: str, position: int, name: str) -> bytes | None:
        """A file's bytes; None when only Azure has them. Raises ``FileGone`` when the turn is over."""
        query = select(Made.is_elsewhere, Made.data).where(Made.turn == turn, Made.position == position)
        row = await self._database.run(lambda session: session.execute(query).first())
        if row is None:
            raise FileGone("no longer kept", name=name)
        return None if row[0] else row[1]


_WITHOUT_DATA = (
    Made.turn, Made.position, Made.kind, Made.name, Made.title, Made.alt, Made.media_type, Made.ref, Made.drawn
)  # fmt: skip


@dataclass(frozen=True)
class _Kept:
    """A file on the shelf, or behind it at Azure. Whoever resumes the turn has no shelf, only what lies there.

    ``alone``: held while it lies in the spool, so that an answer takes no more room there than its largest file does.
    """

    made: MadeFiles
    turn: str
    position: int
    name: str
    ref: Ref
    shelf: Shelf | None = None
    alone: asyncio.Lock | None = None
    left_out: Sequence[str] = ()

    @asynccontextmanager
    async def fetch(self) -> AsyncIterator[Stored]:
        if self.shelf:
            try:
                await self.shelf.fetched(self.position)
            except AssistantError as error:
                raise FileGone(error.detail, name=self.name) from error
        data = await self.made.kept(self.turn, self.position, self.name)
        if data is not None:
            yield InMemory(data)
            return
        async with (
            self.alone or nullcontext(),
            self.made.spool.reserve(self.name, 0) as place,
            aclosing(self._bytes()) as chunks,
        ):
            stored = await place.write(chunks)
            if not stored.size:
                raise FileGone("no bytes", name=self.name)
            yield stored

    async def _bytes(self) -> AsyncGenerator[bytes, None]:
        size = 0
        async with aclosing(self.made.assistant.read_file(self.ref)) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                if size > MOST_FILE_BYTES:
                    raise ResultTooLarge(name=self.name, limit=f"{MOST_FILE_BYTES // MEGABYTE} MB")
                yield chunk


@dataclass(frozen=True)
class _Archived:
    spool: Spool
    alone: asyncio.Lock
    items: Sequence[Deliverable]
    left_out: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def fetch(self) -> AsyncIterator[Stored]:
        self.left_out.clear()
        chunks = zipped(self.items, MOST_ARCHIVE_BYTES, self.left_out)
        async with self.alone, self.spool.reserve(ARCHIVE, 0) as place, aclosing(chunks):
            stored = await place.write(chunks)
            if len(self.left_out) == len(self.items):
                raise FileGone("nothing could be had", name=ARCHIVE)
            yield stored
