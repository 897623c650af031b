"""How a delimited text is written: delimiter and quotes. Judged by how even the rows are, and how sound their cells.

``csv.Sniffer`` is not used: it fails on single columns and ragged rows, and its patterns take minutes on long lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tables.columns import is_missing, kind_of
from tables.heading import usual_width

DELIMITERS = (",", "\t", ";", "|")
SAMPLE_CHARS = 256 * 1024
BLANK_QUOTE = ' "'
"""Quotes that open after a blank: ``1, "a, b"``."""

_NEVER = "\x1f"
_ROWS = 500
_SWALLOWED_LINES = 20
_JUDGED_ROWS, _JUDGED_CELLS = 40, 50


@dataclass(frozen=True)
class Dialect:
    """Delimiter ("" for a single column), what quotes cells ("": nothing), usual number of cells in a row."""

    delimiter: str
    quote: str
    width: int
    evenness: float

    def rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The rows of lines as ``open(newline="")`` gives them; raises ``csv.Error`` on a cell of more than 128 KiB."""
        return _reader(lines, self.delimiter or _NEVER, self.quote)


@dataclass(frozen=True)
class _Reading:
    """A dialect, its rows, and how likely it is; ``perfect``: all rows, the first one included, have one width."""

    dialect: Dialect
    rows: Sequence[Sequence[str]]
    score: float
    perfect: bool


def find_dialect(sample: str, *, whole: bool) -> Dialect:
    """The dialect under which a text's beginning has the most even rows; of a part the last row does not count."""
    best: _Reading | None = None
    for delimiter in DELIMITERS:
        if delimiter in sample and not _is_one_number_a_line(sample, delimiter):
            reading = _best_reading(sample, delimiter, whole=whole)
            if reading and (best is None or _is_likelier(reading, best)):
                best = reading
    return best.dialect if best else Dialect("", '"', width=1, evenness=1.0)


def sample_rows(sample: str, dialect: Dialect, *, whole: bool, limit: int = 1000) -> list[list[str]]:
    """The first rows of the sample, blank ones left out."""
    return _sample_rows(sample, dialect.delimiter or _NEVER, dialect.quote, whole=whole, limit=limit)[0]


def _reader(lines: Iterable[str], delimiter: str, quote: str) -> Iterator[list[str]]:
    if not quote:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=delimiter, quotechar=quote[-1], skipinitialspace=quote == BLANK_QUOTE)


def _best_reading(sample: str, delimiter: str, *, whole: bool) -> _Reading | None:
    """The likeliest quotes for a delimiter, by how even the rows are; None when it makes no columns."""
    best, best_even = None, (False, 0.0)
    quotes = ("'", '"', "") if _has_single_quotes(sample, delimiter) else ('"', "")
    quotes = (*quotes, BLANK_QUOTE) if f"{delimiter}{BLANK_QUOTE}" in sample else quotes
    for quote in quotes if '"' in sample or "'" in quotes else ('"',):
        rows, sound = _sample_rows(sample, delimiter, quote, whole=whole)
        rows = [row for row in rows if any(row)]
        width, start, share = usual_width([len(row) for row in rows])
        if not sound or width == 1:
            continue
        table = rows[start:]
        even = share**3 * (len(table) / len(rows)) ** 0.5
        perfect = start == 0 and share > 0.98 and not _is_punctuation(sample, delimiter)  # noqa: PLR2004 - nearly all
        if (perfect, even) > (best_even[0], best_even[1] * 1.05):
            score = even * (width - 1) ** 0.5 * _soundness(table, delimiter) ** 2
            best, best_even = _Reading(Dialect(delimiter, quote, width, share), rows, score, perfect), (perfect, even)
    return best


def _is_likelier(reading: _Reading, other: _Reading) -> bool:
    """Whether a reading is likelier than another one, which comes first when neither is."""
    if reading.perfect != other.perfect:
        return reading.perfect
    if reading.perfect:
        here, there = _columns_with(reading, other), _columns_with(other, reading)
        if min(here, there) <= 1 and here != there:
            return here < there
        if here == there == 1 and reading.dialect.width != other.dialect.width:  # a list in a cell, or in a list's cell
            return reading.dialect.width < other.dialect.width
    return reading.score > other.score * 1.05


def _columns_with(reading: _Reading, other: _Reading) -> int:
    """In how many columns of a reading the other one's delimiter stands."""
    rows = reading.rows[:_JUDGED_ROWS]
    return sum(
        any(
            other.dialect.delimiter in row[place] and kind_of(row[place]) != "number"
            for row in rows
            if place < len(row)
        )
        for place in range(min(reading.dialect.width, _JUDGED_CELLS))
    )


def _is_one_number_a_line(sample: str, delimiter: str) -> bool:
    """Whether lines are numbers with a comma, below a name without one: a single column."""
    first, *others = sample[: 64 * _JUDGED_ROWS].split("\n", _JUDGED_ROWS)[:_JUDGED_ROWS]
    numbers = [line for line in others[:-1] if line.strip()]
    return bool(numbers) and delimiter not in first and all(kind_of(line) == "number" for line in numbers)


def _is_punctuation(sample: str, delimiter: str) -> bool:
    """Whether a blank follows the delimiter nearly always, as in sentences."""
    return delimiter in ",;" and sample.count(delimiter + " ") * 10 > sample.count(delimiter) * 9


def _has_single_quotes(sample: str, delimiter: str) -> bool:
    """Whether ``'`` stands around cells, not only before or in them as an apostrophe."""
    opened = closed = whole = 0
    for line in sample[: 64 * 1024].split("\n"):
        begins, ends = (delimiter + line).count(f"{delimiter}'"), (line.rstrip("\r") + delimiter).count(f"'{delimiter}")
        opened, closed, whole = opened + begins, closed + ends, whole + (begins == ends > 0)
    return whole > 0 and opened * 9 <= closed * 10 <= opened * 11 and f'{delimiter}"' not in sample


def _soundness(rows: Sequence[Sequence[str]], delimiter: str) -> float:
    """The share of cells that do not look as if they were cut at a wrong place, or not cut."""
    cells = [cell for row in rows[:_JUDGED_ROWS] for cell in row[:_JUDGED_CELLS]]
    others = [other for other in DELIMITERS if other != delimiter]
    return sum(_is_sound(cell, others) for cell in cells) / len(cells)


def _is_sound(cell: str, others: Sequence[str]) -> bool:
    held = [other for other in others if other in cell]
    if not held or is_missing(cell) or kind_of(cell) in {"number", "date"}:
        return True
    return all(cell.count(f"{other} ") == cell.count(other) for other in held) and not any(
        f'"{other}' in cell or f'{other}"' in cell for other in held
    )


def _sample_rows(
    sample: str, delimiter: str, quote: str, *, whole: bool, limit: int = _ROWS
) -> tuple[list[list[str]], bool]:
    """The first rows, and whether the quotes in them are sound."""
    reader = _reader(io.StringIO(sample, newline=""), delimiter, quote)
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
