"""Where in rows that stand together a table begins: titles and notes, then the header's rows, then data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tables.columns import is_missing, kind_of

Row = Sequence[str]
MOST_HEADER_ROWS = 8
_COMPARED_ROWS = 50
_COMPARED_COLUMNS = 200
_TYPICAL = 0.9
_LETTERS = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Heading:
    """The header's rows are ``first`` to ``data`` - 1 (none when equal); what is above is notes, below it data.

    ``width`` is the usual number of cells; ``evident``: what stands in the header can be no data.
    """

    first: int
    data: int
    width: int
    evident: bool = False


def usual_width(lengths: Sequence[int]) -> tuple[int, int, float]:
    """How many cells the rows of a table have that notes may precede.

    Returns:
        The number; the first row that has it, from where on it is the usual one; its share of the rows from there on.
    """
    best, best_weight = (1, 0, 1.0), 0.0
    for width, number in Counter(lengths).most_common(4):
        left, total = number, len(lengths)
        for place, length in enumerate(lengths):
            if length == width:
                if left * 2 >= total - place:
                    break
                left -= 1
        share = left / (total - place)
        in_tail = sum(length == width for length in lengths[-3:]) * 2 >= min(3, total)
        weight = left * share * (width - 1) ** 0.5 * (1.0 if in_tail else 0.1)
        if width > 1 and weight > best_weight:
            best, best_weight = (width, place, share), weight
    return best


def find_heading(rows: Sequence[Row]) -> Heading:
    """Where the header is, among rows that stand together; the first of those that hold more than titles."""
    width, start, _ = usual_width([len(row) for row in rows])
    if width == 1:
        return _heading(rows, 0, 0, 1)
    extents = [extent(row) for row in rows[start:]]
    usual = usual_width(extents)[0]
    first = next((start + place for place, reach in enumerate(extents) if reach >= usual), start)
    return _heading(rows, start, first, width)


def extent(row: Row) -> int:
    """How many cells a row has up to its last filled one."""
    return next((place for place in range(len(row), 0, -1) if row[place - 1].strip()), 0)


def joined(rows: Sequence[Row], width: int) -> list[str]:
    """The names of columns whose header has several rows: merged cells hold for those to their right."""
    spread = [_spread(row, width) for row in rows[:-1]] + [[*rows[-1], *[""] * width]] if rows else []
    return [" / ".join(dict.fromkeys(filter(None, (row[place].strip() for row in spread)))) for place in range(width)]


def _spread(row: Row, width: int) -> list[str]:
    cells, last = [], ""
    for cell in [*row, *[""] * width][:width]:
        last = cell.strip() or last
        cells.append(last)
    return cells


def _heading(rows: Sequence[Row], start: int, first: int, width: int) -> Heading:
    kinds = [_kinds(row) for row in rows[first : first + _COMPARED_ROWS + MOST_HEADER_ROWS]]
    number = _header_rows(rows[first:], kinds)
    if not number:
        above = first - 1
        if (
            above >= 0
            and extent(rows[above]) > 1
            and _differs(_kinds(rows[above]), kinds, shift=width - len(rows[above]))
        ):
            return Heading(above, first, width, evident=True)
        return Heading(first, first, width)
    data = first + number
    evident = bool(_unlike(kinds[number - 1], _profile(kinds[number:])))
    while number > 1 and rows[first][0].startswith("#") and not rows[data - 1][0].startswith("#"):
        first, number = first + 1, number - 1
    while first > start and _is_group(rows[first - 1]):
        first -= 1
    return Heading(first, data, width, evident)


def _header_rows(rows: Sequence[Row], kinds: Sequence[Sequence[str]]) -> int:
    """How many of the first rows are a header."""
    candidates = next((n for n, row in enumerate(rows[:MOST_HEADER_ROWS]) if not _may_be_label(row, kinds[n])), None)
    most = min(len(kinds) - 1, MOST_HEADER_ROWS if candidates is None else candidates)
    for last in range(most - 1, 0, -1):
        profile = _profile(kinds[last + 1 :])
        unlike = _unlike(kinds[last], profile)
        grouped = any(not cell.strip() for cell in rows[0][: len(rows[last])])
        if len(unlike) == len(_measured(kinds[last], profile)) and len(unlike) >= (1 if grouped else 2):
            return last + 1
    return int(_is_header(rows, kinds)) if rows else 0


def _is_header(rows: Sequence[Row], kinds: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is one: it is unlike the rows below it, or nothing speaks against it."""
    first, profile = rows[0], _profile(kinds[1:])
    if len(kinds) == 1:
        return not any(kind in {"number", "date"} for kind in kinds[0])
    measured, unlike = _measured(kinds[0], profile), _unlike(kinds[0], profile)
    alike = [place for place in measured if place not in unlike]
    if len(alike) * 2 > len(measured):
        return _are_labels(rows, alike)
    recurring = [place for place, cell in enumerate(first[:_COMPARED_COLUMNS]) if _recurs(cell, place, rows)]
    return bool(unlike) or not recurring or first in rows[1:]  # the last: a header that is repeated


