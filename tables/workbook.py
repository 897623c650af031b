"""Excel and OpenDocument workbooks: their sheets, sizes and columns, by python-calamine (Rust)."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO

from tables.columns import describe_columns
from tables.dialect import find_header
from tables.extent import Extent, cut_sparse_sheets
from tables.facts import Sheet

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

_MAX_UNPACKED = 30 * 1024 * 1024
"""Bytes. Twice as much memory is taken to read them (measured with ten columns of numbers)."""

_DESCRIBED_SHEETS = 10
_DESCRIBED_COLUMNS = 50
_MOST_SHEETS = 1000
_LONGEST_NAME = 100
_SAMPLE_ROWS = 200

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


class UnreadableWorkbook(Exception):
    """The workbook is encrypted, broken, or too large to open here; the text says which."""


def read_workbook(stream: BinaryIO, size: int) -> tuple[Sheet, ...]:
    """The sheets of a workbook, in its order. Those after the tenth by name only.

    Args:
        stream: The file, seekable.
        size: Its bytes.

    Raises:
        UnreadableWorkbook: With the reason, for the model.
    """
    import python_calamine

    stream, extents = _affordable(stream, size)
    stream.seek(0)
    try:
        with python_calamine.load_workbook(stream) as book:
            names = book.sheet_names
            if len(names) > _MOST_SHEETS:
                raise UnreadableWorkbook(f"more than {_MOST_SHEETS:,} sheets")
            described = [
                _sheet(name, book.get_sheet_by_name(name), extents.get(name)) for name in names[:_DESCRIBED_SHEETS]
            ]
    except python_calamine.PasswordError as error:
        raise UnreadableWorkbook("protected by a password") from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise UnreadableWorkbook("not a readable workbook") from error
    return (*described, *(Sheet(name[:_LONGEST_NAME]) for name in names[_DESCRIBED_SHEETS:]))


def _affordable(stream: BinaryIO, size: int) -> tuple[BinaryIO, Mapping[str, Extent]]:
    """The workbook, or a copy with its sparse sheets cut, and the extents of those."""
    if not zipfile.is_zipfile(stream):
        _check_size(size)
        return stream, {}
    try:
        with zipfile.ZipFile(stream) as archive:
            _check_size(sum(entry.file_size for entry in archive.infolist()))
            copy, extents = cut_sparse_sheets(archive, _DESCRIBED_SHEETS, _SAMPLE_ROWS)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise UnreadableWorkbook("not a readable workbook") from error
    return copy or stream, extents


def _check_size(unpacked: int) -> None:
    if unpacked > _MAX_UNPACKED:
        raise UnreadableWorkbook(f"too large to count here ({unpacked // 2**20} MB unpacked)")


def _sheet(name: str, sheet: CalamineSheet, extent: Extent | None) -> Sheet:
    """A sheet's facts. ``extent`` is that of the whole sheet when ``sheet`` is only its beginning."""
    rows = [[_shown(cell) for cell in row] for row in sheet.to_python(nrows=_SAMPLE_ROWS)]
    start, has_header = find_header(rows, sheet.width)
    start = _first_full_row(rows, start)
    header = rows[start] if rows and has_header else []
    body = rows[start + has_header :]
    first_row, height, width = sheet.start[0] if sheet.start else 0, sheet.height, sheet.width
    if extent:
        first_row, height, width = extent.first_row, extent.height, extent.width
    return Sheet(
        name=name[:_LONGEST_NAME],
        rows=max(0, height - start - has_header),
        column_count=width,
        header_row=start + 1 + first_row if header else 0,
        columns=describe_columns(header, body, min(width, _DESCRIBED_COLUMNS)),
    )


def _first_full_row(rows: Sequence[Sequence[str]], start: int) -> int:
    """Titles above a table fill few cells: the header is the first row that is at least half filled."""
    for index, row in enumerate(rows[start : start + 20], start):
        if sum(map(bool, row)) * 2 >= len(row):
            return index
    return start


def _shown(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:  # noqa: PLR2004 - floats are exact below
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    return str(cell)
