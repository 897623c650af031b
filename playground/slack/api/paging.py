"""Cursors: an opaque text that stands for where the next page begins."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from playground.slack.state.errors import Refused

T = TypeVar("T")


def page(items: Sequence[T], cursor: str, limit: int) -> tuple[Sequence[T], str]:
    """The page that begins at ``cursor``, and the next cursor ("" at the end)."""
    if limit < 1:
        raise Refused("invalid_limit")
    start = _decode(cursor) if cursor else 0
    if start > len(items):
        raise Refused("invalid_cursor")
    end = start + limit
    return items[start:end], _encode(end) if end < len(items) else ""


def _encode(start: int) -> str:
    return base64.b64encode(f"next:{start}".encode()).decode()


def _decode(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (binascii.Error, ValueError):
        raise Refused("invalid_cursor") from None
