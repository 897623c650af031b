"""Files that a sound reader chokes on, each made by a pure function."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

Cell = tuple[int, int, str]
"""Row and column, counted from 1, and a number's or a text's digits and letters."""

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


# ── XLSX ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def corner_to_corner() -> bytes:
    """A cell in A1 and one in XFD1048576: laid out, half a terabyte."""
    return xlsx([(1, 1, "5"), (LAST_ROW, LAST_COLUMN, "6")])


def stray_row(columns: int = 20, rows: int = 100) -> bytes:
    """A table, and a stray cell in the last row."""
    return xlsx([*table(columns, rows), (LAST_ROW, 1, "1")])


def stray_column(columns: int = 20, rows: int = 500) -> bytes:
    """A table, and a stray cell in the last column."""
    return xlsx([*table(columns, rows), (3, LAST_COLUMN, "1")])


def false_dimension(columns: int = 20, rows: int = 100) -> bytes:
    """A table that claims to fill the whole sheet."""
    return xlsx(table(columns, rows), dimension="A1:XFD1048576")


def without_addresses(columns: int = 3, rows: int = 10, last_row: int = LAST_ROW) -> bytes:
    """Rows and cells that do not say where they stand, as some exports write them, then one in the last row."""
    cells = "".join(f"<row>{'<c><v>1</v></c>' * columns}</row>" for _ in range(rows))
    return xlsx_of(f'{cells}<row r="{last_row}"><c><v>1</v></c></row>')


def attributes_to_escape() -> bytes:
    """Attributes and texts that break the XML of whoever copies them as they are; and a cell in the last corner."""
    attribute = "a&quot;b&apos;c&lt;d&amp;&#10;e"
    cell = f'<c r="A1" t="inlineStr" note="{attribute}"><is><t>x &amp; &lt;y&gt; "z"</t></is></c>'
    return xlsx_of(f'<row r="1">{cell}</row><row r="{LAST_ROW}"><c r="XFD{LAST_ROW}"><v>1</v></c></row>')


def beyond_the_grid() -> bytes:
    """Addresses that no spreadsheet has."""
    return xlsx([(1, 1, "1"), (9_999_999, 20_000, "1")])


def billion_laughs() -> bytes:
    """Entities that grow ninefold ten times."""
    entities = '<!ENTITY e0 "lol">' + "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 9}">' for level in range(1, 10))
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>&e9;</t></is></c></row>'
    return xlsx_of(row, prologue=f"<!DOCTYPE worksheet [{entities}]>")


def zip_bomb(megabytes: int = 64) -> bytes:
    """A sheet of blanks that is a thousand times larger than its file."""
    return xlsx_of(" " * megabytes * 2**20)


def lying_zip(megabytes: int = 64) -> bytes:
    """The same, but its directory claims ten bytes."""
    honest = zip_bomb(megabytes)
    size = struct.pack("<I", megabytes * 2**20)
    start = honest.rfind(b"xl/worksheets/sheet1.xml") - 46
    found = struct.unpack_from("<I", honest, start + 24)[0]
    assert found > megabytes * 2**20, size
    return honest[: start + 24] + struct.pack("<I", 10) + honest[start + 28 :]


def many_sheets(number: int = 20_000) -> bytes:
    """A workbook of very many sheets."""
    return xlsx_of("", sheets=number)


def many_members(number: int = 200_000) -> bytes:
    """An archive of very many empty members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for member in range(number):
            archive.writestr(f"xl/{member}", b"")
    return stream.getvalue()


