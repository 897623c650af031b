"""How far the cells of a sheet reach, found without laying the sheet out.

Readers lay a sheet out as a full rectangle, so that two cells in opposite corners of an XLSX file of 1 KB take half a
terabyte (https://github.com/tafia/calamine/pull/428, https://github.com/ToucanToco/fastexcel/issues/487). Sheets that
are nearly empty rectangles are cut to their beginning before they are opened, and their true extent is told beside.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from html import escape  # the one of ``xml.sax.saxutils`` imports all of urllib and SSL
from itertools import islice
from typing import BinaryIO
from xml.parsers import expat

_BOOK, _LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_BLOCK = 1 << 20
_AFFORDABLE_CELLS = 2_000_000
"""A rectangle of so many cells takes 64 MB; a larger one is laid out only when a quarter of it is filled."""

_KEPT_COLUMNS = 200
_SHEET_START = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_SHEET_END = "</sheetData></worksheet>"
_ADDRESS = re.compile(rb"""\sr\s?=\s?["']([A-Za-z]{1,7})(\d{1,10})["']""")
_BREAKS = {9: "&#9;", 10: "&#10;", 13: "&#13;"}
_PARSED_ADDRESS = re.compile(r"([A-Za-z]{1,7})(\d{1,10})")
BROKEN = (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, OSError, LookupError, ValueError, RuntimeError)

Attributes = Mapping[str, str]


@dataclass(frozen=True)
class Extent:
    """The rectangle of all cells that hold something, counted from 0, both ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    @property
    def height(self) -> int:
        """Rows."""
        return self.last_row - self.first_row + 1

    @property
    def width(self) -> int:
        """Columns."""
        return self.last_column - self.first_column + 1


def cut_sparse_sheets(archive: zipfile.ZipFile, most: int, rows: int) -> tuple[BinaryIO | None, Mapping[str, Extent]]:
    """A copy of a workbook that can be opened in little memory.

    Args:
        archive: The workbook; only XLSX and XLSM are looked at.
        most: How many sheets are going to be read.
        rows: How many of their rows.

    Returns:
        A copy with sheets cut, or None when it takes none; and the extents of the cut sheets, by their names. A
        workbook that is not understood needs no copy: the reader says what is wrong with it.
    """
    with suppress(*BROKEN):
        if _BOOK in archive.namelist():
            extents, cut = dict[str, Extent](), dict[str, bytes]()
            for name, part in islice(sheet_parts(archive), most):
                if _may_be_sparse(archive, part) and (extent := _sparse_extent(archive, part)):
                    extents[name], cut[part] = extent, _beginning(archive, part, extent, rows)
            if extents:
                return _copy(archive, cut), extents
    return None, {}


def sheet_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Names of the sheets, in the workbook's order, and where in the archive they lie."""
    targets = {link.get("Id", ""): link.get("Target", "") for link in _elements(archive, _LINKS, "Relationship")}
    held = {name.lower(): name for name in archive.namelist()}
    for sheet in _elements(archive, _BOOK, "sheet"):
        link = next((value for key, value in sheet.items() if key.rpartition(":")[2] == "id"), "")
        path = targets.get(link, "").lstrip("/")
        part = held.get((path if path.startswith("xl/") else f"xl/{path}").lower())
        if part:
            yield sheet.get("name", ""), part


def hidden_sheets(archive: zipfile.ZipFile) -> list[str]:
    """The names of the sheets that are hidden."""
    return [
        one.get("name", "") for one in _elements(archive, _BOOK, "sheet") if one.get("state", "visible") != "visible"
    ]


def walk(archive: zipfile.ZipFile, part: str, start: Callable[[str, Attributes], None]) -> None:
    """Call ``start`` with the name, without its prefix, and the attributes of each element of a part."""
    parser = _parser()
    parser.StartElementHandler = lambda tag, attributes: start(_local(tag), attributes)
    _feed(parser, archive, part)


def has_text(archive: zipfile.ZipFile, part: str, text: bytes) -> bool:
    """Whether some bytes stand in a part; quicker to tell than by walking it."""
    rest = b""
    for block in _blocks(archive, part):
        if text in rest + block:
            return True
        rest = block[-len(text) :]
    return False


def _elements(archive: zipfile.ZipFile, part: str, wanted: str) -> list[Attributes]:
    """The attributes of all elements of a name, whatever their prefix."""
    found: list[Attributes] = []
    walk(archive, part, lambda name, attributes: found.append(attributes) if name == wanted else None)
    return found


def _may_be_sparse(archive: zipfile.ZipFile, part: str) -> bool:
    """Whether the cells' addresses span much more than their number; looking at them alone costs little."""
    width = height = cells = 0
    rest = b""
    for block in _blocks(archive, part):
        text = rest + block
        end = text.rfind(b">") + 1
        rest = text[end:]
        if found := _ADDRESS.findall(text, 0, end):
            width = max(width, *(_number(name.decode()) for name in {name for name, _ in found}))
            height = max(height, *map(int, {row for _, row in found}))
            cells += len(found)
    return not cells or _is_wasteful(width * height, cells)  # without addresses only parsing tells


def _is_wasteful(area: int, cells: int) -> bool:
    return area > _AFFORDABLE_CELLS and area > 4 * cells


def _sparse_extent(archive: zipfile.ZipFile, part: str) -> Extent | None:
    """How far the cells with a value reach; None when the sheet can be laid out."""
    position = _Position()
    rows, columns, cells = [sys.maxsize, 0], [sys.maxsize, 0], 0

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal cells
        if position.enter(tag, attributes) in {"v", "is"}:
            cells += 1
            for bounds, here in ((rows, position.row), (columns, position.column)):
                bounds[0], bounds[1] = min(bounds[0], here), max(bounds[1], here)

    parser = _parser()
    parser.StartElementHandler = start
    _feed(parser, archive, part)
    extent = Extent(rows[0], columns[0], rows[1], columns[1])
    return extent if cells and _is_wasteful(extent.width * extent.height, cells) else None


def _beginning(archive: zipfile.ZipFile, part: str, extent: Extent, rows: int) -> bytes:
    """The sheet with its first rows and columns only."""
    position = _Position()
    kept = [_SHEET_START]
    inside = False

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal inside
        name = position.enter(tag, attributes)
        if name == "c":
            row, column = position.row - extent.first_row, position.column - extent.first_column
            inside = 0 <= row < rows and 0 <= column < _KEPT_COLUMNS
            attributes = {**attributes, "r": f"{_letters(position.column)}{position.row + 1}"}
            if inside:
                kept.append(f'<row r="{position.row + 1}">')
        if inside:
            kept.append(f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>")

    def text(data: str) -> None:
        if inside:
            kept.append(escape(data, quote=False))

    def end(tag: str) -> None:
        nonlocal inside
        if inside:
            name = _local(tag)
            kept.append(f"</{name}>")
            if name == "c":
                kept.append("</row>")
                inside = False

    parser = _parser()
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, text, end
    _feed(parser, archive, part)
    return "".join([*kept, _SHEET_END]).encode()


def _copy(archive: zipfile.ZipFile, replaced: Mapping[str, bytes]) -> BinaryIO:
    """The archive with some parts replaced, without pictures and the like."""
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w") as target:
        for name in archive.namelist():
            if name.lower().endswith((".xml", ".rels")):
                target.writestr(name, replaced[name] if name in replaced else archive.read(name))
    return copy


class _Position:
    """Where in a sheet the parser is, counted from 0. Rows and cells without an address follow the one before."""

    def __init__(self) -> None:
        self.row = self.column = -1

    def enter(self, tag: str, attributes: Attributes) -> str:
        """Take note of an element; returns its name without prefix."""
        name = _local(tag)
        if name == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
        elif name == "c":
            self.column += 1
            if address := attributes.get("r"):
                letters, digits = _parsed(address)
                self.row, self.column = digits - 1, letters - 1
        return name


def _parsed(address: str) -> tuple[int, int]:
    """Column and row of an address like ``B7``, counted from 1."""
    match = _PARSED_ADDRESS.fullmatch(address)
    if not match:
        raise ValueError("not an address")
    return _number(match.group(1)), int(match.group(2))


def _number(letters: str) -> int:
    """``A`` is 1, ``XFD`` 16,384."""
    return reduce(lambda number, letter: number * 26 + ord(letter) - 64, letters.upper(), 0)


def _letters(column: int) -> str:
    """The other way round, counted from 0."""
    found, number = "", column + 1
    while number:
        number, letter = divmod(number - 1, 26)
        found = chr(65 + letter) + found
    return found


def _attribute(key: str, value: str) -> str:
    return f' {key}="{escape(value).translate(_BREAKS)}"'


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _parser() -> expat.XMLParserType:
    """A parser that takes no document type, so that no entities can be made up."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise ValueError("a document type")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _feed(parser: expat.XMLParserType, archive: zipfile.ZipFile, part: str) -> None:
    for block in _blocks(archive, part):
        parser.Parse(block, False)
    parser.Parse(b"", True)


def _blocks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    with archive.open(part) as entry:
        while block := entry.read(_BLOCK):
            yield block
