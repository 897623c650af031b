"""Looks for traps in a table. What is told must be so: a false alarm costs trust in all others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tables.columns import Column, is_missing
from tables.traps.amounts import CODES, CURRENCIES, KINDS, Amount, amounts, currency, unit
from tables.traps.dates import look_at_dates
from tables.traps.keys import duplicate_keys, duplicate_rows, is_code, number_ids
from tables.traps.totals import find_totals
from tables.traps.trap import Reading, Trap, name_of, shown

_MOST_COLUMNS = 60
_MOST_CELLS = 60_000
_LONGEST = 100
_NUMBERS = 0.6
_UNIT_COLUMNS = frozenset({"unit", "units", "uom", "unit of measure", "einheit", "単位"})
_CURRENCY_COLUMNS = frozenset({"currency", "curr", "ccy", "currency code", "währung", "waehrung", "devise", "通貨"})


def find_traps(
    header: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[Column], *, is_whole: bool
) -> tuple[tuple[Trap, ...], tuple[Reading, ...]]:
    """The traps of a table, and how its columns are to be read.

    Args:
        header: The names of its columns.
        rows: Its first rows, or all.
        columns: What is known of the columns.
        is_whole: The rows are all.
    """
    width = min(len(columns), _MOST_COLUMNS)
    rows = [row for row in rows[: max(1, _MOST_CELLS // max(1, width))] if any(map(str.strip, row))]
    cells = [[row[i][:_LONGEST] if i < len(row) else "" for row in rows] for i in range(width)]
    names = [name_of(header[i] if i < len(header) else "", i) for i in range(width)]
    traps, readings = list[Trap](), list[Reading]()
    numbers = [amounts(column) for column in cells]
    numeric = {i: _may_be_added(columns[i], cells[i], numbers[i], names[i]) for i in range(width)}
    if totals := find_totals(cells, numeric, is_whole=is_whole):
        traps.append(totals)
    if copies := duplicate_rows([row[:width] for row in rows], has_key=_tells_rows_apart(names, columns)):
        traps.append(copies)
    elif width and (repeated := duplicate_keys(names[0], cells[0], is_first=True)):
        traps.append(repeated)
    for i, name in enumerate(names):
        found, reading = _look_at(name, cells[i], numbers[i], adds=numeric[i], with_amounts=any(numeric.values()))
        traps += found
        readings += [reading] if reading else []
    return tuple(traps), tuple(readings)


def _tells_rows_apart(names: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether rows are about single things or moments; of mere measurements two may well be equal."""
    return any(map(is_code, names)) or any(column.type == "date" for column in columns)


def _may_be_added(column: Column, cells: Sequence[str], numbers: Sequence[Amount | None], name: str) -> bool:
    if column.type == "date" or is_code(name) or (column.codes and column.type == "integer"):
        return False
    filled = sum(not is_missing(cell) for cell in cells)
    return filled > 0 and sum(one is not None for one in numbers) >= _NUMBERS * filled


def _look_at(
    name: str, cells: Sequence[str], numbers: Sequence[Amount | None], *, adds: bool, with_amounts: bool
) -> tuple[list[Trap], Reading | None]:
    if adds:
        return _amount_traps(name, cells, numbers)
    if codes := number_ids(name, cells):
        return [codes], None
    if with_amounts and (mixed := _named_marks(name, cells)):
        return [mixed], None
    return look_at_dates(name, cells)


def _amount_traps(
    name: str, cells: Sequence[str], numbers: Sequence[Amount | None]
) -> tuple[list[Trap], Reading | None]:
    if codes := number_ids(name, cells):
        return [codes], None
    pairs = [(cell, one) for cell, one in zip(cells, numbers, strict=True) if one]
    currencies = {sign: cell for cell, one in pairs if (sign := currency(one.mark))}
    units = {sign: cell for cell, one in pairs if (sign := unit(one.mark)) and not currency(one.mark)}
    commas = [cell for cell, one in pairs if one.style == "comma"]
    points = [cell for cell, one in pairs if one.style == "point"]
    traps = []
    if len(currencies) > 1:
        traps.append(Trap("currencies", name, shown(list(currencies.values())), len(currencies)))
    if _differ(units):
        traps.append(Trap("units", name, shown(list(units.values())), len(units)))
    if commas:
        kind, examples = ("mixed_decimals", [commas[0], points[0]]) if points else ("decimal_commas", commas)
        traps.append(Trap(kind, name, shown(examples), len(commas)))  # type: ignore[arg-type]
    marks = {one.mark for _, one in pairs}
    if len(marks) == 1 and (mark := marks.pop()):
        return traps, Reading(name, "unit", mark)
    return traps, None


def _differ(units: Iterable[str]) -> bool:
    used = {one.casefold() for one in units}
    return any(len(used & kind) > 1 for kind in KINDS)


def _named_marks(name: str, cells: Sequence[str]) -> Trap | None:
    """A column that says in which currency or unit the amounts beside it are."""
    plain = name.casefold()
    values = sorted({text for cell in cells if not is_missing(text := cell.strip())})
    if len(values) < 2:  # noqa: PLR2004 - one is no mixture
        return None
    if plain in _CURRENCY_COLUMNS and all(one.casefold() in CODES or one.casefold() in CURRENCIES for one in values):
        return Trap("currencies", name, shown(values), len(values))
    if plain in _UNIT_COLUMNS and _differ(values):
        return Trap("units", name, shown(values), len(values))
    return None
