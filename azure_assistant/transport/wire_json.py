"""The service's JSON as it comes.

A member may be missing, null, or of another kind than the documentation says: the readers here give what is usable.
"""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

import httpx2

from untrusted.characters import whole

MOST = 10**12
"""More tokens than any run uses, and few enough that the sum of a month's still fits into a database."""


class WireObject(SimpleNamespace):
    """A JSON object with its members as attributes; what the service leaves out is None."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None


NOTHING = WireObject()


def as_objects(value: Any) -> Any:
    """A JSON value whose objects are ``WireObject``."""
    if isinstance(value, dict):
        return WireObject(**{str(key): as_objects(inner) for key, inner in value.items()})
    return [as_objects(inner) for inner in value] if isinstance(value, list) else value


def as_error(value: Any, *others: Any) -> dict[str, Any]:
    """What an error object says, for ``from_wire``; what it leaves out is taken from the others."""
    told: dict[str, Any] = {}
    for error in (value, *others):
        for name in ("code", "message", "type", "param"):
            if told.get(name) is None and isinstance(said := getattr(thing(error), name), (str, int)):
                told[name] = said
    return told


def thing(value: Any) -> WireObject:
    """An object; anything else becomes one without members."""
    return value if isinstance(value, WireObject) else NOTHING


def each(value: Any) -> list[WireObject]:
    """The members of a list as objects; none of anything else."""
    return [thing(item) for item in value] if isinstance(value, list) else []


def text(value: Any) -> str:
    """A string, in whole characters; "" for anything else."""
    return whole(value) if isinstance(value, str) else ""


def delta(value: Any) -> str:
    """A piece of a string, which may begin or end within a character; "" for anything else."""
    return value if isinstance(value, str) else ""


def integer(value: Any, default: int = 0) -> int:
    """A whole number; the default for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def count(value: Any) -> int:
    """How many there are of something, from 0 to ``MOST``; 0 for anything else."""
    told = integer(value)
    return told if 0 <= told <= MOST else 0


def number(value: Any) -> float:
    """A finite number; 0 for anything else."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) <= sys.float_info.max else 0.0


def is_stream(response: httpx2.Response) -> bool:
    """Whether an answer is one of events, or does not say what it is."""
    return _kind(response) in {"", "text/event-stream"}


async def plain_json(response: httpx2.Response) -> Any:
    """The JSON that came although a stream was asked for; None when it is a stream."""
    return as_objects(json.loads(await response.aread())) if _kind(response).endswith("json") else None


def _kind(response: httpx2.Response) -> str:
    return response.headers.get("content-type", "").lower().partition(";")[0].strip()
