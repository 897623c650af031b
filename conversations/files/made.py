"""Charts and files that a run made: on a shelf until they are posted, small ones with their bytes.

The rest is read again from Azure when its turn comes, through the spool; nothing of it is held in memory.
"""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal, cast

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, load_only

from azure_assistant.assistant import Artifact, Assistant
from azure_assistant.errors import AssistantError, FileGone
from conversations.database.database import Database
from conversations.database.models import Made
from conversations.errors import ResultTooLarge
from conversations.files.answer_budget import (
    ARCHIVE,
    KEPT_BYTES,
    KEPT_FILE_BYTES,
    MEGABYTE,
    MOST_ARCHIVE_BYTES,
    MOST_FILE_BYTES,
    in_archive,
)
from conversations.files.archive import zipped
from conversations.files.spool import Spool
from conversations.ports.contents import Content, InMemory, Stored
from conversations.ports.replies import Deliverable
from conversations.store.questions import is_open

log = logging.getLogger(__name__)

Ref = Mapping[str, Any]


class MadeFiles:
    """What runs made and what is not posted yet."""

    def __init__(self, database: Database, assistant: Assistant, spool: Spool) -> None:
        self._database = database
        self._assistant = assistant
        self._spool = spool

    async def shelf(self, turn: str, begin: int = 0) -> Shelf:
        """Takes what a run of a turn makes, after the first ``begin`` that stay; what was made after them goes."""
        before = (Made.turn == turn) & (Made.position < begin)
        sizes = await self._database.scalars(select(func.length(Made.data)).where(before)) if begin else ()
        return Shelf(self._database, self._assistant, turn, begin, KEPT_BYTES - sum(sizes))

    async def attachments(self, turn: str, number: int) -> list[Deliverable]:
        """The first charts and files of a turn to post, in order; if there are many, most of them as an archive."""
        query = select(Made).where(Made.turn == turn, Made.position < number).order_by(Made.position)
        rows = await self._database.scalars(query.options(load_only(*_WITHOUT_DATA)))
        items = [self._attachment(row) for row in rows]
        packed = in_archive(len(items))
        if not packed:
            return items
        shown, rest = items[:-packed], items[-packed:]
        content = _Archived(self._spool, rest)
        return [*shown, Deliverable("archive:0", "file", ARCHIVE, ARCHIVE, "", "application/zip", content)]

    def _attachment(self, row: Made) -> Deliverable:
        content: Content = (
            _AtAzure(self._assistant, self._spool, row.name, row.ref)
            if row.is_elsewhere
            else _InDatabase(self._database, row.turn, row.position, row.name)
        )
        kind = cast(Literal["chart", "file"], row.kind)
        return Deliverable(f"{row.kind}:{row.position}", kind, row.name, row.title, row.alt, row.media_type, content)


