"""A bounded place on disk for bytes in flight from Slack to Azure: memory stays flat, the disk does not fill up."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from conversations.errors import FileError, SpoolFull, SpoolUnusable
from conversations.files.spool_folder import FULL, ProcessFolder, SpoolFolderUnusable

PATIENCE = 60.0
"""How long to wait for room, in seconds. Bounded, as two turns may each hold a file and wait for the other's room."""

_WRITE_SIZE = 1024 * 1024


@dataclass(frozen=True)
class SpooledFile:
    """Bytes on disk: where, and how many. Gone when its place is left."""

    path: Path
    size: int

    def open(self) -> BinaryIO:
        """The file for reading; seekable."""
        return self.path.open("rb")

    async def digest(self) -> str:
        """What tells these bytes from others: SHA-256."""
        return await asyncio.to_thread(self._digest)

    def _digest(self) -> str:
        with self.path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()


class SpoolPlace:
    """Room for one file, got from ``Spool.reserve``."""

    def __init__(self, spool: Spool, path: Path, name: str, reserved: int) -> None:
        self._spool = spool
        self.path = path
        self._name = name
        self.reserved = reserved

    async def write(self, chunks: AsyncIterator[bytes]) -> SpooledFile:
        """Write all chunks, in a worker thread that writes one piece while the next one is fetched.

        More than was reserved is taken if there is room at once.

        Raises:
            SpoolFull: The bytes are more than was reserved and there is no room, or the disk is full.
            SpoolUnusable: The disk refuses for another reason.
        """
        try:
            stream = await asyncio.to_thread(self.path.open, "wb")
            try:
                size = await self._write(stream, chunks)
            finally:
                await asyncio.to_thread(stream.close)
        except OSError as error:
            raise _refusal(error, self._name) from error
        return SpooledFile(self.path, size)

    async def _write(self, stream: BinaryIO, chunks: AsyncIterator[bytes]) -> int:
        loop = asyncio.get_running_loop()
        writing: asyncio.Future[None] = loop.create_future()
        writing.set_result(None)
        size = 0
        async for piece in _gathered(chunks):
            size += sum(map(len, piece))
            self._grow(size)
            await writing
            writing = loop.run_in_executor(None, stream.writelines, piece)
        await writing
        return size

    def _grow(self, size: int) -> None:
        if size > self.reserved:
            if not self._spool.take(size - self.reserved):
                raise SpoolFull(f"{size} bytes, {self.reserved} reserved", name=self._name)
            self.reserved = size


class Spool:
    """A directory whose files together never exceed a limit."""

    def __init__(self, limit: int, root: Path, patience: float = PATIENCE) -> None:
        """Nothing is created before the first use."""
        self.limit = limit
        self.used = 0
        self._root = root
        self._patience = patience
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._opening: asyncio.Task[ProcessFolder] | None = None

    @asynccontextmanager
    async def reserve(self, name: str, size: int) -> AsyncIterator[SpoolPlace]:
        """Room for a file, given back on leaving. Waits in line until others give back enough.

        Args:
            name: The file's name, for the error's sentence only.
            size: Its size in bytes; 0 when not known.

        Raises:
            SpoolFull: It can never fit, or no room came free in time.
            SpoolUnusable: There is no place for files here.
        """
        if size > self.limit:
            raise SpoolFull(f"{size} bytes, the spool holds {self.limit}", name=name)
        try:
            folder = await self.open()
        except SpoolFolderUnusable as error:
            raise SpoolUnusable(str(error), name=name) from error
        except OSError as error:
            raise _refusal(error, name) from error
        await self._wait_for(size, name)
        place = SpoolPlace(self, folder.path / uuid4().hex, name, size)
        try:
            yield place
        finally:
            await asyncio.shield(self._release(place))

    def take(self, size: int) -> bool:
        """Take room if it is there at once and nobody is waiting in line."""
        if self.used + size > self.limit or self._waiting:
            return False
        self.used += size
        return True

    async def close(self) -> None:
        """Remove this process's folder."""
        if self._opening is not None:
            folder = await self._opening
            self._opening = None
            await asyncio.to_thread(folder.remove)

    async def open(self) -> ProcessFolder:
        """Make this process's folder, if it is not there; a cleaner of temporary files may have taken it.

        Raises:
            SpoolFolderUnusable: It cannot be made, or would not be ours alone.
            OSError: The disk is full.
        """
        if self._opening and self._opening.done() and not self._opening.result().path.exists():
            self._opening = None
        if self._opening is None:
            self._opening = asyncio.create_task(asyncio.to_thread(ProcessFolder.open, self._root))
        try:
            return await asyncio.shield(self._opening)
        except (OSError, SpoolFolderUnusable):
            self._opening = None
            raise

    async def _wait_for(self, size: int, name: str) -> None:
        if self.take(size):
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (size, turn)
        self._waiting.append(entry)
        try:
            async with asyncio.timeout(self._patience):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._give_back(size)
            else:
                with suppress(ValueError):
                    self._waiting.remove(entry)
                self._admit()
            if isinstance(error, TimeoutError):
                raise SpoolFull(f"no room for {size} bytes within {self._patience:.0f} s", name=name) from error
            raise

    async def _release(self, place: SpoolPlace) -> None:
        try:
            await asyncio.to_thread(place.path.unlink, missing_ok=True)
        finally:
            self._give_back(place.reserved)

    def _give_back(self, size: int) -> None:
        self.used -= size
        self._admit()

    def _admit(self) -> None:
        """Let those in who are first in line and fit; nobody overtakes, so that large files get their turn."""
        while self._waiting and self.used + self._waiting[0][0] <= self.limit:
            size, turn = self._waiting.popleft()
            if not turn.done():
                self.used += size
                turn.set_result(None)


def _refusal(error: OSError, name: str) -> FileError:
    detail = f"{type(error).__name__} {error.errno}"
    return SpoolFull(detail, name=name) if error.errno in FULL else SpoolUnusable(detail, name=name)


async def _gathered(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """Chunks in pieces of about a megabyte: one hop to a thread for each."""
    piece: list[bytes] = []
    size = 0
    async for chunk in chunks:
        piece.append(chunk)
        size += len(chunk)
        if size >= _WRITE_SIZE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece
