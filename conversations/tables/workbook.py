"""Excel and OpenDocument workbooks: their sheets, sizes and columns, by python-calamine (Rust)."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import python_calamine

from conversations.tables.columns import Column, describe_columns
from conversations.tables.dialect import find_header

_MAX_UNPACKED = 30 * 1024 * 1024
"""Bytes. Twice as much memory is taken to read them (measured with ten columns of numbers)."""

_DESCRIBED_SHEETS = 10
_DESCRIBED_COLUMNS = 50
_SAMPLE_ROWS = 200

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


@dataclass(frozen=True)
class Sheet:
    """A sheet: data rows without header, columns in all, and the first columns described. Rows -1: not counted."""

    name: str
    rows: int = -1
    column_count: int = 0
    header_row: int = 0
    columns: tuple[Column, ...] = ()


class UnreadableWorkbook(Exception):
    """The workbook is encrypted, broken, or too large to open here; the text says which."""


def read_workbook(path: Path) -> tuple[Sheet, ...]:
    """The sheets of a workbook, in its order. Those after the tenth by name only.

    Raises:
        UnreadableWorkbook: With the reason, for the model.
    """
    _check_unpacked_size(path)
    try:
        with python_calamine.load_workbook(path) as book:
            names = book.sheet_names
            described = [_sheet(name, book.get_sheet_by_name(name)) for name in names[:_DESCRIBED_SHEETS]]
            return (*described, *(Sheet(name) for name in names[_DESCRIBED_SHEETS:]))
    except python_calamine.PasswordError as error:
        raise UnreadableWorkbook("protected by a password") from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise UnreadableWorkbook("not a readable workbook") from error


def _check_unpacked_size(path: Path) -> None:
    unpacked = path.stat().st_size
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise UnreadableWorkbook("not a readable workbook") from error
    if unpacked > _MAX_UNPACKED:
        raise UnreadableWorkbook(f"too large to count here ({unpacked // 2**20} MB unpacked)")


def _sheet(name: str, sheet: python_calamine.CalamineSheet) -> Sheet:
    rows = [[_shown(cell) for cell in row] for row in sheet.to_python(nrows=_SAMPLE_ROWS)]
    width = sheet.width
    start, has_header = find_header(rows, width)
    start = _first_full_row(rows, start)
    header = rows[start] if rows and has_header else []
    return Sheet(
        name=name,
        rows=max(0, sheet.height - start - has_header),
        column_count=width,
        header_row=start + 1 + (sheet.start[0] if sheet.start else 0) if header else 0,
        columns=describe_columns(header, rows[start + has_header :], min(width, _DESCRIBED_COLUMNS)),
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
