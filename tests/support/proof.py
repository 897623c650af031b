"""What the bot's messages in a thread prove: pure functions over messages as Slack shows them, oldest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tests.support.world import Json, is_outcome, part_of, turn_of, words_of


def of_turn(messages: Iterable[Json], turn: str) -> list[Json]:
    """The messages of one turn."""
    return [message for message in messages if turn_of(message) == turn]


def outcomes(messages: Iterable[Json]) -> list[Json]:
    """Messages that complete a turn."""
    return [message for message in messages if is_outcome(message)]


def repeated_parts(messages: Iterable[Json]) -> list[tuple[str, str]]:
    """Turn and part of what stands more than once."""
    parts = Counter((turn_of(message), part_of(message)) for message in messages if turn_of(message))
    return [key for key, number in parts.items() if number > 1]


def file_names(messages: Iterable[Json]) -> Counter[str]:
    """How often each file is shown."""
    return Counter(str(file["name"]) for message in messages for file in message.get("files") or [])


def buttons_left(messages: Iterable[Json]) -> list[Json]:
    """Stop buttons."""
    return [message for message in messages if part_of(message) == "control"]


def open_streams(messages: Iterable[Json]) -> list[Json]:
    """Messages that are still being streamed."""
    return [message for message in messages if message.get("streaming_state") == "in_progress"]


def orphans(messages: Iterable[Json]) -> list[Json]:
    """Messages that belong to nothing; shared files carry no metadata at Slack."""
    return [message for message in messages if not message.get("metadata") and not message.get("files")]


def in_order(shown: Sequence[str], turns: Sequence[str]) -> bool:
    """Whether the turns of a thread's messages come in the order of ``turns``, and none amid another."""
    known = [turn for turn in shown if turn in turns]
    return list(dict.fromkeys(known)) == list(turns) and not interleaved(known)


def interleaved(shown: Sequence[str]) -> list[str]:
    """Turns that go on after another has begun."""
    runs = [turn for position, turn in enumerate(shown) if position == 0 or shown[position - 1] != turn]
    return [turn for turn, number in Counter(runs).items() if number > 1]


def described(messages: Iterable[Json]) -> list[tuple[str, str]]:
    """The messages for a person who reads a failure: part and words."""
    return [(part_of(message), words_of(message)[:80]) for message in messages]
