"""What can be known of a data file without a model: ``inspect`` reads it off the event loop and never raises."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from conversations.tables.columns import Column
from conversations.tables.delimited import Delimited, read_delimited
from conversations.tables.kinds import DELIMITED, WORKBOOKS, extension
from conversations.tables.workbook import Sheet, UnreadableWorkbook, read_workbook

logger = logging.getLogger(__name__)

_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")
_CJK_ESCAPE = re.compile(rb"\\u[3-9a-d][0-9a-fA-F]{3}")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MIN_EVENNESS = 0.8
_DELIMITER_NAMES = {"\t": "tab", "": "none (one column)"}


@dataclass(frozen=True)
class FileFacts:
    """What is known of a data file; JSON-able by ``as_dict``.

    ``rows`` counts data rows without the header (-1: unknown; a lower bound unless ``rows_exact``); ``header_row`` is
    1-based, blank rows not counted, 0 for none; ``columns`` describes at most 200 of ``column_count``; ``problem`` says
    in English why a file of a known kind could not be read.
    """

    name: str
    size: int
    kind: Literal["table", "workbook", "text", "other"] = "other"
    format: str = ""
    encoding: str = ""
    encoding_clean: bool = True
    delimiter: str = ""
    quoted: bool = True
    header_row: int = 0
    rows: int = -1
    rows_exact: bool = True
    column_count: int = 0
    evenness: float = 1.0
    columns: tuple[Column, ...] = ()
    first_rows: tuple[tuple[str, ...], ...] = ()
    sheets: tuple[Sheet, ...] = ()
    has_cjk: bool = False
    problem: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain dicts, lists and scalars."""
        return asdict(self)

    def remark(self) -> str:
        """What the model should know before it opens the file, in one English phrase; "" when nothing is known."""
        if self.problem:
            return self.problem
        if self.kind == "workbook":
            return _workbook_remark(self.sheets)
        parts = _encoding_remark(self) if self.kind in {"table", "text"} else []
        if self.kind == "table":
            parts += _table_remark(self)
        return ", ".join(parts)


async def inspect(path: Path, name: str) -> FileFacts:
    """Everything that can be known of a file in about a second, read in a worker thread. Never raises.

    Args:
        path: The file's bytes.
        name: Its original name; with the first bytes it decides how the file is read.
    """
    return await asyncio.to_thread(inspect_now, path, name)


def inspect_now(path: Path, name: str) -> FileFacts:
    """``inspect`` for callers that are in a thread already."""
    size = 0
    try:
        size = path.stat().st_size
        return _inspect(path, name, size)
    except Exception:
        logger.exception("could not inspect a file of %d bytes (.%s)", size, extension(name))
        return FileFacts(name, size, format=extension(name), has_cjk=bool(_CJK.search(name)))


def _inspect(path: Path, name: str, size: int) -> FileFacts:
    kind = extension(name)
    named_cjk = bool(_CJK.search(name))
    with path.open("rb") as stream:
        head = stream.read(64 * 1024)
    binary_book = head.startswith(_OLE) or head.startswith(_ZIP)
    if size and binary_book and (kind in WORKBOOKS or kind in DELIMITED):
        return _workbook(path, name, size, kind)
    if size and (kind in DELIMITED or kind in WORKBOOKS) and not _is_html(head):
        return _delimited(read_delimited(path, size), name, size, kind)
    cjk = named_cjk or bool(_CJK.search(head.decode("utf-8", "ignore")) or _CJK_ESCAPE.search(head))
    return FileFacts(
        name,
        size,
        format=kind,
        has_cjk=cjk and (named_cjk or kind in {"json", "jsonl", "ndjson", "xml", "md", "html", "geojson"}),
    )


def _workbook(path: Path, name: str, size: int, kind: str) -> FileFacts:
    named_cjk = bool(_CJK.search(name))
    book_format = kind if kind in WORKBOOKS else "xlsx"
    try:
        sheets = read_workbook(path)
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
        has_cjk=named_cjk or bool(_CJK.search(words)),
    )


def _delimited(table: Delimited, name: str, size: int, kind: str) -> FileFacts:
    dialect = table.dialect
    if _is_binary(table.sample):
        return FileFacts(name, size, format=kind, has_cjk=bool(_CJK.search(name)), problem="its content is not text")
    is_table = kind in {"csv", "tsv", "tab", "psv"} or (dialect.delimiter != "" and dialect.evenness >= _MIN_EVENNESS)
    cjk = bool(_CJK.search(name) or _CJK.search(table.encoding.sample) or _CJK.search(table.sample))
    common = FileFacts(
        name,
        size,
        format=kind,
        kind="text",
        encoding=table.encoding.name,
        encoding_clean=table.encoding.clean,
        has_cjk=cjk,
    )
    if not is_table:
        return common
    return FileFacts(
        **{
            **vars(common),
            "kind": "table",
            "delimiter": dialect.delimiter,
            "quoted": dialect.quoted,
            "header_row": table.header_row,
            "rows": table.rows,
            "rows_exact": table.exact,
            "column_count": dialect.width,
            "evenness": round(table.evenness, 3),
            "columns": table.columns,
            "first_rows": table.first_rows,
        }
    )


def _is_binary(sample: str) -> bool:
    """NULs alone may be the padding of an old export; other control characters are not written by people."""
    start = sample[:4096]
    return len(_CONTROL.findall(start)) * 20 > len(start) or start.count("\0") * 2 > len(start)


def _is_html(head: bytes) -> bool:
    return head.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))


def _encoding_remark(facts: FileFacts) -> list[str]:
    return [
        f"encoding {facts.encoding}"
        + ("" if facts.encoding_clean else " (some bytes do not fit: use errors='replace')")
    ]


def _table_remark(facts: FileFacts) -> list[str]:
    shown = _DELIMITER_NAMES.get(facts.delimiter, f"'{facts.delimiter}'")
    parts = [f"delimiter {shown}"]
    if not facts.quoted:
        parts.append("unbalanced quotes (read with quoting=3)")
    if facts.header_row == 0 and facts.rows > 0:
        parts.append("no header row")
    elif facts.header_row > 1:
        parts.append(f"header in row {facts.header_row} (blank lines not counted)")
    parts.append(size_phrase(facts.rows, facts.column_count, exact=facts.rows_exact))
    if facts.evenness < 1:
        parts.append("rows of different lengths")
    return parts


def size_phrase(rows: int, columns: int, *, exact: bool = True) -> str:
    """``1,234 rows × 8 columns``, with ``≥`` when the rows were not all counted."""
    counted = f"{'' if exact else '≥ '}{rows:,} {'row' if rows == 1 and exact else 'rows'}"
    return f"{counted} × {columns:,} {'column' if columns == 1 else 'columns'}"


def _workbook_remark(sheets: tuple[Sheet, ...]) -> str:
    def phrase(sheet: Sheet) -> str:
        size = f" ({size_phrase(sheet.rows, sheet.column_count)})" if sheet.rows >= 0 else ""
        header = f", header in row {sheet.header_row}" if sheet.header_row > 1 else ""
        return f"'{sheet.name}'{size}{header}"

    shown = "; ".join(phrase(sheet) for sheet in sheets[:10])
    more = f"; and {len(sheets) - 10} more" if len(sheets) > 10 else ""  # noqa: PLR2004 - as many as are described
    return f"{len(sheets)} {'sheet' if len(sheets) == 1 else 'sheets'}: {shown}{more}"
