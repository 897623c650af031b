"""Excel and OpenDocument workbooks: their sheets, sizes and columns, by python-calamine (Rust)."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from tables.columns import describe_columns
from tables.extent import Extent, cut_sparse_sheets
from tables.facts import Sheet
from tables.layout import Table, find_tables, regions_of
from tables.traps import find_traps

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_MAX_UNPACKED = 30 * 1024 * 1024
"""Bytes. Twice as much memory is taken to read them (measured with ten columns of numbers)."""

DESCRIBED_SHEETS = 10
_DESCRIBED_COLUMNS = 50
_MOST_SHEETS = 1000
_LONGEST_NAME = 100
_SAMPLE_ROWS = 200
_TRAP_ROWS = 2000
_MOST_TABLES = 10

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


class UnreadableWorkbook(Exception):
    """The workbook is encrypted, broken, or too large to open here; the text says which."""


def read_workbook(stream: BinaryIO, size: int) -> tuple[Sheet, ...]:
    """The sheets of a workbook of so many bytes, in its order. Those after the tenth by name only.

    Raises:
        UnreadableWorkbook: With the reason, for the model.
    """
    with opened(stream, size) as (book, extents):
        names = book.sheet_names
        if len(names) > _MOST_SHEETS:
            raise UnreadableWorkbook(f"more than {_MOST_SHEETS:,} sheets")
        described = [_sheet(name, book.get_sheet_by_name(name), extents.get(name)) for name in names[:DESCRIBED_SHEETS]]
    return (*described, *(Sheet(name[:_LONGEST_NAME]) for name in names[DESCRIBED_SHEETS:]))


@contextmanager
def opened(stream: BinaryIO, size: int) -> Iterator[tuple[CalamineWorkbook, Mapping[str, Extent]]]:
    """A workbook of so many bytes, and the extents of those of its first sheets of which only the beginning is there.

    Raises:
        UnreadableWorkbook: It cannot be opened, or a sheet of it cannot be read.
    """
    import python_calamine

    stream, extents = _affordable(stream, size)
    stream.seek(0)
    try:
        with python_calamine.load_workbook(stream) as book:
            yield book, extents
    except python_calamine.PasswordError as error:
        raise UnreadableWorkbook("protected by a password") from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise UnreadableWorkbook("not a readable workbook") from error


def _affordable(stream: BinaryIO, size: int) -> tuple[BinaryIO, Mapping[str, Extent]]:
    """The workbook, or a copy with its sparse sheets cut, and the extents of those."""
    if not zipfile.is_zipfile(stream):
        _check_size(size)
        return stream, {}
    try:
        with zipfile.ZipFile(stream) as archive:
            _check_size(sum(entry.file_size for entry in archive.infolist()))
            copy, extents = cut_sparse_sheets(archive, DESCRIBED_SHEETS, _SAMPLE_ROWS)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise UnreadableWorkbook("not a readable workbook") from error
    return copy or stream, extents


def _check_size(unpacked: int) -> None:
    if unpacked > _MAX_UNPACKED:
        raise UnreadableWorkbook(f"too large to count here ({unpacked // 2**20} MB unpacked)")


def _sheet(name: str, sheet: CalamineSheet, extent: Extent | None) -> Sheet:
    """A sheet's facts. ``extent`` is that of the whole sheet when ``sheet`` is only its beginning."""
    most = _TRAP_ROWS if extent is None and sheet.width <= _DESCRIBED_COLUMNS else _SAMPLE_ROWS
    looked_at = [[_shown(cell) for cell in row] for row in sheet.to_python(nrows=most)]
    rows = looked_at[:_SAMPLE_ROWS]
    first_row, height, width = sheet.start[0] if sheet.start else 0, sheet.height, sheet.width
    if extent:
        first_row, height, width = extent.first_row, extent.height, extent.width
    tables = find_tables(regions_of(rows))
    parts = [_part(name, table, first_row) for table in tables[:_MOST_TABLES]]
    if not parts:
        return Sheet(name[:_LONGEST_NAME], 0, width)
    if len(parts) == 1:
        columns = describe_columns(tables[0].header, tables[0].body, min(width, _DESCRIBED_COLUMNS))
        body, is_whole = looked_at[tables[0].begins :], height <= len(looked_at)
        traps, readings = find_traps(tables[0].header, body, columns, is_whole=is_whole)
        main = replace(parts[0], rows=height - tables[0].begins, column_count=width, columns=columns)
        return replace(main, traps=traps, readings=readings)
    parts[-1] = replace(parts[-1], rows=height - tables[-1].begins)
    largest = max(parts, key=lambda part: part.rows)
    return replace(largest, tables=tuple(parts))


def _part(name: str, table: Table, first_row: int) -> Sheet:
    return Sheet(
        name=name[:_LONGEST_NAME],
        rows=table.rows,
        column_count=table.width,
        header_row=table.header_row + first_row if table.header_row else 0,
        columns=describe_columns(table.header, table.body, min(table.width, _DESCRIBED_COLUMNS)),
        header_rows=table.header_rows,
        notes=table.notes,
    )


def _shown(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:  # noqa: PLR2004 - floats are exact below
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    return str(cell)
