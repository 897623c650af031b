"""Data pasted into a message: a table in a code fence becomes a CSV file, as if it had been uploaded."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tables.dialect import find_dialect, sample_rows

_FENCE = "```"
_LANGUAGE = re.compile(r"[^\S\n]*(?:csv|tsv|text|txt)?[^\S\n]*\n?", re.IGNORECASE)
_LINK = re.compile(r"<(?:https?|mailto|tel)[^<>|]*\|([^<>]*)>|<((?:https?|mailto|tel):[^<>]*)>")
_REFERENCE = re.compile(r"<[@#!][^<>\n]{1,1000}>")
_PLACE = re.compile("\ue000([0-9]{1,5})\ue000")
"""What stands for a reference while a table is read: it may have a separator in its label, and in the name it gets."""

_RULE = re.compile(r"[\s|+:=\-]*")
_MOST_CHARACTERS, _MOST_FENCES = 50_000, 50
"""Slack cuts a message at 40,000 characters (https://docs.slack.dev/reference/methods/chat.postMessage/)."""

_MIN_EVENNESS = 0.8
_MIN_ROWS = 2


@dataclass(frozen=True)
class PastedTable:
    """A table found in a text: its file name, and the CSV as UTF-8 bytes."""

    name: str
    data: bytes


def pasted_tables(text: str, seen: Mapping[str, str] | None = None) -> list[PastedTable]:
    """The tables in the code fences of Slack's markup, named ``pasted-1.csv`` and so on, as they were typed.

    Args:
        text: The markup.
        seen: How references to people, channels and so on are seen (``references``); others stay as they are.
    """
    tables = filter(None, _tables(text.split(_FENCE), seen or {}))
    return [PastedTable(f"pasted-{number}.csv", data) for number, data in enumerate(tables, 1)]


def references(text: str) -> list[str]:
    """References in the code fences of a text, each once: ``<@U…>``, ``<#C…>``, ``<!…>``."""
    fenced = text[:_MOST_CHARACTERS].split(_FENCE)[1::2]
    return list(dict.fromkeys(found for piece in fenced for found in _REFERENCE.findall(piece)))


def without_pasted(text: str) -> str:
    """The text with the fences that hold a table replaced by the names of their files."""
    pieces = text.split(_FENCE)
    number = 0
    for position, data in zip(range(1, len(pieces), 2), _tables(pieces, {}), strict=False):
        pieces[position] = f"{_FENCE}{pieces[position]}{_FENCE}"
        if data:
            number += 1
            pieces[position] = f"`pasted-{number}.csv`"
    closed = len(pieces) - (len(pieces) % 2 == 0)
    return _FENCE.join(["".join(pieces[:closed]), *pieces[closed:]]).strip()


def _tables(pieces: Sequence[str], seen: Mapping[str, str]) -> Iterator[bytes]:
    """What stands in the fences of a text that was split at them, as CSV; b"" for what is no table.

    Every other piece is fenced, unless nothing closes it. Beyond what people paste they are not looked at.
    """
    room = _MOST_CHARACTERS
    for position, piece in enumerate(pieces[1:-1:2]):
        room -= len(piece)
        wanted = room >= 0 and position < _MOST_FENCES
        yield _as_csv(_LANGUAGE.sub("", piece, count=1), seen) if wanted else b""


def _typed(markup: str) -> str:
    plain = _LINK.sub(lambda match: match.group(1) or match.group(2), markup)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip("\n")


def _as_csv(markup: str, seen: Mapping[str, str]) -> bytes:
    """CSV bytes of an even table with two columns and two rows at least, else b""."""
    references = _REFERENCE.findall(markup)
    places = iter(range(len(references)))
    rows = _rows(_typed(_REFERENCE.sub(lambda _: f"\ue000{next(places)}\ue000", markup)))
    if not rows:
        return b""

    def name(place: re.Match[str]) -> str:
        number = int(place[1])
        return seen.get(references[number], references[number]) if number < len(references) else place[0]

    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([_PLACE.sub(name, cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def _rows(body: str) -> list[list[str]]:
    """The cells of an even table with two columns and two rows at least, else nothing."""
    lines = [line for line in body.splitlines() if line.strip() and not _is_rule(line)]
    if len(lines) < _MIN_ROWS:
        return []
    framed = all(line.strip().startswith("|") and line.strip().endswith("|") for line in lines)
    if framed:
        rows = [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in lines]
        even = len({len(row) for row in rows}) == 1
    else:
        dialect = find_dialect("\n".join(lines) + "\n", whole=True)
        rows = sample_rows("\n".join(lines) + "\n", dialect, whole=True, limit=len(lines))
        even = dialect.delimiter != "" and dialect.evenness >= _MIN_EVENNESS and len(rows[0]) == dialect.width
    if not even or len(rows[0]) < 2 or not _looks_tabular(rows):  # noqa: PLR2004 - a table has two columns
        return []
    return rows


def _is_rule(line: str) -> bool:
    """A line between header and body, like ``|---|--:|``."""
    return "--" in line and _RULE.fullmatch(line) is not None


def _looks_tabular(rows: list[list[str]]) -> bool:
    """Code and prose have commas too; cells of a table are short and few of them look like code."""
    cells = [cell for row in rows for cell in row]
    code = sum(any(sign in cell for sign in ("(", "{", "=", ";", "def ", "import ")) for cell in cells)
    return code * 4 <= len(cells) and sum(map(len, cells)) <= 60 * len(cells)
