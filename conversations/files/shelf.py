"""Where the charts and files of a run lie until they are posted. Their bytes are fetched side by side, meanwhile."""

from __future__ import annotations

import asyncio
import logging
import mimetypes
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from azure_assistant.assistant import Assistant
from azure_assistant.errors import AssistantError
from azure_assistant.events import Artifact
from conversations.database.database import Database
from conversations.database.models import Made
from conversations.files.answer_budget import AT_ONCE, KEPT_BYTES, KEPT_FILE_BYTES
from conversations.store.questions import is_open

log = logging.getLogger(__name__)

Ref = Mapping[str, Any]

_MADE: Any = Made.__table__
_FILL = update(_MADE).where(_MADE.c.turn == bindparam("_turn"), _MADE.c.position == bindparam("_position"))
"""What is set comes with the parameters: a statement that is kept for the next time keeps no bytes."""


class Shelf:
    """Takes the charts and files of one run, one at a time.

    A file has its row at once, so that any process can fetch it; its bytes follow into the row as far as they are kept.
    """

    def __init__(
        self, database: Database, assistant: Assistant, turn: str, begin: int = 0, room: int = KEPT_BYTES
    ) -> None:
        self._database = database
        self._assistant = assistant
        self._turn = turn
        self._begin = begin, room
        self.number, self._room = self._begin
        self._is_full = False
        self._lanes = asyncio.Semaphore(AT_ONCE)
        self._fetches: dict[int, asyncio.Task[None]] = {}

    def go_on(self) -> None:
        """What comes next is of a further run."""
        self._begin = self.number, self._room

    async def clear(self) -> None:
        """Begin anew: the run is asked again. What runs before it have made stays."""
        await self._drop(self._begin[0])
        self.number, self._room = self._begin
        self._is_full = False

    async def close(self) -> None:
        """Fetch nothing more."""
        await self._drop(0)

    async def _drop(self, begin: int) -> None:
        fetches = [self._fetches.pop(position) for position in list(self._fetches) if position >= begin]
        for fetch in fetches:
            fetch.cancel()
        await asyncio.gather(*fetches, return_exceptions=True)

    async def put(self, artifact: Artifact) -> bool:
        """Take a chart or file; False when it is known to be empty."""
        data = artifact.data
        if data == b"":
            return False
        is_kept = data is not None and len(data) <= min(self._room, KEPT_FILE_BYTES)
        title = _title(artifact)
        media_type = artifact.media_type or mimetypes.guess_type(artifact.name)[0] or "application/octet-stream"
        values: dict[str, Any] = {
            "kind": artifact.kind,
            "name": artifact.name,
            "title": title,
            "alt": artifact.alt or title,
        }
        kept = data if is_kept else None
        values["drawn"] = artifact.drawn.to_json() if artifact.drawn else {}
        position = await self._keep(values | {"media_type": media_type, "ref": dict(artifact.ref)}, kept)
        if data is None:
            self._fetches[position] = asyncio.create_task(self._fetch(position, artifact.ref))
        return True

    async def put_bytes(self, name: str, media_type: str, data: bytes) -> None:
        """Take a file of ours, whatever room is left."""
        await self._keep({"kind": "file", "name": name, "title": name, "media_type": media_type}, data)

    async def fetched(self, position: int) -> None:
        """Wait until a file's bytes are in its row, or will not be.

        Raises:
            FileGone: Azure does not have it any more.
        """
        if fetch := self._fetches.get(position):
            await asyncio.wait([fetch])
            if not fetch.cancelled() and (error := fetch.exception()):
                raise error

    async def _fetch(self, position: int, ref: Ref) -> None:
        async with self._lanes:
            data = bytearray() if self._is_full else await self._read(ref)
        if not data:
            return
        values = {"_turn": self._turn, "_position": position, "data": data, "is_elsewhere": False}
        try:
            await self._database.run(lambda session: session.connection().execute(_FILL, values) and None)
        except SQLAlchemyError as error:
            log.warning("A file that a run made is not kept: %s", type(error).__name__)

    async def _read(self, ref: Ref) -> bytearray:
        """The bytes; none when they are over what is kept. What is being read takes room, so that memory is bounded."""
        data, taken = bytearray(), 0
        try:
            async with aclosing(self._assistant.read_file(ref)) as chunks:
                async for chunk in chunks:
                    taken += len(chunk)
                    self._room -= len(chunk)
                    self._is_full = self._is_full or self._room < 0
                    if taken > KEPT_FILE_BYTES or self._room < 0:
                        return bytearray()
                    data += chunk
        except AssistantError as error:
            log.warning("A file that a run made cannot be read: %s", type(error).__name__)
            raise
        else:
            taken = 0
            return data
        finally:
            self._room += taken

    async def _keep(self, values: dict[str, Any], data: bytes | None) -> int:
        position, self.number = self.number, self.number + 1
        self._room -= len(data or b"")
        row = {"turn": self._turn, "position": position, "data": data or b"", "is_elsewhere": data is None}

        def write(session: Session) -> None:
            if position == self._begin[0]:
                drop_made(session, self._turn, position)
            if is_open(session, self._turn):
                session.add(Made(**values | row))

        await self._database.run(write)
        return position


def drop_made(session: Session, turn: str, begin: int = 0) -> int:
    """Forget what was made, from a position on: it is posted, or will not be. How many charts and files that were."""
    return session.connection().execute(delete(Made).where(Made.turn == turn, Made.position >= begin)).rowcount


def _title(artifact: Artifact) -> str:
    """A chart is called as the answer calls it; a file keeps its name, which says what opens it."""
    if artifact.kind == "file":
        return artifact.name
    spoken = PurePosixPath(artifact.name).stem.replace("_", " ").replace("-", " ").strip()
    label = artifact.alt if not artifact.alt.endswith(PurePosixPath(artifact.name).suffix) else ""
    title = label or spoken or artifact.name
    return title[:1].upper() + title[1:]
