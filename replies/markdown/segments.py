"""Separates the tables of a text, which may still grow, from its words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import TypeAlias

from replies.markdown.fences import LONGEST_FENCE_LINE, Fence, fence_after
from replies.markdown.rows import cells_of, is_delimiter_row
from replies.markdown.tables import MarkdownTable

_ROW = re.compile(r" {0,3}\|")

Segment: TypeAlias = str | MarkdownTable


class Segmenter:
    """Takes tables out of a growing text; everything else passes through at once.

    Only rows that begin with ``|`` count, outside of fences. A table is held until it has ended.
    """

    def __init__(self) -> None:
        self._rows: list[str] = []
        self._held: list[str] = []
        self._passed = ""
        self._fence: Fence | None = None

    def feed(self, text: str) -> list[Segment]:
        """Take the next piece; returns what is known by now."""
        out: list[Segment] = []
        begin = 0
        while end := text.find("\n", begin) + 1:
            self._take(text[begin:end], out)
            begin = end
        if begin < len(text):
            self._begin(text[begin:], out)
        return joined(out)

    def close(self) -> list[Segment]:
        """The rest."""
        out: list[Segment] = []
        if self._held:
            self._take("", out)
        self._release(out)
        return joined(out)

    def _begin(self, piece: str, out: list[Segment]) -> None:
        """A line that has not ended is held while it may be a row."""
        self._held.append(piece)
        if not self._passed and self._fence is None and _may_be_row("".join(held[:4] for held in self._held[:4])):
            return
        self._release(out)
        line = "".join(self._held)
        self._held.clear()
        out.append(line)
        self._passed = (self._passed + line)[: LONGEST_FENCE_LINE + 1]

    def _take(self, piece: str, out: list[Segment]) -> None:
        """The end of a line."""
        line = "".join([*self._held, piece])
        self._held.clear()
        if not self._passed and self._fence is None and _ROW.match(line):
            self._rows.append(line)
            return
        self._release(out)
        out.append(line)
        self._fence = fence_after(self._passed + line, self._fence)
        self._passed = ""

    def _release(self, out: list[Segment]) -> None:
        rows, self._rows = self._rows, []
        begin = _table_begin(rows)
        out.append("".join(rows[:begin]))
        if begin < len(rows):
            out.append(MarkdownTable("".join(rows[begin:])))


def segments(text: str) -> list[Segment]:
    """A whole text as its words and tables, in order."""
    segmenter = Segmenter()
    return joined(segmenter.feed(text), segmenter.close())


def as_text(parts: Sequence[Segment]) -> str:
    """The Markdown of segments again."""
    return "".join(part if isinstance(part, str) else part.source for part in parts)


def joined(*lists: Sequence[Segment]) -> list[Segment]:
    """Lists one after the other, neighbouring words as one segment."""
    out: list[Segment] = []
    words: list[str] = []
    for part in chain(*lists):
        if isinstance(part, str):
            words.append(part)
            continue
        out += [text for text in ["".join(words)] if text]
        words.clear()
        out.append(part)
    return out + [text for text in ["".join(words)] if text]


def _may_be_row(beginning: str) -> bool:
    bare = beginning[:4].lstrip(" ")
    return bare.startswith("|") or (not bare and len(beginning) < 4)  # noqa: PLR2004 -- four spaces make code


def _table_begin(rows: Sequence[str]) -> int:
    """The number of the row that is the header of a table; past the last when there is none."""
    for number, (row, following) in enumerate(pairwise(rows)):
        if is_delimiter_row(following) and _can_be_header(cells_of(row), cells_of(following)):
            return number
    return len(rows)


def _can_be_header(header: Sequence[str], rules: Sequence[str]) -> bool:
    return len(header) == len(rules) and (len(header) > 1 or bool(header[0]))
