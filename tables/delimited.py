"""CSV and its relatives: encoding, dialect, header, columns, size. One pass, flat memory, bounded time."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from tables.columns import SHOWN_CELL, Column, describe_columns
from tables.dialect import SAMPLE_CHARS, Dialect, find_dialect, find_header, sample_rows
from tables.encoding import Encoding, detect

EXACT_BYTES = 20 * 1024 * 1024
DESCRIBED_COLUMNS = 200
_SHOWN_COLUMNS = 50
_SAMPLE_CELLS = 60_000
_COUNT_SECONDS = 0.8
_READ_CHARS = 64 * 1024
_CHECK_EVERY = 2048
_LONGEST_LINE = 8 * 1024 * 1024


@dataclass(frozen=True)
class Delimited:
    """What a delimited text file is.

    ``rows`` is without header and preamble; at least that many if not ``exact``. ``header_row`` is 1-based, 0 for none;
    ``evenness`` is the share of the rows below it that have the usual width.
    """

    encoding: Encoding
    dialect: Dialect
    header_row: int
    rows: int
    exact: bool
    columns: tuple[Column, ...]
    first_rows: tuple[tuple[str, ...], ...]
    evenness: float
    sample: str


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
    encoding = detect(stream, EXACT_BYTES)
    text = _text(stream, encoding.name)
    sample = text.read(SAMPLE_CHARS)
    whole = len(sample) < SAMPLE_CHARS
    dialect = find_dialect(sample, whole=whole)
    rows = sample_rows(sample, dialect, whole=whole)
    start, has_header = find_header(rows, dialect.width)
    body = rows[start + has_header :]
    body = body[: max(20, _SAMPLE_CELLS // max(1, dialect.width))]
    header = rows[start] if has_header else []
    columns = describe_columns(header, body, min(dialect.width, DESCRIBED_COLUMNS))
    counted, exact = _count(_text(stream, encoding.name), dialect, quotes=encoding.has_quotes)
    return Delimited(
        encoding=encoding,
        dialect=dialect,
        header_row=start + 1 if has_header else 0,
        rows=max(0, counted - start - has_header),
        exact=exact and size <= EXACT_BYTES,
        columns=columns,
        evenness=sum(len(row) == dialect.width for row in body) / len(body) if body else 1.0,
        first_rows=tuple(tuple(cell[:SHOWN_CELL] for cell in row[:_SHOWN_COLUMNS]) for row in body[:3]),
        sample=sample,
    )


def _text(stream: BinaryIO, encoding: str) -> io.TextIOWrapper:
    stream.seek(0)
    raw = io.BufferedReader(_Limited(stream, EXACT_BYTES), 64 * 1024)
    return io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline="")


def _count(text: io.TextIOWrapper, dialect: Dialect, *, quotes: bool) -> tuple[int, bool]:
    """Rows that are not blank, and whether all were counted. Without quotes a line is a row."""
    if not quotes or not dialect.quoted:
        return _count_lines(text)
    deadline = time.process_time() + _COUNT_SECONDS
    count = 0
    try:
        for number, row in enumerate(dialect.rows(_lines(text))):
            count += bool(row)
            if number % _CHECK_EVERY == 0 and time.process_time() > deadline:
                return count, False
    except csv.Error:
        return count + _count_lines(text)[0], False
    return count, True


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines; one that would be laid out in millions of cells is given up like a giant cell."""
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise csv.Error("a giant line")
        yield line


def _count_lines(text: io.TextIOWrapper) -> tuple[int, bool]:
    deadline = time.process_time() + _COUNT_SECONDS
    count = 0
    unfinished = False
    while block := text.read(_READ_CHARS):
        lines = block.replace("\r", "\n").split("\n")
        count += len(lines) - lines.count("") - (unfinished and lines[0] != "")
        unfinished = lines[-1] != ""
        if time.process_time() > deadline:
            return count, False
    return count, True
