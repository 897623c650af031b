"""Takes the tables out of a text that may still be growing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import TypeAlias

from replies.fences import Fence, fence_after
from replies.tables import Table

_DELIMITER_ROW = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\Z")
_ROW = re.compile(r" {0,3}\|")

Segment: TypeAlias = str | Table


class Segmenter:
    """Takes tables out of a growing text; everything else passes through at once.

    Only rows that begin with ``|`` count, outside of fences. A table is held until it has ended.
    """

    def __init__(self) -> None:
        self._rows = ""
        self._passed = ""
        self._line = ""
        self._fence: Fence | None = None

    def feed(self, text: str) -> list[Segment]:
        """Take the next piece; returns what is known by now."""
        out: list[Segment] = []
        self._line += text
        while "\n" in self._line:
            line, _, self._line = self._line.partition("\n")
            self._take(line + "\n", out)
        if self._line and not self._may_be_row():
            self._release(out)
            out.append(self._line)
            self._passed, self._line = self._passed + self._line, ""
        return joined(out)

    def close(self) -> list[Segment]:
        """The rest."""
        out: list[Segment] = []
        if self._line:
            line, self._line = self._line, ""
            self._take(line, out)
        self._release(out)
        return joined(out)

    def _may_be_row(self) -> bool:
        if self._passed or self._fence is not None:
            return False
        bare = self._line[:4].lstrip(" ")
        return bare.startswith("|") or (not bare and len(self._line) < 4)  # noqa: PLR2004 -- four spaces make code

    def _take(self, line: str, out: list[Segment]) -> None:
        if not self._passed and self._fence is None and _ROW.match(line):
            self._rows += line
            return
        self._release(out)
        out.append(line)
        self._fence = fence_after(self._passed + line, self._fence)
        self._passed = ""

    def _release(self, out: list[Segment]) -> None:
        held, self._rows = self._rows, ""
        if not held:
            return
        begin = _table_begin(held)
        if begin is None:
            out.append(held)
            return
        if begin:
            out.append(held[:begin])
        table = Table(held[begin:])
        out.append(table if table.rows and table.rows[0] else held[begin:])


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
    for part in chain(*lists):
        if isinstance(part, str) and out and isinstance(out[-1], str):
            out[-1] += part
        elif part:
            out.append(part)
    return out


def _table_begin(lines: str) -> int | None:
    """Where the header of a table stands in consecutive rows; None without a delimiter row."""
    position = 0
    rows = lines.splitlines(keepends=True)
    for row, following in pairwise(rows):
        if _DELIMITER_ROW.match(following.rstrip("\n")) and row.count("|") and _width(row) == _width(following):
            return position
        position += len(row)
    return None


def _width(row: str) -> int:
    return len(re.findall(r"(?<!\\)\|", row.strip().strip("|")))
