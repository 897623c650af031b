"""Looks into a data file. Its bytes are foreign: this runs in the helper process (``helper/``), never in the bot's."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from tables.delimited import Delimited, DelimitedTable, read_delimited
from tables.facts import EMPTY, FileFacts, Sheet, has_cjk
from tables.kinds import DELIMITED, WORKBOOKS, extension
from tables.traps import hidden_traps
from tables.workbook import DESCRIBED_SHEETS, UnreadableWorkbook, read_workbook

_CONTROL = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")
_CJK_ESCAPE = re.compile(rb"\\u[3-9a-d][0-9a-fA-F]{3}")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MIN_EVENNESS = 0.8
_MOST_TABLES, _PART_COLUMNS = 10, 20


def inspect_now(file: Path | int, name: str) -> FileFacts:
    """Everything that can be known of a file (or its number, if open) in about a second; its name helps to read it."""
    with open(file, "rb", closefd=not isinstance(file, int)) as stream:
        return _inspect(stream, name, os.fstat(stream.fileno()).st_size)


def _inspect(stream: BinaryIO, name: str, size: int) -> FileFacts:
    kind = extension(name)
    named_cjk = has_cjk(name)
    head = stream.read(64 * 1024)
    binary_book = head.startswith(_OLE) or head.startswith(_ZIP)
    if size and binary_book and (kind in WORKBOOKS or kind in DELIMITED):
        return _workbook(stream, name, size, kind)
    if size and (kind in DELIMITED or kind in WORKBOOKS) and not _is_html(head):
        return _delimited(read_delimited(stream, size), name, size, kind)
    cjk = named_cjk or has_cjk(head.decode("utf-8", "ignore")) or bool(_CJK_ESCAPE.search(head))
    return FileFacts(
        name,
        size,
        format=kind,
        has_cjk=cjk and (named_cjk or kind in {"json", "jsonl", "ndjson", "xml", "md", "html", "geojson"}),
    )


def _workbook(stream: BinaryIO, name: str, size: int, kind: str) -> FileFacts:
    named_cjk = has_cjk(name)
    book_format = kind if kind in WORKBOOKS else "xlsx"
    try:
        sheets = read_workbook(stream, size)
    except UnreadableWorkbook as error:
        return FileFacts(name, size, format=book_format, kind="workbook", problem=str(error), has_cjk=named_cjk)
    words = " ".join(
        [sheet.name for sheet in sheets]
        + [text for sheet in sheets for column in sheet.columns for text in (column.name, *column.samples)]
    )
    first = max(sheets, key=lambda sheet: sheet.rows, default=Sheet(""))
    return FileFacts(
        name,
        size,
        format=book_format,
        kind="workbook",
        rows=first.rows,
        column_count=first.column_count,
        columns=first.columns,
        sheets=sheets,
        traps=hidden_traps(stream, DESCRIBED_SHEETS),
        has_cjk=named_cjk or has_cjk(words),
    )


def _delimited(table: Delimited, name: str, size: int, kind: str) -> FileFacts:
    dialect = table.dialect
    if _is_binary(table.sample):
        return FileFacts(name, size, format=kind, has_cjk=has_cjk(name), problem="its content is not text")
    if not table.tables:
        return FileFacts(name, size, format=kind, kind="text", has_cjk=has_cjk(name), problem=EMPTY)
    main = max(table.tables, key=lambda each: each.table.rows)
    even = dialect.delimiter != "" and main.table.evenness >= _MIN_EVENNESS
    cjk = has_cjk(name) or has_cjk(table.encoding.sample) or has_cjk(table.sample)
    common = FileFacts(
        name,
        size,
        format=kind,
        kind="text",
        encoding=table.encoding.name,
        encoding_clean=table.encoding.clean,
        has_cjk=cjk,
    )
    if kind not in {"csv", "tsv", "tab", "psv"} and not even:
        return common
    return replace(
        common,
        kind="table",
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        header_row=main.table.header_row,
        header_rows=main.table.header_rows,
        notes=main.table.notes,
        tables=tuple(map(_part, table.tables[:_MOST_TABLES])) if len(table.tables) > 1 else (),
        rows=main.table.rows,
        rows_exact=table.exact,
        column_count=main.table.width,
        evenness=round(main.table.evenness, 3),
        columns=main.columns,
        first_rows=main.first_rows,
        traps=main.traps,
        readings=main.readings,
    )


def _part(part: DelimitedTable) -> Sheet:
    table = part.table
    return Sheet(
        "",
        table.rows,
        table.width,
        table.header_row,
        part.columns[:_PART_COLUMNS],
        table.header_rows,
        table.notes,
    )


def _is_binary(sample: str) -> bool:
    """NULs alone may be the padding of an old export; other control characters are not written by people."""
    start = sample[:4096]
    return len(_CONTROL.findall(start)) * 20 > len(start) or start.count("\0") * 2 > len(start)


def _is_html(head: bytes) -> bool:
    return head.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))