def link_archive() -> bytes:
    """An archive whose members are symbolic links to files of the machine, and climb out of the folder."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo("xl/workbook.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("../../etc/passwd", b"root")
    return stream.getvalue()


def table(columns: int, rows: int) -> list[Cell]:
    """A header and rows of numbers."""
    header = [(1, column, f"c{column}") for column in range(1, columns + 1)]
    return header + [(row, column, str(row * column)) for row in range(2, rows + 1) for column in range(1, columns + 1)]


def xlsx(cells: Iterable[Cell], dimension: str = "") -> bytes:
    """A workbook with one sheet of cells."""
    rows: dict[int, list[str]] = {}
    for row, column, value in cells:
        address = f"{letters(column)}{row}"
        text = f'<c r="{address}"><v>{value}</v></c>'
        if not value.isdigit():
            text = f'<c r="{address}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        rows.setdefault(row, []).append(text)
    data = "".join(f'<row r="{row}">{"".join(held)}</row>' for row, held in rows.items())
    return xlsx_of(data, dimension=dimension)


def xlsx_of(rows: str, *, dimension: str = "", prologue: str = "", sheets: int = 1) -> bytes:
    """A workbook whose sheets have the rows of some XML."""
    claimed = f'<dimension ref="{dimension}"/>' if dimension else ""
    sheet = f'{prologue}<worksheet xmlns="{_MAIN}">{claimed}<sheetData>{rows}</sheetData></worksheet>'
    names = "".join(f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, sheets + 1))
    return archive(
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/></Types>',
            "_rels/.rels": _links("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{names}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _links("worksheet", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def letters(column: int) -> str:
    """The name of a column, counted from 1."""
    found = ""
    while column:
        column, letter = divmod(column - 1, 26)
        found = chr(65 + letter) + found
    return found


def _links(kind: str, target: str) -> str:
    link = f'<Relationship Id="rId1" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{link}</Relationships>'


# ── Other workbooks ─────────────────────────────────────────────────────────────────────────────────────────────────


def sparse_xlsb() -> bytes:
    """The corners of a binary workbook: rows and cells are records of a few bytes."""
    extent = struct.pack("<4I", 0, LAST_ROW - 1, 0, LAST_COLUMN - 1)
    sheet = _record(129) + _record(148, extent) + _record(145)
    for row, column in ((0, 0), (LAST_ROW - 1, LAST_COLUMN - 1)):
        sheet += _record(0, struct.pack("<IIHBHBI", row, 0, 300, 0, 0, 0, 0))
        sheet += _record(5, struct.pack("<IId", column, 0, 7.0))
    sheet += _record(146) + _record(130)
    name, link = _wide("Sheet1"), _wide("rId1")
    book = _record(131) + _record(143) + _record(156, struct.pack("<II", 0, 1) + link + name) + _record(144)
    return archive(
        {
            "_rels/.rels": _links("officeDocument", "xl/workbook.bin"),
            "xl/workbook.bin": book + _record(132),
            "xl/_rels/workbook.bin.rels": _links("worksheet", "worksheets/sheet1.bin"),
            "xl/worksheets/sheet1.bin": sheet,
        }
    )


def sparse_ods() -> bytes:
    """A cell that is said to repeat itself over the whole sheet."""
    cell = (
        f'<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="{LAST_COLUMN}"/>'
    )
    row = f'<table:table-row table:number-rows-repeated="{LAST_ROW}">{cell}</table:table-row>'
    content = (
        f'<office:document-content xmlns:office="{_OFFICE}:office:1.0" xmlns:table="{_OFFICE}:table:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="Sheet1">{row}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'<manifest:manifest xmlns:manifest="{_OFFICE}:manifest:1.0"/>'
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": manifest,
            "content.xml": content,
        }
    )


def sparse_xls() -> bytes:
    """The corners of what two bytes can count, 65,536 × 65,536 cells, in the format of Excel 97."""
    cells = b"".join(
        _biff(0x203, struct.pack("<HHHd", row, column, 0, 7.0)) for row, column in ((0, 0), (65_535, 65_535))
    )
    start = _biff(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    end = _biff(0x0A, b"")
    name = b"Sheet1"
    before = len(start) + 4 + 8 + len(name) + len(end)
    bound = _biff(0x85, struct.pack("<IBBBB", before, 0, 0, len(name), 0) + name)
    sheet = _biff(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)) + cells + end
    return _compound("Workbook", start + bound + end + sheet)


def _record(kind: int, body: bytes = b"") -> bytes:
    """A record of XLSB: number and length in seven bits a byte."""
    number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return number + bytes([len(body)]) + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _biff(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _compound(name: str, data: bytes) -> bytes:
    """An OLE2 file with one stream: header, one sector of the allocation table, one of the directory, the data."""
    data = data.ljust(4096, b"\0")
    sectors = -(-len(data) // 512)
    free, end, table_mark = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    chain = [table_mark, end, *range(3, 2 + sectors), end]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    table = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    root, stream = _entry("Root Entry", 5, 1, end, 0), _entry(name, 2, free, 2, len(data))
    return header + table + root + stream + bytes(256) + data.ljust(sectors * 512, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    title = name.encode("utf-16-le") + b"\0\0"
    free = 0xFFFFFFFF
    return (
        title.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(title), kind, 1, free, free, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


# ── Text ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def long_row(megabytes: int = 90) -> bytes:
    """One row, and no end of it."""
    return b"12345," * (megabytes * 2**20 // 6)


def many_columns(number: int = 1_000_000) -> bytes:
    """A table with very many columns."""
    header = ",".join(f"c{column}" for column in range(number))
    return f"{header}\n{','.join('1' * number)}\n".encode()


def open_quote(megabytes: int = 20) -> bytes:
    """A quote that nobody closes."""
    return b'a,b\n1,"x\n' + b"2,3\n" * (megabytes * 2**18)


def deep_json(depth: int = 100_000) -> bytes:
    """Lists in lists."""
    return b"[" * depth + b"]" * depth


def archive(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return stream.getvalue()


def cut(data: bytes, shares: Sequence[float] = (0.1, 0.5, 0.9)) -> list[bytes]:
    """The beginnings of a file, as broken transfers leave them."""
    return [data[: int(len(data) * share)] for share in shares]
