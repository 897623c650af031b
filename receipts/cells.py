"""The cells of a column as a database takes them: numbers, dates and times whatever their spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from tables.columns import guess_type, is_missing, kind_of

Kind: TypeAlias = Literal["BIGINT", "DOUBLE", "DATE", "TIMESTAMP", "BOOLEAN", "VARCHAR"]
Spelled = Callable[[str], str | None]

_JUDGED, _GUESSED = 20_000, 1000
_LONGEST_WHOLE = 18
_GROUP = 3
"""Digits between two separators of thousands."""

_SIGNS = str.maketrans("", "", "¥￥$€£₩%％円元원 \u00a0\u202f\u2009'’krKR()（）▲△+-−")
_MINUS = ("-", "−", "(", "（", "▲", "△")
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_EXPONENT = re.compile(r"[eE][+\-]?\d{1,3}\Z")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})")
_ERA = re.compile(r"(令和|平成|昭和|[RHS])\s?(\d{1,2})[年./-](\d{1,2})[月./-](\d{1,2})日?")
_NAMED = re.compile(
    r"(?:(\d{1,2})[- ])?([A-Za-z]{3,9})[- ](?:(\d{1,2}),? )?(\d{4}|\d{2})|(\d{1,2}) ([A-Za-z]{3,9}), (\d{4})"
)
_TIME = re.compile(r"[T\s]\s?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[AaPp][Mm]|[+-]\d{2}:?\d{2})?\Z")
_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CENTURY, _TURN = 100, 70
_MONTHS_OF_YEAR, _NOON = 12, 12


@dataclass(frozen=True)
class Habits:
    """How a file writes what can be read in two ways: decimal commas, and the day before the month. None: unknown."""

    decimal_comma: bool | None = None
    day_first: bool | None = None


@dataclass(frozen=True)
class Typed:
    """A column: its kind, and its cells as the database's own text for it, None for what is missing."""

    kind: Kind
    cells: list[str | None]


def habits_of(columns: Sequence[Sequence[str]]) -> Habits:
    """What the cells of a file show for certain: the first column that does so decides."""
    comma: bool | None = None
    day: bool | None = None
    for cells in columns:
        some = cells[:_JUDGED]
        kind = guess_type(some[:_GUESSED])
        if comma is None and kind == "number":
            comma = _decimal_comma([cell for cell in some if kind_of(cell) == "number"])
        elif day is None and kind == "date":
            day = _day_first(some)
    return Habits(comma, day)


def typed(cells: Sequence[str], habits: Habits) -> Typed:
    """The cells of a column, of the kind that nearly all of them have; what is of another kind is missing."""
    kind = guess_type(cells[:_JUDGED])
    if kind in ("integer", "number"):
        return _numbers(cells, habits)
    if kind == "date" and (dated := _dates(cells, habits)):
        return dated
    if kind == "boolean" and {cell.strip().lower() for cell in cells if not is_missing(cell)} <= {"true", "false"}:
        return Typed("BOOLEAN", [None if is_missing(cell) else cell.strip().lower() for cell in cells])
    missing = {cell for cell in set(cells) if is_missing(cell)}
    return Typed("VARCHAR", [None if cell in missing else cell for cell in cells])


def _numbers(cells: Sequence[str], habits: Habits) -> Typed:
    numbers = {cell: cell for cell in set(cells) if _PLAIN.fullmatch(cell) or kind_of(cell) == "number"}
    comma = _decimal_comma(numbers)
    comma = comma if comma is not None else bool(habits.decimal_comma)
    for cell in numbers:
        if comma or not _PLAIN.fullmatch(cell):
            numbers[cell] = _number(cell, comma=comma)
    are_whole = all(
        "." not in number and "e" not in number.lower() and len(number) <= _LONGEST_WHOLE for number in numbers.values()
    )
    return Typed("BIGINT" if are_whole else "DOUBLE", [numbers.get(cell) for cell in cells])


