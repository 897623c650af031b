"""A bounded place on disk for bytes in flight from Slack to Azure: memory stays flat, the disk does not fill up.

Every process has a directory of its own under a common root and holds a lock on it; the directories of processes that
died are removed when the next one starts.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from conversations.errors import SpoolFull

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

logger = logging.getLogger(__name__)

DEFAULT_LIMIT = 2 * 1024**3
PATIENCE = 60.0
"""How long to wait for room, in seconds. Bounded, as two turns may each hold a file and wait for the other's room."""

_WRITE_SIZE = 1024 * 1024
_LOCK_NAME = "lock"


@dataclass(frozen=True)
class SpooledFile:
    """Bytes on disk: where, and how many. Gone when its place is left."""

    path: Path
    size: int

    def open(self) -> BinaryIO:
        """The file for reading; seekable."""
        return self.path.open("rb")


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
        """
        try:
            stream = await asyncio.to_thread(self.path.open, "wb")
            try:
                size = await self._write(stream, chunks)
            finally:
                await asyncio.to_thread(stream.close)
        except OSError as error:
            raise SpoolFull(f"{type(error).__name__} {error.errno}", name=self._name) from error
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

    def __init__(self, limit: int = DEFAULT_LIMIT, root: Path | None = None, patience: float = PATIENCE) -> None:
        """Nothing is created before the first use.

        Args:
            limit: Bytes of all files together.
            root: Where the directories of all processes lie; in the system's temporary directory if not given.
            patience: Seconds to wait for room.
        """
        self.limit = limit
        self.used = 0
        self._root = root or Path(tempfile.gettempdir()) / "slack-data-analyst"
        self._patience = patience
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._opening: asyncio.Task[_Home] | None = None

    @asynccontextmanager
    async def reserve(self, name: str, size: int) -> AsyncIterator[SpoolPlace]:
        """Room for a file, given back on leaving. Waits in line until others give back enough.

        Args:
            name: The file's name, for the error's sentence only.
            size: Its size in bytes; 0 when not known.

        Raises:
            SpoolFull: It can never fit, or no room came free in time.
        """
        if size > self.limit:
            raise SpoolFull(f"{size} bytes, the spool holds {self.limit}", name=name)
        home = await self._home()
        await self._wait_for(size, name)
        place = SpoolPlace(self, home.path / uuid4().hex, name, size)
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
        """Remove this process's directory."""
        if self._opening is not None:
            home = await self._opening
            self._opening = None
            await asyncio.to_thread(home.remove)

    async def _home(self) -> _Home:
        if self._opening is None:
            self._opening = asyncio.create_task(asyncio.to_thread(_Home.open, self._root))
        try:
            return await asyncio.shield(self._opening)
        except OSError as error:
            self._opening = None
            raise SpoolFull(f"{self._root}: {error}", name="the file") from error

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


@dataclass(frozen=True)
class _Home:
    """This process's directory and the lock that says it is alive."""

    path: Path
    lock: BinaryIO

    @classmethod
    def open(cls, root: Path) -> _Home:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for other in root.iterdir():
            _remove_if_dead(other)
        while True:
            path = root / uuid4().hex
            path.mkdir(mode=0o700)
            lock = (path / _LOCK_NAME).open("wb")
            if _try_lock(lock) and (path / _LOCK_NAME).exists():
                return cls(path, lock)
            lock.close()  # another process, starting now, took the new directory for a dead one

    def remove(self) -> None:
        self.lock.close()
        shutil.rmtree(self.path, ignore_errors=True)


def _remove_if_dead(directory: Path) -> None:
    lock = directory / _LOCK_NAME
    with suppress(OSError):
        with lock.open("r+b") as stream:
            if not _try_lock(stream):
                return
        logger.info("removing what a dead process left in the spool: %s", directory.name)
        shutil.rmtree(directory, ignore_errors=True)


def _try_lock(stream: BinaryIO) -> bool:
    """Lock a file until it is closed; False when another process holds it."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


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
