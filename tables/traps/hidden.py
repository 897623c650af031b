"""What a workbook hides: sheets, rows and columns that its reader does not see, and that code reads all the same."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import BinaryIO

from tables.extent import BROKEN, Attributes, has_text, hidden_sheets, sheet_parts, walk
from tables.traps.trap import Trap, shown

_ON = frozenset({"1", "true"})
_LONGEST_NAME = 100
_MOST_COLUMNS = 1000
"""More are hidden up to the edge of the sheet, where there is nothing."""


def hidden_traps(stream: BinaryIO, most: int) -> tuple[Trap, ...]:
    """What is hidden in a workbook (XLSX or XLSM; of others nothing is known), in its first sheets."""
    stream.seek(0)
    traps = list[Trap]()
    if zipfile.is_zipfile(stream):
        with suppress(*BROKEN), zipfile.ZipFile(stream) as archive:
            if sheets := hidden_sheets(archive):
                traps.append(Trap("hidden_sheets", examples=shown(sheets), count=len(sheets)))
            for name, part in islice(sheet_parts(archive), most):
                if has_text(archive, part, b"hidden="):
                    traps += _in_sheet(archive, name[:_LONGEST_NAME], part)
    return tuple(traps)


def _in_sheet(archive: zipfile.ZipFile, name: str, part: str) -> Iterator[Trap]:
    rows, columns, is_hidden = set[int](), 0, False
    number = 0

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal columns, is_hidden, number
        hides = attributes.get("hidden", "").lower() in _ON
        if tag == "row":
            number, is_hidden = number + 1, hides
        elif tag == "v" and is_hidden:
            rows.add(number)
        elif tag == "col" and hides:
            first, last = (int(attributes.get(key, "0")) for key in ("min", "max"))
            columns += last - first + 1 if 0 < first <= last < _MOST_COLUMNS else 0

    walk(archive, part, start)
    if rows:
        yield Trap("hidden_rows", count=len(rows), sheet=name)
    if columns:
        yield Trap("hidden_columns", count=columns, sheet=name)
