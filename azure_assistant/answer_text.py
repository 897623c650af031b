"""Joins the pieces of an answer: several messages, or parts of one, with a blank line between them."""

from __future__ import annotations

from collections.abc import Hashable

SEPARATOR = "\n\n"


class AnswerText:
    """The answer so far. Pieces are known by a key, so that a broken stream can be completed without repeating any."""

    def __init__(self) -> None:
        self.whole = ""
        self._lengths: dict[Hashable, int] = {}
        self._starts: dict[Hashable, int] = {}

    def add(self, key: Hashable, delta: str) -> str:
        """Append to a piece; returns what the whole grew by."""
        if not delta:
            return ""
        joint = SEPARATOR if key not in self._starts and self.whole else ""
        self._starts.setdefault(key, len(self.whole) + len(joint))
        self._lengths[key] = self._lengths.get(key, 0) + len(delta)
        self.whole += joint + delta
        return joint + delta

    def complete(self, key: Hashable, piece: str) -> str:
        """Append what is still missing of a piece; returns what the whole grew by."""
        return self.add(key, piece[self._lengths.get(key, 0) :])

    def start(self, key: Hashable) -> int | None:
        """Where a piece starts in the whole; None when it is empty."""
        return self._starts.get(key)