class Shelf:
    """Takes the charts and files of one run, one at a time."""

    def __init__(self, database: Database, assistant: Assistant, turn: str, begin: int, room: int) -> None:
        self._database = database
        self._assistant = assistant
        self._turn = turn
        self._begin = begin, room
        self.clear()

    def clear(self) -> None:
        """Begin anew: the run is asked again."""
        self.number, self._room = self._begin

    async def put(self, artifact: Artifact) -> bool:
        """Take a chart or file; whether it can be handed over, as far as is known: it has bytes, and Azure has it."""
        try:
            data = await self._bytes(artifact)
        except AssistantError as error:
            log.warning("A file that a run made cannot be read: %s", type(error).__name__)
            return False
        if data == b"":
            return False
        title = _title(artifact)
        media_type = artifact.media_type or mimetypes.guess_type(artifact.name)[0] or "application/octet-stream"
        values = {"kind": artifact.kind, "name": artifact.name, "title": title, "alt": artifact.alt or title}
        await self._keep(values | {"media_type": media_type, "ref": dict(artifact.ref)}, data)
        return True

    async def put_bytes(self, name: str, media_type: str, data: bytes) -> None:
        """Take a file of ours, whatever room is left."""
        await self._keep({"kind": "file", "name": name, "title": name, "media_type": media_type}, data)

    async def _bytes(self, artifact: Artifact) -> bytes | None:
        """The bytes; None when they are over what is kept."""
        room = min(self._room, KEPT_FILE_BYTES)
        data = artifact.data if artifact.data is not None else await self._read(artifact.ref, room)
        if data is None or len(data) > room:
            if room < KEPT_FILE_BYTES:
                self._room = 0  # so that no further file is read in vain
            return None
        return data

    async def _read(self, ref: Ref, most: int) -> bytes | None:
        if not most:
            return None
        buffer = bytearray()
        async with aclosing(self._assistant.read_file(ref)) as chunks:
            async for chunk in chunks:
                buffer += chunk
                if len(buffer) > most:
                    return None
        return bytes(buffer)

    async def _keep(self, values: dict[str, Any], data: bytes | None) -> None:
        position, self.number = self.number, self.number + 1
        self._room -= len(data or b"")
        row = {"turn": self._turn, "position": position, "data": data or b"", "is_elsewhere": data is None}

        def write(session: Session) -> None:
            if position == self._begin[0]:
                drop_made(session, self._turn, position)
            if is_open(session, self._turn):
                session.add(Made(**values | row))

        await self._database.run(write)


def drop_made(session: Session, turn: str, begin: int = 0) -> None:
    """Forget what was made, from a position on: it is posted, or will not be."""
    session.execute(delete(Made).where(Made.turn == turn, Made.position >= begin))


_WITHOUT_DATA = (
    Made.turn, Made.position, Made.kind, Made.name, Made.title, Made.alt, Made.media_type, Made.ref, Made.is_elsewhere
)  # fmt: skip


@dataclass(frozen=True)
class _InDatabase:
    database: Database
    turn: str
    position: int
    name: str
    left_out: Sequence[str] = ()

    @asynccontextmanager
    async def fetch(self) -> AsyncIterator[Stored]:
        query = select(Made.data).where(Made.turn == self.turn, Made.position == self.position)
        found = await self.database.scalars(query)
        if not found:
            raise FileGone("no longer kept", name=self.name)
        yield InMemory(found[0])


@dataclass(frozen=True)
class _AtAzure:
    assistant: Assistant
    spool: Spool
    name: str
    ref: Ref
    left_out: Sequence[str] = ()

    @asynccontextmanager
    async def fetch(self) -> AsyncIterator[Stored]:
        async with self.spool.reserve(self.name, 0) as place, aclosing(self._bytes()) as chunks:
            stored = await place.write(chunks)
            if not stored.size:
                raise FileGone("no bytes", name=self.name)
            yield stored

    async def _bytes(self) -> AsyncGenerator[bytes, None]:
        size = 0
        async with aclosing(self.assistant.read_file(self.ref)) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                if size > MOST_FILE_BYTES:
                    raise ResultTooLarge(name=self.name, limit=f"{MOST_FILE_BYTES // MEGABYTE} MB")
                yield chunk


@dataclass(frozen=True)
class _Archived:
    spool: Spool
    items: Sequence[Deliverable]
    left_out: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def fetch(self) -> AsyncIterator[Stored]:
        self.left_out.clear()
        chunks = zipped(self.items, MOST_ARCHIVE_BYTES, self.left_out)
        async with self.spool.reserve(ARCHIVE, 0) as place, aclosing(chunks):
            stored = await place.write(chunks)
            if len(self.left_out) == len(self.items):
                raise FileGone("nothing could be had", name=ARCHIVE)
            yield stored


def _title(artifact: Artifact) -> str:
    """A chart is called as the answer calls it; a file keeps its name, which says what opens it."""
    if artifact.kind == "file":
        return artifact.name
    spoken = PurePosixPath(artifact.name).stem.replace("_", " ").replace("-", " ").strip()
    label = artifact.alt if not artifact.alt.endswith(PurePosixPath(artifact.name).suffix) else ""
    title = label or spoken or artifact.name
    return title[:1].upper() + title[1:]
