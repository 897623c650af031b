"""Looking into data files, as the helper process does, and the bot's reading of what it answers."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Iterable
from contextlib import suppress

from helper.protocol import HEADER, Answer, Garbage, Guards, pack, unpack
from tables import pasted_tables, without_pasted
from tables.inspecting import inspect_now
from tests.fuzz.cost import assert_linear
from tests.fuzz.source import Source
from tests.hostile.files import stray_row, xlsx_of
from tests.hostile.names import FILE_NAMES

NAMES = (
    "a.csv",
    "a.tsv",
    "a.txt",
    "a.xlsx",
    "a.xls",
    "a.xlsb",
    "a.ods",
    "a.json",
    "a.jsonl",
    "a.parquet",
    "a.zip",
    "a",
)
MOST_MEMORY = 256 * 2**20
"""Bytes by which looking into one small file may raise the most that was ever used: half of what a helper may."""
_PANIC = "PanicException"

_CSV = '\ufeffregion;value\nNorth;1,5\n"So;uth";2\n'.encode()
_SEEDS = (
    _CSV,
    _CSV.decode("utf-8").encode("utf-16"),
    "地域,売上\n東京,1\n".encode("cp932"),
    "α;β\n1;2\n".encode("iso8859_7"),
    b"a\tb\n1\t2\n" * 50,
    b"a|b\r\n1|2\r\n",
    b"# note\n\n# note\nx,y\n1,2\n",
    b'{"a": [1, 2]}\n{"a": 3}\n',
    b"PK\x03\x04" + bytes(40),
    b"PAR1" + bytes(20) + b"PAR1",
    b"",
    b"\0" * 300,
    b'"' * 300,
    b",\n" * 300,
    stray_row(3, 5),
)
_SHEETS = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>2</v></c></row><row r="9"><c r="XFD9"><v>1</v></c></row>',
    '<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>x</t></is></c></row>',
    "<row><c><v>1</v></c><c t='e'><v>#N/A</v></c><c t='b'><v>1</v></c><c><f>A1+1</f><v>2</v></c></row>",
    '<row r="-1"><c r="A0"><v>1e999</v></c></row><row r="99999999999999999999"><c r="AAAAAA1"/></row>',
)
_SHEET = "sheet.xlsx"
_DEADLY = (b"\xd0\xcf\x11\xe0", b"xl/workbook.bin", b"content.xml")
"""Marks of workbooks that are not cut before they are laid out: they may cost a helper its life, which is an answer."""


def seeds() -> Iterable[bytes]:
    """Small tables of several kinds under several names."""
    files = [bytes((place,)) + seed for seed in _SEEDS for place in range(0, len(NAMES), 3)]
    return [*files, *(bytes((len(NAMES),)) + sheet.encode() for sheet in _SHEETS)]


def one(data: bytes) -> None:
    """Facts come out whatever goes in, in bounded memory, and the bot takes them for an answer."""
    source = Source(data)
    name = (source.choice((*NAMES, _SHEET, *FILE_NAMES))[-128:].encode("utf-8", "replace") or b"?").decode()
    content = source.rest()
    if name == _SHEET:  # the bytes are the rows of a sound workbook
        content = xlsx_of(content.decode("utf-8", "ignore"))
    if any(mark in content for mark in _DEADLY):
        return
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    look(content, name)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < MOST_MEMORY, f"{len(content)} bytes took {grown >> 20} MB"
    with suppress(Garbage):
        unpack(Answer, content)
    with suppress(Garbage):
        unpack(Guards, content)
    text = content.decode("utf-8", "replace")
    pasted_tables(f"{text}\n```csv\n{text}\n```")
    without_pasted(text)
    assert_linear(pasted_tables, text)


def look(content: bytes, name: str) -> None:
    """Look into a file; a panic of a reader in Rust is what the helper takes for an answer."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        try:
            facts = inspect_now(file.fileno(), name)
        except BaseException as error:
            if type(error).__name__ == _PANIC:
                return
            raise
    facts.remark()
    told = pack(Answer(facts))
    unpack(Answer, told[HEADER:])
