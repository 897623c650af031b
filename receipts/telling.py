"""What the model is told of a file's tables: their names and columns, as queries have to use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from receipts.naming import column_names, distinct, part_names, sheet_name
from tables import COUNTED_BYTES, Column, FileFacts, Sheet

_MOST_TABLES, _MOST_COLUMNS = 10, 60
_KINDS = {"integer": "number", "number": "number", "date": "date", "boolean": "boolean"}


def tables_of(facts: FileFacts) -> list[dict[str, Any]]:
    """The tables of a file, for the database: what each adds to the file's name, and its columns with their kinds."""
    found: list[tuple[str, Sequence[Column]]] = []
    if facts.kind == "table" and facts.size <= COUNTED_BYTES and facts.rows_exact:
        found = _parts("", facts.tables or (Sheet("", columns=facts.columns),))
    elif facts.kind == "workbook":
        for number, sheet in enumerate(facts.sheets, 1):
            if sheet.rows > 0:
                name = distinct(sheet_name("", sheet.name, number), [suffix for suffix, _ in found])
                found += _parts(name, sheet.tables or (sheet,))
    return [{"suffix": suffix, "columns": _columns(columns)} for suffix, columns in found[:_MOST_TABLES]]


def told(name: str, tables: Sequence[Mapping[str, Any]]) -> str:
    """Tables of a file that queries call ``name``, in a phrase; "" when there are none."""
    return "; ".join(
        f"table {name}{table['suffix']}({', '.join(f'{_quoted(column)} {kind}' for column, kind in table['columns'])})"
        for table in tables
    )


def _parts(name: str, parts: Sequence[Sheet]) -> list[tuple[str, Sequence[Column]]]:
    return [(called, part.columns) for called, part in zip(part_names(name, len(parts)), parts, strict=True)]


def _columns(columns: Sequence[Column]) -> list[list[str]]:
    names = column_names(column.name for column in columns)
    return [[name, _KINDS.get(column.type, "text")] for name, column in zip(names, columns, strict=True)][
        :_MOST_COLUMNS
    ]


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
