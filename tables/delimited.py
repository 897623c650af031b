"""CSV and its relatives: encoding, dialect, header, columns, size. One pass, flat memory, bounded time."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from tables.columns import SHOWN_CELL, Column, describe_columns
from tables.dialect import SAMPLE_CHARS, Dialect, find_dialect
from tables.encodings import Encoding, detect
from tables.kinds import COUNTED_BYTES
from tables.layout import Table, find_tables
from tables.regions import read_regions
from tables.traps import Reading, Trap, find_traps

DESCRIBED_COLUMNS = 200
_SHOWN_COLUMNS = 50
_SAMPLE_CELLS = 60_000
_TAIL_BYTES, _TAIL_ROWS = 16 * 1024, 20


@dataclass(frozen=True)
class Delimited:
    """What a delimited text file is; ``exact``: it was read to its end. No tables: it is empty."""

    encoding: Encoding
    dialect: Dialect
    tables: tuple[DelimitedTable, ...]
    exact: bool
    sample: str


@dataclass(frozen=True)
class DelimitedTable:
    """A table of a file, with its columns described."""

    table: Table
    columns: tuple[Column, ...]
    first_rows: tuple[tuple[str, ...], ...]
    traps: tuple[Trap, ...] = ()
    readings: tuple[Reading, ...] = ()


class _Limited(io.RawIOBase):
    """The first bytes of a file, as a file."""

    def __init__(self, raw: BinaryIO, limit: int) -> None:
        self._raw = raw
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the buffer protocol has no name in 3.11
        data = self._raw.read(min(len(buffer), self._left))
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)


def read_delimited(stream: BinaryIO, size: int) -> Delimited:
    """Read a delimited text file of ``size`` bytes. Raises nothing but ``OSError``."""
    encoding = detect(stream, COUNTED_BYTES)
    text = _text(stream, encoding.name)
    sample = text.read(SAMPLE_CHARS)
    whole = len(sample) < SAMPLE_CHARS
    dialect = find_dialect(sample, whole=whole)
    quotes = encoding.has_quotes or dialect.quote == "'"
    regions, exact = read_regions(_text(stream, encoding.name), dialect, quotes=quotes)
    tables = find_tables(regions)
    tail = _tail(stream, size, encoding.name, dialect) if tables and tables[-1].rows > len(tables[-1].body) else []
    return Delimited(
        encoding=encoding,
        dialect=dialect,
        tables=tuple(_described(table, tail if table is tables[-1] else []) for table in tables),
        exact=exact and size <= COUNTED_BYTES,
        sample=sample,
    )


def _described(table: Table, tail: Sequence[list[str]]) -> DelimitedTable:
    body = table.body[: max(20, _SAMPLE_CELLS // max(1, table.width))]
    columns = describe_columns(table.header, body, min(table.width, DESCRIBED_COLUMNS))
    traps, readings = find_traps(table.header, [*body, *tail], columns, is_whole=len(body) == table.rows)
    first_rows = tuple(tuple(cell[:SHOWN_CELL] for cell in row[:_SHOWN_COLUMNS]) for row in body[:3])
    return DelimitedTable(table, columns, first_rows, traps, readings)


def _tail(stream: BinaryIO, size: int, encoding: str, dialect: Dialect) -> list[list[str]]:
    """The last rows of a file of which only the first ones are held: there stand totals."""
    stream.seek(max(0, size - _TAIL_BYTES) // 4 * 4)  # a multiple of the width of any encoding's units
    _, *lines = stream.read(_TAIL_BYTES).decode(encoding, "replace").splitlines() or [""]
    with suppress(csv.Error):
        return list(dialect.rows(lines[-_TAIL_ROWS:]))
    return []


def _text(stream: BinaryIO, encoding: str) -> io.TextIOWrapper:
    stream.seek(0)
    raw = io.BufferedReader(_Limited(stream, COUNTED_BYTES), 64 * 1024)
    return io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline=None)
