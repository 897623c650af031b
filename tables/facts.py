"""What is known of a data file, as plain values, and in a phrase for the model."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from tables.columns import Column
from tables.kinds import extension
from tables.traps.trap import MOST, Reading, Trap

_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_SHOWN_NOTES = 8
EMPTY = "it is empty"
"""The problem of a file without a filled cell."""

_DELIMITER_NAMES = {"\t": "tab", "": "none (one column)"}


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook, or one of several tables in a text.

    Data rows without header (-1: not counted), columns in all, and the first columns described; the header's last row,
    counted from 1 (0: none), and how many rows it has; what is noted beside; all tables, where a sheet has several.
    """

    name: str
    rows: int = -1
    column_count: int = 0
    header_row: int = 0
    columns: tuple[Column, ...] = ()
    header_rows: int = 1
    notes: tuple[str, ...] = ()
    tables: tuple[Sheet, ...] = ()
    traps: tuple[Trap, ...] = ()
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class FileFacts:
    """What is known of a data file; JSON-able by ``asdict``.

    ``rows`` counts data rows without the header (-1: unknown; a lower bound unless ``rows_exact``); ``header_row`` is
    1-based, blank rows not counted, 0 for none, and the last one of ``header_rows``; ``quote`` is what quotes cells
    (after a blank, where one follows each delimiter);
    ``notes`` are what stands beside the table; ``tables`` are all tables of a text that has several, of which the
    largest is described; ``columns`` describes at most 200 of ``column_count``; ``problem`` says
    in English why a file of a known kind could not be read; ``inspected`` is False when nothing but name and size is
    known, because looking into the file was given up.
    """

    name: str
    size: int
    kind: Literal["table", "workbook", "text", "other"] = "other"
    format: str = ""
    encoding: str = ""
    encoding_clean: bool = True
    delimiter: str = ""
    quote: str = '"'
    header_row: int = 0
    header_rows: int = 1
    notes: tuple[str, ...] = ()
    tables: tuple[Sheet, ...] = ()
    rows: int = -1
    rows_exact: bool = True
    column_count: int = 0
    evenness: float = 1.0
    columns: tuple[Column, ...] = ()
    first_rows: tuple[tuple[str, ...], ...] = ()
    sheets: tuple[Sheet, ...] = ()
    has_cjk: bool = False
    problem: str = ""
    inspected: bool = True
    traps: tuple[Trap, ...] = ()
    readings: tuple[Reading, ...] = ()

    def all_traps(self) -> list[Trap]:
        """The traps of the file and of its sheets, at most so many as are told."""
        of_sheets = (replace(trap, sheet=sheet.name) for sheet in self.sheets for trap in sheet.traps)
        return [*self.traps, *of_sheets][:MOST]

    def all_readings(self) -> list[Reading]:
        """How columns are to be read, at most as many as traps are told."""
        return [*self.readings, *(reading for sheet in self.sheets for reading in sheet.readings)][:MOST]

    def remark(self) -> str:
        """What the model should know before it opens the file, in English; "" when nothing is known."""
        phrases = "; ".join(trap.phrase() for trap in self.all_traps())
        return ". BEWARE: ".join(filter(None, [self._reading(), phrases]))

    def _reading(self) -> str:
        if self.problem:
            return self.problem
        if self.kind == "workbook":
            return _workbook_remark(self.sheets)
        parts = _encoding_remark(self) if self.kind in {"table", "text"} else []
        if self.kind == "table":
            parts += _table_remark(self)
        return ", ".join(parts)


def unknown(name: str, size: int) -> FileFacts:
    """A file that could not be looked into."""
    return FileFacts(
        name,
        size,
        format=extension(name),
        has_cjk=has_cjk(name),
        problem="it could not be looked into beforehand",
        inspected=False,
    )


def has_cjk(text: str) -> bool:
    """Whether a text has Chinese, Japanese or Korean characters."""
    return _CJK.search(text) is not None


def _encoding_remark(facts: FileFacts) -> list[str]:
    return [
        f"encoding {facts.encoding}"
        + ("" if facts.encoding_clean else " (some bytes do not fit: use errors='replace')")
    ]


def _table_remark(facts: FileFacts) -> list[str]:
    shown = _DELIMITER_NAMES.get(facts.delimiter, f"'{facts.delimiter}'")
    parts = [f"delimiter {shown}"]
    if not facts.quote:
        parts.append("unbalanced quotes (read with quoting=3)")
    elif facts.quote[0] == " ":
        parts.append("a blank after each delimiter (read with skipinitialspace=True)")
    elif facts.quote != '"':
        parts.append(f"quotechar {facts.quote}")
    if facts.tables:
        return [*parts, _tables_remark(facts.tables)]
    parts += _header_remark(facts.header_row, facts.header_rows, facts.rows)
    parts.append(size_phrase(facts.rows, facts.column_count, exact=facts.rows_exact))
    if facts.evenness < 1:
        parts.append("rows of different lengths")
    return [*parts, *_notes_remark(facts.notes)]


def _tables_remark(tables: tuple[Sheet, ...]) -> str:
    def phrase(number: int, table: Sheet) -> str:
        header = _header_remark(table.header_row, table.header_rows, table.rows)
        size = size_phrase(table.rows, table.column_count)
        return ", ".join([f"table {number}", *header, size, *_notes_remark(table.notes)])

    listed = "; ".join(phrase(number, table) for number, table in enumerate(tables, 1))
    return f"{len(tables)} tables below each other, to be read apart: {listed}"


def _header_remark(row: int, rows: int, data: int) -> list[str]:
    if row == 0:
        return ["no header row"] if data > 0 else []
    if rows > 1:
        return [f"header in rows {row - rows + 1} to {row} (blank lines not counted), whose names belong together"]
    return [f"header in row {row} (blank lines not counted)"] if row > 1 else []


def _notes_remark(notes: tuple[str, ...]) -> list[str]:
    """What stands beside a table, as data that is quoted."""
    shown = "; ".join(f'"{note}"' for note in notes[:_SHOWN_NOTES])
    more = f" and {len(notes) - _SHOWN_NOTES} more" if len(notes) > _SHOWN_NOTES else ""
    return [f"notes beside the table: {shown}{more}"] if notes else []


def size_phrase(rows: int, columns: int, *, exact: bool = True) -> str:
    """``1,234 rows × 8 columns``, with ``≥`` when the rows were not all counted."""
    counted = f"{'' if exact else '≥ '}{rows:,} {'row' if rows == 1 and exact else 'rows'}"
    return f"{counted} × {columns:,} {'column' if columns == 1 else 'columns'}"


def _workbook_remark(sheets: tuple[Sheet, ...]) -> str:
    def phrase(sheet: Sheet) -> str:
        size = f" ({size_phrase(sheet.rows, sheet.column_count)})" if sheet.rows >= 0 else ""
        header = f", header in row {sheet.header_row}" if sheet.header_row > 1 else ""
        if sheet.header_rows > 1:
            header = f", header in rows {sheet.header_row - sheet.header_rows + 1} to {sheet.header_row}"
        parts = [_tables_remark(sheet.tables)] if sheet.tables else _notes_remark(sheet.notes)
        return ", ".join([f"'{sheet.name}'{size}{header}", *parts])

    shown = "; ".join(phrase(sheet) for sheet in sheets[:10])
    more = f"; and {len(sheets) - 10} more" if len(sheets) > 10 else ""  # noqa: PLR2004 - as many as are described
    return f"{len(sheets)} {'sheet' if len(sheets) == 1 else 'sheets'}: {shown}{more}"
