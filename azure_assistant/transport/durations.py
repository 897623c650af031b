"""How long the service asks to wait: headers, clock times and words in all the forms that services use."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_CUE = re.compile(
    r"\b(?:retry|again|replenish(?:ed)?|refill(?:ed)?|renew(?:ed)?|resets?|available|wait)\b[^\d\n]{0,30}(?=\d)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?:(\d{1,3})\.)?(\d{1,3}):(\d{2}):(\d{2})")
_PART = re.compile(
    r"(\d{1,9}(?:\.\d{1,9})?)\s{0,3}"
    r"(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s{0,3}(?:,|and)?\s{0,3}")
_PLAIN = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(?![\d.:-])")
_LONGEST = 100
_RESETS = ("x-ratelimit-reset-requests", "x-ratelimit-reset-tokens")


def wait_in_headers(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by the headers of an answer; None when they do not say.

    They are ``retry-after-ms``, ``retry-after`` (seconds, a duration or a date), or OpenAI's ``x-ratelimit-reset-…`` of
    what is used up.
    """
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        if (milliseconds := _number(headers.get(name, "")[:_LONGEST])) is not None:
            return milliseconds / 1000
    if value := headers.get("retry-after", "")[:_LONGEST].strip():
        seconds = _number(value)
        return seconds if seconds is not None else _duration(value, 0) or _until(value)
    resets = [
        wait
        for name in _RESETS
        if headers.get(name.replace("reset", "remaining")) == "0"
        and (wait := _duration(headers.get(name, "")[:_LONGEST], 0)) is not None
    ]
    return max(resets, default=None)


def wait_in_words(message: str) -> float | None:
    """Seconds by a sentence: ``try again in 1m20s``, ``after 86400 seconds``, ``replenished in 02:20:30``."""
    for cue in _CUE.finditer(message):
        if (found := _duration(message, cue.end())) is not None:
            return found
    return None


def _duration(text: str, start: int) -> float | None:
    """The duration that stands at a position; a number alone is seconds."""
    if clock := _CLOCK.match(text, start):
        days, hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return ((days * 24.0 + hours) * 60 + minutes) * 60 + seconds
    total, position = 0.0, start
    while part := _PART.match(text, position):
        unit = part[2].lower()
        total += float(part[1]) * _UNITS["ms" if unit.startswith(("ms", "milli")) else unit[0]]
        between = _BETWEEN.match(text, part.end())
        position = between.end() if between else part.end()
    if position > start:
        return total
    plain = _PLAIN.match(text, start)
    return float(plain[1]) if plain else None


def _until(date: str) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time())
    except (ValueError, OverflowError):
        return None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
