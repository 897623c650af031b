"""What is known of a data file, as plain values, and in a phrase for the model."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tables.columns import Column
from tables.kinds import extension

_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_DELIMITER_NAMES = {"\t": "tab", "": "none (one column)"}


@dataclass(frozen=True)
class Sheet:
    """A sheet: data rows without header, columns in all, and the first columns described. Rows -1: not counted."""

    name: str
    rows: int = -1
    column_count: int = 0
    header_row: int = 0
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True)
class FileFacts:
    """What is known of a data file; JSON-able by ``as_dict``.

    ``rows`` counts data rows without the header (-1: unknown; a lower bound unless ``rows_exact``); ``header_row`` is
    1-based, blank rows not counted, 0 for none; ``columns`` describes at most 200 of ``column_count``; ``problem`` says
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
    inspected: bool = True

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
