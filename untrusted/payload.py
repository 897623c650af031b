"""Foreign JSON, read without trust: each reader gives a value of its type, whatever stands there.

What is missing or of another type is empty; nothing here raises. Slack's documents promise types, but a payload comes
from a network, and people, other apps and other workspaces decide what stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from untrusted.characters import whole

Json = Mapping[str, Any]

MOST = 2**53
"""The largest whole number that JSON carries exactly (https://www.rfc-editor.org/rfc/rfc8259#section-6)."""

LAST_SECOND = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())
"""No later moment can be shown as a date."""

_NOTHING: Json = {}
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,32}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")


def mapping(value: object) -> Json:
    """An object, or an empty one."""
    return value if isinstance(value, Mapping) else _NOTHING


def values(value: object) -> list[Any]:
    """What stands in a list; nothing when it is none."""
    return value if isinstance(value, list) else []


def items(value: object) -> list[Json]:
    """The objects in a list; what is none is left out."""
    return [item for item in values(value) if isinstance(item, Mapping)]


def string(value: object) -> str:
    """A text, also of a number. Without what no database and no UTF-8 can hold: NUL, and halves of characters."""
    if isinstance(value, str):
        return whole(value.replace("\0", ""))
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def number(value: object, most: int = MOST) -> int:
    """A whole number from 0 to ``most``, also written as a text; 0 for anything else."""
    if isinstance(value, str) and len(value) <= len(str(MOST)) and value.isascii() and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 <= value <= most else 0  # which no NaN is


def moment(value: object) -> int:
    """Epoch seconds, for a date that can be shown; 0 for anything else."""
    return number(value, LAST_SECOND)


def flag(value: object) -> bool:
    """Whether something is said to be so."""
    return value is True or value in (1, "1", "true")


def identifier(value: object) -> str:
    """An id of Slack's (``C0123ABCD``), or "". Ours are put together of them, so nothing else may stand in one."""
    return value if isinstance(value, str) and _IDENTIFIER.fullmatch(value) else ""


def timestamp(value: object) -> str:
    """A message's ts (``1767224888.280449``), or ""."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:.6f}" if 0 <= value <= LAST_SECOND else ""
    return value if isinstance(value, str) and _TIMESTAMP.fullmatch(value) else ""
