"""Bytes as a source of decisions, the same on every run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Source:
    """Hands out decisions, and zeros once its bytes are used up."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def below(self, limit: int) -> int:
        """A number from 0 to ``limit`` - 1."""
        size = 1 if limit <= 256 else 2
        chunk = self._data[self._place : self._place + size].ljust(size, b"\0")
        self._place += size
        return int.from_bytes(chunk, "big") % max(limit, 1)

    def choice(self, values: Sequence[T]) -> T:
        """One of the values."""
        return values[self.below(len(values))]

    def rest(self) -> bytes:
        """The bytes that are left."""
        rest, self._place = self._data[self._place :], len(self._data)
        return rest

    def text(self) -> str:
        """The bytes that are left, as text: what is no UTF-8 becomes halves of characters."""
        return text_of(self.rest())


def text_of(data: bytes) -> str:
    """Bytes as text: what is no UTF-8 becomes halves of characters."""
    return data.decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    """Text as bytes that ``text_of`` reads as (nearly) the same."""
    return text.encode("utf-8", "surrogatepass")
