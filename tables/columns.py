"""What a column holds, guessed from sample cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["integer", "number", "date", "category", "boolean", "text", "empty"]

SHOWN_CELL = 40
_NAME = 100
_ENOUGH = 0.95
_MIN_FOR_CATEGORY = 8
_FEW = 3
_MAX_CATEGORIES = 20
_MISSING = frozenset((
    "", "na", "n/a", "null", "none", "nan", "-", "--", "#n/a", "nil", "―", "－", "なし", "?", "unknown", "missing",
    "\\n",
))  # fmt: skip
_BOOLEANS = frozenset(
    {"true", "false", "yes", "no", "y", "n", "t", "f", "はい", "いいえ", "○", "×", "〇", "有", "無", "是", "否"}
)
_INTEGER = re.compile(r"[+\-−]?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:,\d{3})+)")
_NUMBER = re.compile(
    r"""(?x)
    [+\-−(▲△]? \s? [¥￥$€£₩]? \s? [+\-−]?
    (?: \d{1,3}(?:[, '’]\d{3})+(?:\.\d+)?      # 1,234.5
      | \d{1,3}(?:\.\d{3})+(?:,\d+)?           # 1.234,5
      | \d+(?:[.,]\d+)? | \.\d+ )
    (?:[eE][+\-]?\d{1,3})? \s? (?:%|％|円|元|원|€|kr)? \)?
    """
)
_DATE = re.compile(
    r"""(?x)
    (?: \d{4}[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?|月)?
      | \d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})
      | \d{1,2}月\d{1,2}日
      | (?:令和|平成|昭和|[RHS])\s?\d{1,2}[年./-]\d{1,2}[月./-]\d{1,2}日?
      | \d{1,2}[-\ ][A-Za-z]{3,9}[-\ ,]{1,2}\d{2,4} | [A-Za-z]{3,9}\ \d{1,2},?\ \d{4} | [A-Za-z]{3}-\d{2,4} )
    (?:[T\s]\s?\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:Z|[AaPp][Mm]|[+-]\d{2}:?\d{2})?)?
    """
)


@dataclass(frozen=True)
class Column:
    """A column's header (may be ""), its guessed type, and a few different cells; cut to 100 and 40 characters.

    ``codes``: its whole numbers name things (years, numbers of the rows, keys of one length): nobody adds them up.
    """

    name: str
    type: ColumnType
    samples: tuple[str, ...] = ()
    codes: bool = False


def describe_columns(header: Sequence[str], body: Sequence[Sequence[str]], width: int) -> tuple[Column, ...]:
    """One ``Column`` for each of the first ``width`` columns; short rows are taken as missing cells."""
    return tuple(
        _column(header[i] if i < len(header) else "", [row[i] for row in body if i < len(row)]) for i in range(width)
    )


def guess_type(cells: Sequence[str]) -> ColumnType:
    """The type that at least 95 % of the filled cells have. Numbers with leading zeros are text: they are codes."""
    filled = [text for cell in cells if not is_missing(text := cell.strip()[:_NAME])]
    if not filled:
        return "empty"
    for name, test in _MEASURES:
        if sum(map(test, filled)) / len(filled) >= _ENOUGH:
            return name
    distinct = {text.casefold() for text in filled}
    if distinct <= _BOOLEANS and len(distinct) <= 2:  # noqa: PLR2004 - two values make a boolean
        return "boolean"
    if len(filled) >= _MIN_FOR_CATEGORY and len(distinct) <= min(_MAX_CATEGORIES, len(filled) // 2):
        return "category"
    return "text"


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is nothing."""
    return cell.strip(" \t\0")[:_NAME].lower() in _MISSING


def kind_of(cell: str) -> Literal["", "number", "date", "boolean", "text"]:
    """What a single cell is; "" when it says that there is nothing."""
    text = cell.strip()[:_NAME]
    if is_missing(text):
        return ""
    if _is_date(text):
        return "date"
    if _is_integer(text) or _is_number(text):
        return "number"
    return "boolean" if text.casefold() in _BOOLEANS else "text"


def _column(name: str, cells: Sequence[str]) -> Column:
    different = dict.fromkeys(text[:SHOWN_CELL] for cell in cells[:50] if (text := cell.strip()))
    kind = guess_type(cells)
    codes = kind == "integer" and _are_codes([text for cell in cells if not is_missing(text := cell.strip())])
    return Column(" ".join(name[:_NAME].split()), kind, tuple(different)[:3], codes)


def _are_codes(numbers: Sequence[str]) -> bool:
    distinct = set(numbers)
    if len(distinct) < _FEW:
        return False
    if all(len(number) == 4 and number[:2] in {"19", "20"} for number in distinct):  # noqa: PLR2004 - years
        return True
    lengths = set(map(len, distinct))
    return len(distinct) == len(numbers) and (
        (max(lengths) - min(lengths) <= 1 and min(lengths) > 3)  # noqa: PLR2004 - keys
        or distinct == set(map(str, range(1, len(numbers) + 1)))
        or distinct == set(map(str, range(len(numbers))))
    )


def _is_integer(text: str) -> bool:
    return _INTEGER.fullmatch(text) is not None


def _is_number(text: str) -> bool:
    if text[0] == "0" and text.isdigit() and len(text) > 1:
        return False
    return _NUMBER.fullmatch(text) is not None


def _is_date(text: str) -> bool:
    return _DATE.fullmatch(text) is not None


_MEASURES: tuple[tuple[ColumnType, Callable[[str], bool]], ...] = (
    ("integer", _is_integer),
    ("date", _is_date),
    ("number", _is_number),
)
