"""A receipt: what an answer says of its numbers, as the model's Python writes it into a file of JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeAlias

from untrusted.characters import visible, whole
from untrusted.payload import items, mapping, number, string, values

FILE = "receipt.json"
"""What it is called in the sandbox, below ``/mnt/data/``."""

VERSION = 1
MOST_NUMBERS = 50
MOST_LEFT_OUT = 10
MOST_BYTES = 64 * 1024
MOST_READINGS = 3
LONGEST_READING = 75
"""Characters of a reading: it stands on a button."""
_LABEL, _STATED, _UNIT, _QUERY = 120, 60, 40, 4000

Verdict: TypeAlias = Literal["agrees", "differs", "cannot"]


@dataclass(frozen=True)
class Claim:
    """A number of an answer.

    Args:
        label: What it is, in words.
        value: As it was computed.
        stated: As the answer writes it, which tells how far it is rounded.
        unit: ``%``, ``EUR``, ``k EUR``…, or "".
        query: A SELECT over the files' tables, of which the first cell counts.
    """

    label: str
    value: float
    stated: str
    unit: str
    query: str

    def to_json(self) -> dict[str, Any]:
        """The same form."""
        return asdict(self)


@dataclass(frozen=True)
class LeftOut:
    """Rows that an answer leaves out, and why, in words."""

    rows: int
    why: str


@dataclass(frozen=True)
class Finding:
    """What came of checking a number.

    ``found`` is the query's result, as text; ``why`` says why it could not be checked: ``query``, ``nothing``,
    ``kind``, ``constant``, ``time``, ``file``.
    """

    verdict: Verdict
    found: str = ""
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """For the database."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Finding:
        """From the database."""
        return cls(**{one.name: value[one.name] for one in fields(cls) if one.name in value})


def read_receipt(data: bytes) -> Sequence[Claim] | None:
    """The numbers of a receipt; None when it is none of ours, or has none."""
    return read_claims(_object(data).get("numbers")) or None


def read_readings(data: bytes) -> Sequence[str]:
    """What else the question could mean, as a receipt says it; nothing when it is none of ours."""
    told = (_line(item, LONGEST_READING) for item in values(_object(data).get("readings"))[:MOST_READINGS])
    return list(dict.fromkeys(filter(None, told)))


def read_left_out(told: object) -> Sequence[LeftOut]:
    """Which rows were left out, as far as a list says how many and why."""
    found = [LeftOut(number(item.get("rows")), _line(item.get("why"), _LABEL)) for item in items(told)[:MOST_LEFT_OUT]]
    return [one for one in found if one.why and one.rows]


def receipt_left_out(data: bytes) -> Sequence[LeftOut]:
    """The same of a receipt."""
    return read_left_out(_object(data).get("left_out"))


def _object(data: bytes) -> Mapping[str, Any]:
    """The object of a receipt; an empty one when it is none of ours."""
    if len(data) > MOST_BYTES:
        return {}
    try:
        found = mapping(json.loads(data.decode("utf-8-sig")))
    except (ValueError, RecursionError):
        return {}
    return found if found.get("version") == VERSION else {}


def read_claims(numbers: object) -> Sequence[Claim]:
    """The claims in a list, as far as they are whole."""
    return [claim for item in items(numbers)[:MOST_NUMBERS] if (claim := _claim(item))]


def _claim(item: Mapping[str, Any]) -> Claim | None:
    value, query = item.get("value"), whole(string(item.get("query"))).strip()
    if isinstance(value, bool) or not isinstance(value, int | float) or not query or len(query) > _QUERY:
        return None
    try:
        computed = float(value)
    except OverflowError:
        return None
    if not math.isfinite(computed):
        return None
    stated = _line(item.get("stated"), _STATED) or f"{computed:g}"
    return Claim(_line(item.get("label"), _LABEL), computed, stated, _line(item.get("unit"), _UNIT), query)


def _line(value: object, longest: int) -> str:
    return " ".join(visible(whole(string(value)[: 10 * longest])).split())[:longest]
