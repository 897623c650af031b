"""Takes a text apart at its empty rows, in one pass and with the first rows of each part only."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Iterator

from tables.dialect import SAMPLE_CHARS, Dialect
from tables.layout import Region

_SECONDS = 0.8
_READ_CHARS = 64 * 1024
_CHECK_EVERY = 2048
_LONGEST_LINE = 8 * 1024 * 1024
_MOST_REGIONS = 100
_FIRST_REGIONS, _FIRST_ROWS, _LATER_ROWS = 3, 1000, 60
_EMPTY = " \t,;|\"'\0"
_GAP = re.compile(r"""\n(?:[ \t,;|"'\0]*\n)+""")


class _Regions:
    """The regions found so far; after the most that are told apart the last one takes all that comes."""

    def __init__(self, dialect: Dialect) -> None:
        self.found: list[Region] = []
        self.counts: list[int] = []
        self._dialect = dialect
        self._numbered = 0
        self._in_gap = True
        self._room = [SAMPLE_CHARS, SAMPLE_CHARS]

    @property
    def is_full(self) -> bool:
        return len(self.found) == _MOST_REGIONS

    def gap(self, rows: int) -> None:
        """An empty place, with so many rows of empty cells."""
        self._in_gap = True
        self._numbered += rows

    def row(self, row: list[str]) -> None:
        """A row that was parsed."""
        self.add(1)
        if self.wanted():
            self._keep([row])

    def lines(self, text: str, count: int) -> None:
        """Rows that are lines."""
        self.add(count)
        wanted = self.wanted()
        if wanted:
            room = self._room[self._is_later()]
            kept = text[:room].split("\n", wanted)[:wanted]
            if len(text) > room and len(kept) > 1 and len(kept) < wanted:
                kept.pop()  # it is cut
            try:
                self._keep(list(self._dialect.rows(kept)))
            except csv.Error:  # a giant cell
                self._room[self._is_later()] = 0

    def add(self, count: int) -> None:
        """Count rows, of a new region after a gap."""
        if self._in_gap and (not self.is_full or not self.found):
            self.found.append(Region(self._numbered, 0))
            self.counts.append(0)
        self._in_gap = False
        self.counts[-1] += count
        self._numbered += count

    def wanted(self) -> int:
        """How many more rows of the present region are kept."""
        later = self._is_later()
        most = _LATER_ROWS if later else _FIRST_ROWS
        return max(0, most - len(self.found[-1].head)) if self._room[later] > 0 else 0

    def all(self) -> list[Region]:
        """The regions."""
        return [Region(region.first, count, region.head) for region, count in zip(self.found, self.counts, strict=True)]

    def _is_later(self) -> bool:
        return len(self.found) > _FIRST_REGIONS

    def _keep(self, rows: list[list[str]]) -> None:
        self.found[-1].head.extend(rows)
        self._room[self._is_later()] -= sum(sum(map(len, row)) + len(row) for row in rows)


def read_regions(text: io.TextIOWrapper, dialect: Dialect, *, quotes: bool) -> tuple[list[Region], bool]:
    """The regions of a text, and whether it was read to its end. Without ``quotes`` a line is a row."""
    regions = _Regions(dialect)
    are_lines = not quotes or not dialect.quote
    exact = _by_lines(text, regions) if are_lines else _by_rows(text, dialect, regions)
    return regions.all(), exact


def _by_rows(text: io.TextIOWrapper, dialect: Dialect, regions: _Regions) -> bool:
    deadline = time.process_time() + _SECONDS
    try:
        for number, row in enumerate(dialect.rows(_lines(text))):
            if row and (row[0] or any(row)):
                regions.row(row)
            else:
                regions.gap(bool(row))
            if number % _CHECK_EVERY == 0 and time.process_time() > deadline:
                return False
    except csv.Error:
        _by_lines(text, regions)
        return False
    return True


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines; one that would be laid out in millions of cells is given up like a giant cell."""
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise csv.Error("a giant line")
        yield line


def _by_lines(text: io.TextIOWrapper, regions: _Regions) -> bool:
    deadline = time.process_time() + _SECONDS
    unfinished = False
    while block := text.read(_READ_CHARS):
        block += text.readline(_READ_CHARS)
        goes_on, unfinished = unfinished, not block.endswith("\n")
        _take(block if goes_on else "\n" + block, regions, goes_on=goes_on)
        if time.process_time() > deadline:
            return False
    return True


def _take(block: str, regions: _Regions, *, goes_on: bool) -> None:
    """Lines of a block, which begins with a line end unless its first line goes on from the block before."""
    place = 0
    for gap in _GAP.finditer(block) if not regions.is_full and _may_have_gaps(block) else ():
        _take_lines(block[place : gap.start()], regions, goes_on=goes_on)
        goes_on = False
        regions.gap(sum(map(bool, gap.group().split("\n"))))
        place = gap.end()
        if regions.is_full:
            break
    _take_lines(block[place:], regions, goes_on=goes_on)


def _may_have_gaps(block: str) -> bool:
    """Whether any line begins as an empty one does: quicker to tell than where."""
    return any(f"\n{char}" in block for char in "\n" + _EMPTY)


def _take_lines(text: str, regions: _Regions, *, goes_on: bool) -> None:
    text = text.strip("\n") if not goes_on else text.rstrip("\n")
    count = text.count("\n") + bool(text) - goes_on
    if "\n\n" in text:
        count -= sum(not line for line in text.split("\n"))
    if count > 0 and (regions.is_full or text.strip(_EMPTY)):
        regions.lines(text, count)