def _recurs(cell: str, place: int, rows: Sequence[Row]) -> bool:
    return not is_missing(cell) and any(len(row) > place and row[place] == cell for row in rows[1:_COMPARED_ROWS])


def _are_labels(rows: Sequence[Row], places: Sequence[int]) -> bool:
    """Years, dates or running numbers as in the headers of wide tables, above cells that are something else."""
    cells = [rows[0][place].strip() for place in places]
    beside_words = len(places) < sum(map(bool, rows[0]))
    if all(map(_is_period, cells)):
        below = [row[place] for row in rows[1:_COMPARED_ROWS] for place in places if place < len(row)]
        periods = sum(map(_is_period, below))
        return periods * 2 < len(below) if len(places) > 1 else beside_words and len(below) > periods == 0
    numbers = [int(cell) if cell.isdecimal() and len(cell) < 5 else -2 for cell in cells]  # noqa: PLR2004 - short
    return beside_words and len(numbers) > 2 and all(later == number + 1 for number, later in pairwise(numbers))  # noqa: PLR2004


def _is_period(cell: str) -> bool:
    text = cell.strip()
    return (text.isdecimal() and text[:2] in {"19", "20"} and len(text) in {4, 6}) or kind_of(text) == "date"


def _may_be_label(row: Row, kinds: Sequence[str]) -> bool:
    return all(kind not in {"number", "date"} or _is_period(cell) for cell, kind in zip(row, kinds, strict=False))


def _is_group(row: Row) -> bool:
    """Whether a row's cells stand above several columns each, as merged cells do: not all side by side."""
    filled = [place for place, cell in enumerate(row) if cell.strip()]
    return bool(filled) and filled[-1] > 0 and filled != list(range(len(filled)))


def _kinds(row: Row) -> list[str]:
    return [_kind(cell) for cell in row[:_COMPARED_COLUMNS]]


def _kind(cell: str) -> str:
    """What a cell is; of those with digits or signs the text without its numbers: codes, times, addresses are alike."""
    text = cell.strip()[:100]
    kind = kind_of(text)
    if kind == "text" and "@" in text:
        return "a@a"
    return _DIGITS.sub("9", text) if kind == "text" and any(map(str.isdigit, text)) else kind


def _pattern(kind: str) -> str:
    """The same without its letters."""
    return _LETTERS.sub("a", kind) if "9" in kind else kind


def _profile(rows: Sequence[Sequence[str]]) -> list[str]:
    """For each column what its cells are alike in; "" when they are words, or of many kinds."""
    width = max(map(len, rows), default=0)
    return [_common([row[place] for row in rows[:_COMPARED_ROWS] if place < len(row)]) for place in range(width)]


def _common(kinds: Sequence[str]) -> str:
    filled = [kind for kind in kinds if kind]
    for found in (filled, list(map(_pattern, filled))):
        kind, number = Counter(found).most_common(1)[0] if found else ("", 0)
        if number >= _TYPICAL * len(found):
            return "" if kind == "text" else kind
    return ""


def _measured(kinds: Sequence[str], profile: Sequence[str]) -> list[int]:
    """The columns that tell whether a row is like others; that letters are no yes or no tells nothing."""
    return [
        place
        for place, (kind, usual) in enumerate(zip(kinds, profile, strict=False))
        if usual and kind and (usual != "boolean" or kind == usual)
    ]


def _unlike(kinds: Sequence[str], profile: Sequence[str]) -> list[int]:
    return [
        place for place in _measured(kinds, profile) if profile[place] not in (kinds[place], _pattern(kinds[place]))
    ]


def _differs(kinds: Sequence[str], below: Sequence[Sequence[str]], *, shift: int) -> bool:
    """Whether a row that is shorter or longer than the rows below it is their header all the same."""
    profile = _profile(below)
    shifted = [*[""] * shift, *kinds] if shift == 1 else list(kinds)
    unlike = _unlike(shifted, profile)
    return bool(unlike) and unlike == _measured(shifted, profile)
