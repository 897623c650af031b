"""How much a model reads at once: about how many tokens a text has, and when a conversation comes near the window."""

from __future__ import annotations

BYTES = 3
"""Of a token, rather too few: English has four letters for one, Japanese about a character."""
COMPACTED = 0.6
"""Share of the window at which the service is asked to compact a conversation, where it does."""
NEAR = 0.8
"""Share of the window, by our own count, at which a conversation goes on in a new thread."""
NEAR_BESIDE_SERVICE = 1.1
"""The same where the service is to compact before that: our count is too high, and it must not come first."""
TRANSCRIPT = 0.25
"""Share of the window that is left for what was said before."""
LEAST = 1000
"""Tokens below which the service compacts nothing (https://developers.openai.com/api/reference/resources/responses)."""
_GAP = "\n[…]\n"
_HEAD = 4
"""One of so many parts that are kept of a text stands at its beginning."""


def tokens(text: str) -> int:
    """About how many tokens a text has."""
    return len(text.encode(errors="replace")) // BYTES


def compacted_at(window: int) -> int:
    """The tokens at which the service is asked to compact."""
    return max(LEAST, int(window * COMPACTED))


def is_near(held: int, window: int, *, service_compacts: bool) -> bool:
    """Whether so many tokens come near the window of the model."""
    return held > window * (NEAR_BESIDE_SERVICE if service_compacts else NEAR)


def told_again(transcript: str, window: int) -> str:
    """As much of a transcript as a new thread is told."""
    share, whole = int(window * TRANSCRIPT), tokens(transcript)
    return transcript if whole <= share else both_ends(transcript, len(transcript) * share // whole)


def both_ends(text: str, most: int) -> str:
    """A text of at most so many characters: its middle is left out."""
    if len(text) <= most:
        return text
    room = max(0, most - len(_GAP))
    head = room // _HEAD
    return text[:head] + _GAP + text[len(text) - (room - head) :]
