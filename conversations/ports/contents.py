# ruff: noqa: D102 - ``Stored`` and ``Content`` say what their methods do
"""Bytes that are handed over: in memory, on disk, or still at Azure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Protocol


class Stored(Protocol):
    """Bytes that are here now."""

    @property
    def size(self) -> int:
        """How many."""
        ...

    def open(self) -> BinaryIO:
        """A handle to read them; seekable."""
        ...


class Content(Protocol):
    """What a chart or file holds."""

    @property
    def left_out(self) -> Sequence[str]:
        """Names of what should be in it, and is not; known when it was fetched."""
        ...

    def fetch(self) -> AbstractAsyncContextManager[Stored]:
        """Have it here; it is let go on leaving. Raises an ``AnalystError`` that names it when it cannot be had."""
        ...


@dataclass(frozen=True)
class InMemory:
    """Bytes in memory, as ``Stored`` and as ``Content``."""

    data: bytes
    left_out: Sequence[str] = ()

    @property
    def size(self) -> int:
        return len(self.data)

    def open(self) -> BinaryIO:
        return BytesIO(self.data)

    @asynccontextmanager
    async def fetch(self) -> AsyncIterator[Stored]:
        yield self
