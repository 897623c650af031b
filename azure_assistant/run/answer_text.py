"""Joins the pieces of an answer: several messages, or parts of one, with a blank line between them."""

from __future__ import annotations

from collections.abc import Hashable

from untrusted.characters import whole

SEPARATOR = "\n\n"


class AnswerText:
    """The answer so far, in whole characters: deltas may end in the middle of one.

    Pieces are known by a key, so that a broken stream can be completed without repeating any.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._taken: dict[Hashable, int] = {}
        self._halves: dict[Hashable, str] = {}
        self._starts: dict[Hashable, int] = {}

    @property
    def whole(self) -> str:
        """All of it."""
        self._parts = ["".join(self._parts)]
        return self._parts[0]

    def add(self, key: Hashable, delta: str) -> str:
        """Append to a piece; returns what the whole grew by."""
        if not delta:
            return ""
        text = self._halves.pop(key, "") + delta
        if "\ud800" <= text[-1] <= "\udbff":
            self._halves[key], text = text[-1], text[:-1]
        return self._append(key, text)

    def complete(self, key: Hashable, piece: str) -> str:
        """Append what is still missing of a piece; returns what the whole grew by."""
        self._halves.pop(key, None)
        return self._append(key, whole(piece)[self._taken.get(key, 0) :])

    def start(self, key: Hashable) -> int | None:
        """Where a piece starts in the whole; None when it is empty."""
        return self._starts.get(key)

    def _append(self, key: Hashable, text: str) -> str:
        if not text:
            return ""
        joint = SEPARATOR if key not in self._starts and self._length else ""
        self._starts.setdefault(key, self._length + len(joint))
        plain = whole(text)
        self._taken[key] = self._taken.get(key, 0) + len(plain)
        grown = joint + plain
        self._parts.append(grown)
        self._length += len(grown)
        return grown