def _decimal_comma(cells: Sequence[str] | Mapping[str, str]) -> bool | None:
    """Whether a comma stands before decimals; None when every separator could be one of thousands."""
    for cell in cells:
        comma, point = cell.rfind(","), cell.rfind(".")
        if comma >= 0 and point >= 0:
            return comma > point
        mark = "," if comma >= 0 else "." if point >= 0 else ""
        if not mark:
            continue
        digits = _EXPONENT.sub("", cell.translate(_SIGNS))
        before, after = digits[: digits.find(mark)], digits[digits.rfind(mark) + 1 :]
        if digits.count(mark) > 1:
            return mark == "."
        if len(after) != _GROUP or len(before) > _GROUP or before in ("", "0"):
            return mark == ","
    return None


def _number(cell: str, *, comma: bool) -> str:
    text = cell.strip()
    exponent = _EXPONENT.search(text)
    written = text[: exponent.start()] if exponent else text
    digits = written.translate(_SIGNS)
    digits = digits.replace(".", "").replace(",", ".") if comma else digits.replace(",", "")
    is_negative = any(sign in written for sign in _MINUS)
    plain = digits if digits.isascii() else "".join(str(int(one)) if one.isdecimal() else one for one in digits)
    return f"{'-' if is_negative else ''}{plain}{exponent[0] if exponent else ''}"


def _dates(cells: Sequence[str], habits: Habits) -> Typed | None:
    """The dates of a column; None when one cannot be told for certain."""
    day_first = _day_first(cells)
    day_first = day_first if day_first is not None else habits.day_first
    found: dict[str, str] = {}
    for cell in cells:
        if cell not in found and kind_of(cell) == "date":
            moment = _moment(cell.strip(), day_first=day_first)
            if moment is None:
                return None
            found[cell] = moment
    kind: Kind = "TIMESTAMP" if any(" " in moment for moment in found.values()) else "DATE"
    return Typed(kind, [found.get(cell) for cell in cells])


def _day_first(cells: Sequence[str]) -> bool | None:
    """Whether dates with the year behind begin with the day; None when no cell tells."""
    for cell in cells:
        if match := _YEAR_LAST.match(cell.strip()):
            first, second = int(match[1]), int(match[2])
            if first > _MONTHS_OF_YEAR or second > _MONTHS_OF_YEAR:
                return first > _MONTHS_OF_YEAR
            if "." in match[0]:  # points are written by those who write the day first
                return True
    return None


def _moment(text: str, *, day_first: bool | None) -> str | None:
    """A date, and its time in UTC where it has one, in ISO's form."""
    day, end = _day(text, day_first=day_first)
    rest = text[end:]
    if day is None:
        return None
    try:
        date = datetime(*day)
        return date.strftime("%Y-%m-%d") if not rest else _with_time(date, rest)
    except ValueError:
        return None


def _day(text: str, *, day_first: bool | None) -> tuple[tuple[int, int, int] | None, int]:
    if match := _YEAR_FIRST.match(text):
        return (int(match[1]), int(match[2]), int(match[3] or 1)), match.end()
    if match := _YEAR_LAST.match(text):
        first, second = int(match[1]), int(match[2])
        if day_first is None and first != second:
            return None, 0
        return (_year(match[3]), second if day_first else first, first if day_first else second), match.end()
    if match := _ERA.match(text):
        return (_ERAS[match[1]] + int(match[2]), int(match[3]), int(match[4])), match.end()
    if match := _NAMED.match(text):
        day, month, year = match[1] or match[3] or match[5] or "1", match[2] or match[6], match[4] or match[7]
        if month.lower()[:3] in _MONTHS:
            return (_year(year), _MONTHS.index(month.lower()[:3]) + 1, int(day)), match.end()
    return None, 0


def _year(digits: str) -> int:
    year = int(digits)
    return year if year >= _CENTURY else year + (1900 if year >= _TURN else 2000)


def _with_time(date: datetime, rest: str) -> str | None:
    match = _TIME.fullmatch(rest)
    if not match:
        return None
    hour, zone = int(match[1]), match[5] or ""
    if zone.lower() in ("am", "pm"):
        hour = hour % _NOON + (_NOON if zone.lower() == "pm" else 0)
    moment = date.replace(hour=hour, minute=int(match[2]), second=int(match[3] or 0))
    moment = moment.replace(microsecond=int((match[4] or "0")[:6].ljust(6, "0")))
    if zone[:1] in ("+", "-"):
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        moment -= offset if zone[0] == "+" else -offset
    return moment.isoformat(" ")
