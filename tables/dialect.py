"""How a delimited text is written: delimiter, quotes, and where its header is. Judged by how even the rows are.

``csv.Sniffer`` is not used: it fails on single columns and ragged rows, and its patterns take minutes on long lines.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tables.columns import guess_type

DELIMITERS = (",", "\t", ";", "|")
SAMPLE_CHARS = 256 * 1024
_NEVER = "\x1f"
_ROWS = 200
_MAX_PREAMBLE = 20
_SWALLOWED_LINES = 20
_MEASURED = frozenset({"integer", "number", "date"})


@dataclass(frozen=True)
class Dialect:
    """Delimiter ("" for a single column), whether ``"`` quotes cells, and the usual number of cells in a row."""

    delimiter: str
    quoted: bool
    width: int
    evenness: float

    def rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The rows of a text; raises ``csv.Error`` on a cell of more than 128 KiB.

        Args:
            lines: Lines with their ends, as ``open(newline="")`` gives them.
        """
        return _reader(lines, self.delimiter or _NEVER, quoted=self.quoted)


def find_dialect(sample: str, *, whole: bool) -> Dialect:
    """The dialect under which the sample's rows are the most even.

    Args:
        sample: The beginning of the text, at most ``SAMPLE_CHARS``.
        whole: Whether it is all of the text; else its last row is not counted.
    """
    best = Dialect("", quoted=True, width=1, evenness=1.0)
    best_score = 0.0
    for delimiter in DELIMITERS:
        for quoted in (True, False):
            rows, sound = _sample_rows(sample, delimiter, quoted=quoted, whole=whole)
            width, share, score = _evenness(rows)
            if sound and score > best_score * 1.05:
                best, best_score = Dialect(delimiter, quoted, width, share), score
    return best


def sample_rows(sample: str, dialect: Dialect, *, whole: bool, limit: int = 1000) -> list[list[str]]:
    """The first rows of the sample, blank ones left out."""
    return _sample_rows(sample, dialect.delimiter or _NEVER, quoted=dialect.quoted, whole=whole, limit=limit)[0]


def find_header(rows: Sequence[Sequence[str]], width: int) -> tuple[int, bool]:
    """Where the table begins.

    Returns:
        The index of the first row of the usual width (0 when there is none early on), and whether it is a header.
    """
    start = next((i for i, row in enumerate(rows[:_MAX_PREAMBLE]) if len(row) == width and any(row)), 0)
    if not rows:
        return 0, False
    first, body = rows[start], rows[start + 1 : start + 101]
    if not body:
        return start, not any(guess_type([cell]) in _MEASURED for cell in first)
    measured = [i for i in range(min(width, 200)) if guess_type([row[i] for row in body if i < len(row)]) in _MEASURED]
    alike = [i for i in measured if i < len(first) and first[i] and guess_type([first[i]]) in _MEASURED]
    if measured and len(alike) * 2 > len(measured):
        return start, len(alike) > 1 and all(_is_period(first[i]) for i in alike)
    return start, True


def _reader(lines: Iterable[str], delimiter: str, *, quoted: bool) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)


def _is_period(cell: str) -> bool:
    """A year or a date, as in the headers of wide tables."""
    text = cell.strip()
    return (text.isdigit() and text[:2] in {"19", "20"} and len(text) in {4, 6}) or guess_type([text]) == "date"


def _sample_rows(
    sample: str, delimiter: str, *, quoted: bool, whole: bool, limit: int = _ROWS
) -> tuple[list[list[str]], bool]:
    """The first rows, and whether the quotes in them are sound."""
    reader = _reader(io.StringIO(sample, newline=""), delimiter, quoted=quoted)
    rows: list[list[str]] = []
    try:
        rows.extend(islice((row for row in reader if row), limit + 1))
    except csv.Error:
        return rows, False
    if not whole and 1 < len(rows) <= limit and not _swallows(rows[-1]):
        rows.pop()
    return rows[:limit], not any(map(_swallows, rows))


def _swallows(row: Sequence[str]) -> bool:
    """Whether a quote that nobody closed has made lines into cells."""
    return any(cell.count("\n") >= _SWALLOWED_LINES for cell in row)


def _evenness(rows: Sequence[Sequence[str]]) -> tuple[int, float, float]:
    """Usual width, share of the rows that have it, and the score of the reading: even and wide is likely right."""
    if not rows:
        return 1, 0.0, 0.0
    width, count = Counter(map(len, rows)).most_common(1)[0]
    share = count / len(rows)
    if width == 1:
        return 1, share, 0.0
    score = share * math.log2(1 + width)
    return width, share, score if len(rows[0]) == width else score * 0.8
