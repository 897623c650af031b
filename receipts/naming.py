"""What the files of a conversation are called in queries. The model is told these names; checking makes them again."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath


def _each_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LONGEST = 60
_RESERVED = _each_of(
    """all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
    default deferrable desc describe distinct do else end except false fetch for foreign from group having in
    initially intersect into lambda lateral leading limit not null offset on only or order pivot pivot_longer
    pivot_wider placing primary qualify references returning select show some summarize symmetric table then to
    trailing true union unique unpivot using variadic when where window with"""
)
"""Words that are no names without quotes (``duckdb_keywords()``)."""


@dataclass(frozen=True)
class Named:
    """A file, by its own name, with what queries call its table, and may call it where it has only one."""

    file: str
    table: str
    aliases: Sequence[str] = ()


def named(files: Iterable[str]) -> list[Named]:
    """What each file of a conversation is called, in the order in which they were shared: no two are alike."""
    names: list[Named] = []
    for number, file in enumerate(files, 1):
        stem = PurePosixPath(file.replace("\\", "/")).stem
        name = distinct(plain_name(stem) or f"table_{number}", [one.table for one in names])
        names.append(Named(file, name, [f"table_{number}", _words(stem) or name]))
    return names


def sheet_name(book: str, sheet: str, number: int) -> str:
    """What the ``number``-th sheet of a workbook is called."""
    return f"{book}_{_words(sheet) or number}"[: 2 * _LONGEST]


def part_names(name: str, parts: int) -> list[str]:
    """What the tables are called that stand below each other in a file or sheet."""
    return [name] if parts == 1 else [f"{name}_{number}" for number in range(1, parts + 1)]


def plain_name(text: str) -> str:
    """A name that needs no quotes; "" when nothing of the text can be one."""
    name = _words(text)
    if name in _RESERVED:
        return f"{name}_data"
    return "" if not name or name[0].isdecimal() else name


def distinct(name: str, taken: Collection[str]) -> str:
    """The name with a number behind it, if it is taken."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def column_names(header: Iterable[str]) -> list[str]:
    """The names of columns, of which no two are alike without regard to case; one without a name gets its number."""
    names: list[str] = []
    taken: set[str] = set()
    for number, text in enumerate(header, 1):
        name = " ".join(text.replace("\0", "").split()) or f"column_{number}"
        own = distinct(name.lower(), taken)
        taken.add(own)
        names.append(name + own[len(name.lower()) :])
    return names


def _words(text: str) -> str:
    """Letters and digits in lower case, with one ``_`` for what stands between them."""
    plain = unicodedata.normalize("NFC", text[: 4 * _LONGEST]).lower()
    kept = "".join(char if char.isalnum() or unicodedata.category(char) == "Mn" else " " for char in plain)
    return "_".join(kept.split())[:_LONGEST].strip("_")
