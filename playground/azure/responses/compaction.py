"""Server-side compaction: earlier items become one opaque item once a response reads more than a threshold.

https://learn.microsoft.com/azure/foundry/openai/how-to/responses. What the service keeps in it nobody knows; here it is
the beginnings of all that was said.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from typing import Any

from playground.azure.service import errors, ids
from playground.azure.service.wire import Json, check_members

KIND = "compaction"
LEAST = 1000
PART, ANSWER = 1000, 100
"""Characters that are kept of a part of a question, and of an answer."""
_HEAD = 4


def threshold(body: Json) -> int | None:
    """The tokens from which on a response compacts what came before it; None when it does not.

    Raises:
        ApiError: 400.
    """
    found: int | None = None
    for index, entry in enumerate(body.get("context_management") or []):
        at = f"context_management[{index}]"
        check_members(entry, {"type", "compact_threshold"}, ["type"], at)
        if entry["type"] != KIND:
            raise errors.invalid_value(f"{at}.type", f"Invalid value: '{entry['type']}'.")
        found = _number(entry.get("compact_threshold"), f"{at}.compact_threshold")
    return found


def _number(value: Any, at: str) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or value < LEAST:
        raise errors.invalid_value(at, f"Expected a value >= {LEAST}, got {value}.")
    return value


def since_compaction(items: Sequence[Json]) -> list[Json]:
    """The items from the last compaction on: what came before is in it."""
    last = max((index for index, item in enumerate(items) if item["type"] == KIND), default=0)
    return list(items[last:])


def compact(items: Sequence[Json], most: int) -> Json:
    """One item in place of these, with at most so many characters."""
    kept = "\n".join(_kept(item) for item in items)
    if len(kept) > most:
        head = most // _HEAD
        kept = kept[:head] + "\n" + kept[head - most :]
    packed = base64.b64encode(zlib.compress(kept.encode(errors="replace"))).decode()
    return {"id": ids.hex_id("cmp_"), "type": KIND, "encrypted_content": packed}


def unpacked(item: Json) -> str:
    """What a compaction item says to the model.

    Raises:
        ApiError: 400: it is none of ours.
    """
    try:
        return zlib.decompress(base64.b64decode(item["encrypted_content"])).decode()
    except (KeyError, TypeError, ValueError, zlib.error):
        raise errors.invalid_value("input", "The encrypted content could not be verified.") from None


def _kept(item: Json) -> str:
    if item["type"] == KIND:
        return unpacked(item)
    if item["type"] != "message":
        return ""
    most = ANSWER if item["role"] == "assistant" else PART
    texts = [part["text"][:most] for part in item.get("content") or [] if isinstance(part.get("text"), str)]
    return f"{item['role']}: " + " ".join(texts)
