"""A buffer of Markdown that may still grow, read in bounded windows, so that the time is linear in its length."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

JOINER = "\u2060"
"""Word joiner, invisible: between ``<`` and ``!`` it makes Slack's markup inert and keeps it readable, in code too."""

WINDOW = 2000
_BLOCK_START = re.compile(r"\n(?=([ \t]*(?:\n|```|[-*+] |\d{1,9}[.)] |#|>|\|)))")


class Token(NamedTuple):
    """A decision: ``end`` is where the text goes on, ``kind`` how the output is guarded."""

    end: int
    text: str
    kind: Literal["prose", "code", "link"] = "prose"


class Source:
    """A text that is read from its start: what it follows is ``before``, and more follows unless it is ``final``."""

    def __init__(self, text: str, *, final: bool, before: str) -> None:
        self.text = text
        self.final = final
        self._before = before
        self._searched = 0, 0
        self._stop: re.Match[str] | None = None

    def before(self, position: int) -> str:
        """The character before a place, or "" at the very start."""
        return self.text[position - 1] if position else self._before

    def line(self, position: int) -> str | None:
        """The line from here on, with its line end; None while it is incomplete. Long lines come in pieces."""
        end = self.text.find("\n", position, position + WINDOW) + 1
        line = self.text[position : end or position + WINDOW]
        return line if end or self.final or len(line) == WINDOW else None

    def window(self, position: int) -> tuple[str, bool]:
        """The text that a decision at ``position`` may depend on, and whether it is all there."""
        stop = self._next_block(position)
        if stop and stop.end(1) <= position + WINDOW:
            return self.text[position : stop.start()], True
        window = self.text[position : position + WINDOW]
        return window, self.final or len(window) == WINDOW

    def literal(self, position: int, length: int = 1) -> Token:
        """The text as it is."""
        return Token(position + length, self.text[position : position + length])

    def _next_block(self, position: int) -> re.Match[str] | None:
        """Where the next block starts. Each part of the text is searched once."""
        begin, end = self._searched
        if not begin <= position < end:
            self._stop = _BLOCK_START.search(self.text, position + 1)
            self._searched = position, self._stop.start() if self._stop else len(self.text)
        return self._stop
