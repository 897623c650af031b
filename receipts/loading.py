"""The tables of a file, cell by cell, read as ``tables/`` has told the model that the file is read."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from receipts.naming import column_names, distinct, part_names, sheet_name
from tables.delimited import DelimitedTable, read_delimited
from tables.kinds import COUNTED_BYTES, DELIMITED, WORKBOOKS, extension
from tables.layout import Table, find_tables, regions_of
from tables.workbook import DESCRIBED_SHEETS, UnreadableWorkbook, opened

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MOST_TABLES, _MOST_COLUMNS = 20, 500
_HINTS = 1000


class Unloadable(Exception):
    """The file cannot be loaded as tables; the text says why."""


@dataclass(frozen=True)
class Loaded:
    """A table: what queries call it, its columns that are wanted, and their cells; ``""`` where there is nothing.

    ``others`` are the first cells of the other columns, which may show how the file writes numbers and dates.
    """

    name: str
    columns: Sequence[str]
    cells: Sequence[Sequence[str]]
    others: Sequence[Sequence[str]] = ()


Wanted = Callable[[str], bool]
"""Whether a column is needed, by its name."""


def load(stream: BinaryIO, file: str, name: str, wanted: Wanted = bool) -> list[Loaded]:
    """The tables of a file.

    Args:
        stream: Its bytes; seekable.
        file: Its own name.
        name: What queries call it.
        wanted: Which columns; of a table without any of them it is the first one.

    Raises:
        Unloadable: It has none that can be read here whole.
    """
    kind, size = extension(file), os.fstat(stream.fileno()).st_size
    head = stream.read(len(_OLE))
    if head in (_ZIP, _OLE) and kind in WORKBOOKS | DELIMITED:
        return _workbook(stream, size, name, wanted)
    if kind in WORKBOOKS | DELIMITED and 0 < size <= COUNTED_BYTES:
        return _delimited(stream, size, name, wanted)
    raise Unloadable("of a kind or size that is not loaded")


def _delimited(stream: BinaryIO, size: int, name: str, wanted: Wanted) -> list[Loaded]:
    found = read_delimited(stream, size)
    if not found.tables or not found.exact:
        raise Unloadable("empty, or too slow to read")
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=found.encoding.name, errors="replace", newline=None)
    csv.field_size_limit(2**31 - 1)
    try:
        rows = (row for row in found.dialect.rows(text) if row)  # blank lines are not counted
        return list(_tables(rows, [part.table for part in _shown(found.tables)], name, wanted))
    except csv.Error as error:
        raise Unloadable("no rows") from error
    finally:
        text.detach()


def _shown(parts: Sequence[DelimitedTable]) -> Sequence[DelimitedTable]:
    return parts[:_MOST_TABLES]


def _tables(rows: Iterator[Sequence[str]], tables: Sequence[Table], name: str, wanted: Wanted) -> Iterator[Loaded]:
    """The tables in numbered rows: of each as many filled rows as were counted, from where its data begin."""
    place = 0
    for called, table in zip(part_names(name, len(tables)), tables, strict=True):
        width = min(table.width, _MOST_COLUMNS)
        names = column_names([*table.header, *[""] * width][:width])
        kept = [number for number, column in enumerate(names) if wanted(column)] or [0]
        place += sum(1 for _ in islice(rows, max(0, table.begins - place)))
        columns: list[list[str]] = [[] for _ in range(width)]
        left = table.rows
        while left > 0 and (row := next(rows, None)) is not None:
            place += 1
            if any(cell.strip() for cell in row):
                left -= 1
                _add(columns, row, range(width) if table.rows - left <= _HINTS else kept)
        others = [column for number, column in enumerate(columns) if number not in kept]
        yield Loaded(called, [names[number] for number in kept], [columns[number] for number in kept], others)


def _add(columns: Sequence[list[str]], row: Sequence[str], kept: Iterable[int]) -> None:
    for number in kept:
        columns[number].append(row[number] if number < len(row) else "")


def _workbook(stream: BinaryIO, size: int, name: str, wanted: Wanted) -> list[Loaded]:
    loaded: list[Loaded] = []
    try:
        with opened(stream, size) as (book, cut):
            for number, sheet in enumerate(book.sheet_names[:DESCRIBED_SHEETS], 1):
                if sheet not in cut:
                    called = distinct(sheet_name(name, sheet, number), [table.name for table in loaded])
                    loaded += _sheet(book.get_sheet_by_name(sheet).to_python(), called, wanted)
    except UnreadableWorkbook as error:
        raise Unloadable(str(error)) from error
    return loaded


def _sheet(cells: Iterable[Sequence[Any]], name: str, wanted: Wanted) -> Iterable[Loaded]:
    rows = [[_text(cell) for cell in row] for row in cells]
    tables = find_tables(regions_of(rows))[:_MOST_TABLES]
    return _tables(iter(rows), tables, name, wanted) if rows else ()


def _text(cell: Any) -> str:
    """A cell as a CSV would have it; numbers are never in another language."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)  # noqa: PLR2004 - exact below
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ") if cell.time() != dt.time() else cell.date().isoformat()
    return str(cell)
