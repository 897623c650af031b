"""Rows that add up others: what is said to be a total, and is one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tables.columns import is_missing
from tables.traps.amounts import amounts
from tables.traps.trap import Trap, shown

_FEW = 3
_MOST_COLUMNS, _MOST_SAID = 5, 60
"""Numbers that are added up, and rows that are said to be totals, so that looking at them does not take for ever."""

_TOTAL = re.compile(
    r"(?:grand |sub[- ]?|overall |net )?totals?(?:[ :].{0,60})?|.{1,60} (?:sub)?totals?"
    r"|(?:gesamt|zwischen|end|teil)?summen?(?:[ :].{0,60})?|gesamt|insgesamt|total g[ée]n[ée]ral|sous-total|somme|sum"
    r"|.{0,40}(?:合計|小計|総計|中計)(?:[ :：].{0,40})?|計|all|alle|overall|world|全国|全体|すべて"
)
_EXACT = re.compile(r"(?:grand |sub[- ]?)?totals?|(?:gesamt|zwischen)?summe|合計|小計|総計|計")


def find_totals(columns: Sequence[Sequence[str]], numeric: Mapping[int, bool], *, is_whole: bool) -> Trap | None:
    """The totals among some rows.

    Args:
        columns: The cells, column by column, all of one length.
        numeric: Which columns may be added up.
        is_whole: The rows are all that there are; else what is added up may stand elsewhere.
    """
    adding = [i for i, adds in numeric.items() if adds][:_MOST_COLUMNS]
    numbers = [[one.value if one else None for one in amounts(columns[i])] for i in adding]
    labels = [columns[i] for i, adds in numeric.items() if not adds]
    rows = len(columns[0]) if columns else 0
    if not numbers or rows < _FEW:
        return None
    said = {row: label for row in range(rows) if (label := _said(labels, row)) is not None}
    named = {row for row, label in said.items() if label}
    if len(said) * 2 > rows or len(said) > _MOST_SAID:
        return None
    proven = {row for row in said if any(_adds_up(column, row, said) for column in numbers)}
    totals = {row for row in proven if row in named or (row == rows - 1 and _all_add_up(numbers, row, said))}
    if totals or not is_whole:
        last = rows - 1
        is_only = named == {last}
        totals |= {row for row in named if _EXACT.fullmatch(_plain(said[row])) and (proven or is_only)}
    if not totals:
        return None
    return Trap("totals", examples=shown([said[row] or "–" for row in sorted(totals)]), count=len(totals))


def _said(labels: Sequence[Sequence[str]], row: int) -> str | None:
    """What a row calls itself if that is a total: "" when it has no words at all, None when it is something else."""
    words = [text for column in labels if not is_missing(text := column[row].strip())]
    if not words:
        return "" if labels else None
    for word in words:
        if _TOTAL.fullmatch(_plain(word)):
            return word
    return None


def _plain(word: str) -> str:
    return word.strip(" :*.").casefold()[:80]


def _adds_up(column: Sequence[float | None], row: int, said: Mapping[int, str]) -> bool:
    """Whether a number is the sum of at least two others: of those since the total before, of all, or of the totals."""
    value = column[row]
    if value is None or value == 0:
        return False
    before = max((other for other in said if other < row), default=-1)
    after = min((other for other in said if other > row), default=len(column))
    groups = (
        range(before + 1, row),
        (other for other in range(row) if other not in said),
        (other for other in said if other < row and said[other] != said[row]),
        range(row + 1, after),
        (other for other in range(len(column)) if other not in said),
    )
    return any(_is_sum(value, [column[other] for other in group]) for group in groups)


def _all_add_up(numbers: Sequence[Sequence[float | None]], row: int, said: Mapping[int, str]) -> bool:
    """A row without words is a total only if each of its numbers is, and enough rows stand above it."""
    filled = [column for column in numbers if column[row] is not None]
    return row >= _FEW and bool(filled) and all(_adds_up(column, row, said) for column in filled)


def _is_sum(value: float, parts: Sequence[float | None]) -> bool:
    known = [part for part in parts if part is not None]
    if len(known) < 2 or not any(part for part in known):  # noqa: PLR2004 - one number is no sum
        return False
    return abs(sum(known) - value) <= max(0.001 * abs(value), 0.005 * len(known))
