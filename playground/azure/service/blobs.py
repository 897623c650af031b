"""Bytes of any size: small ones in memory, large ones in an unnamed temporary file."""

from __future__ import annotations

import asyncio
import os
import tempfile
import weakref
from collections.abc import AsyncIterator
from typing import IO

IN_MEMORY = 4 * 2**20
CHUNK = 2**20


class Blob:
    """Bytes that are written once and read many times, by several readers at once."""

    def __init__(self, data: bytes = b"") -> None:
        self._memory = bytearray(data)
        self._disk: IO[bytes] | None = None
        self.size = len(data)

    async def write(self, chunk: bytes) -> None:
        """Append."""
        self.size += len(chunk)
        if self._disk is None and self.size <= IN_MEMORY:
            self._memory += chunk
            return
        if self._disk is None:
            self._disk = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed with the blob
            weakref.finalize(self, self._disk.close)
            await asyncio.to_thread(self._disk.write, bytes(self._memory))
            self._memory.clear()
        await asyncio.to_thread(self._disk.write, chunk)

    @property
    def data(self) -> bytes:
        """All bytes at once."""
        return self._read(0, self.size)

    async def read(self) -> bytes:
        """All bytes at once, without holding up the loop."""
        return await asyncio.to_thread(self._read, 0, self.size) if self._disk else bytes(self._memory)

    async def chunks(self) -> AsyncIterator[bytes]:
        """All bytes, piece by piece."""
        for start in range(0, self.size, CHUNK):
            yield await asyncio.to_thread(self._read, start, CHUNK) if self._disk else self._read(start, CHUNK)

    def _read(self, start: int, length: int) -> bytes:
        if self._disk is None:
            return bytes(self._memory[start : start + length])
        pieces = []
        while length > 0 and (piece := os.pread(self._disk.fileno(), length, start)):
            pieces.append(piece)
            start += len(piece)
            length -= len(piece)
        return b"".join(pieces)
