"""Reads the set's files, each as it has to be read: nothing is guessed, so that what is computed from them is true."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from evals.cases import TOLERANCE, Case, Expected, Turn

FILES = Path(__file__).parent / "files"

Row = Mapping[str, str]


@cache
def table(name: str, encoding: str = "utf-8", delimiter: str = ",", skip: int = 0) -> Sequence[Row]:
    """The rows of a text, by column; ``skip`` lines stand above the header."""
    with (FILES / name).open(encoding=encoding, newline="") as stream:
        lines = stream.read().splitlines()[skip:]
    return list(csv.DictReader(lines, delimiter=delimiter))


@cache
def sheet(name: str, of: str, skip: int = 0) -> Sequence[Mapping[str, Any]]:
    """The rows of a workbook's sheet, by column; ``skip`` rows stand above the header."""
    from python_calamine import CalamineWorkbook

    header, *body = CalamineWorkbook.from_path(str(FILES / name)).get_sheet_by_name(of).to_python()[skip:]
    return [dict(zip(map(str, header), row, strict=True)) for row in body]


def number(cell: str) -> float:
    """A cell such as ``1,234.5円``, ``$12``, ``12.5%``; in brackets or behind ▲ it is negative."""
    digits = "".join(char for char in cell if char.isdigit() or char == ".")
    return -float(digits) if cell.startswith(("(", "▲", "-")) else float(digits)


def german(cell: str) -> float:
    """A cell such as ``1.234,5``."""
    return number(cell.replace(".", "").replace(",", "."))


def total(rows: Iterable[Row], column: str, read: Callable[[str], float] = number) -> float:
    """The sum of a column."""
    return sum(read(row[column]) for row in rows)


def mean(values: Iterable[float]) -> float:
    """The arithmetic mean."""
    found = list(values)
    return sum(found) / len(found)


def by(rows: Iterable[Row], group: str, column: str, read: Callable[[str], float] = number) -> Mapping[str, float]:
    """The sums of a column by group, the largest first."""
    sums: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        sums[row[group]] += read(row[column])
    return dict(sorted(sums.items(), key=lambda item: -item[1]))


def where(rows: Iterable[Row], **equal: str) -> list[Row]:
    """The rows whose columns hold these."""
    return [row for row in rows if all(row[column] == cell for column, cell in equal.items())]


def once(rows: Iterable[Row]) -> list[Row]:
    """The rows, each once."""
    return [dict(cells) for cells in dict.fromkeys(tuple(row.items()) for row in rows)]


def turn(ask: str, *values: float, language: str = "en", **more: Any) -> Turn:
    """A question and the numbers that its answer states."""
    return Turn(ask, Expected(values=values, language=language, **{"tolerance": TOLERANCE, **more}))


def case(key: str, file: str, *turns: Turn, kind: str, **more: Any) -> Case:
    """A conversation about files, named with ``+`` between."""
    return Case(key, [FILES / name for name in file.split("+")], turns, kind, **more)
