"""What people are going to do, drawn from a seed: the same seed, the same lines at the same times."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Act = Literal["question", "stop word", "stop button", "withdrawn"]
"""``withdrawn`` is a question that is deleted a moment later; the stops end what runs in the thread."""

STOPS = frozenset({"stop word", "stop button"})

BURST = 0.25
"""Share of lines that come at the same time as the one before."""

LATEST_START = 0.7
"""A thread begins within this part of the time."""

DIRECT = 0.1
"""Share of threads in direct messages."""

WITHDRAWN_AFTER = 1.5
STOPPED_AFTER = 2.5
CSV = b"region,revenue\nEast,10\nWest,20\n"


@dataclass(frozen=True)
class Line:
    """One thing that a person does in a thread.

    Attributes:
        at: Seconds after the beginning.
        act: What.
        who: Index of the person.
        text: What is written, without a mention.
        token: Words that stand in this question's answer and in no other.
        charts: Names of the files that the answer brings, in order; unique as well.
        has_csv: A file comes with it.
        mentions: The bot is mentioned even where it need not be.
    """

    at: float
    act: Act
    who: int
    text: str
    token: str = ""
    charts: tuple[str, ...] = ()
    has_csv: bool = False
    mentions: bool = True


@dataclass(frozen=True)
class Talk:
    """A thread: its place (a direct message of ``lines[0].who``, or a channel by index) and its lines in time."""

    is_direct: bool
    channel: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Size:
    """How much traffic: ``seconds`` of it, and at least so many ``questions`` and ``threads``."""

    seconds: float
    questions: int
    threads: int
    people: int = 20
    channels: int = 40


def draw(size: Size, seed: int) -> list[Talk]:
    """The whole traffic.

    Args:
        size: How much.
        seed: Of the random choices.

    Raises:
        ValueError: There are fewer questions than threads.
    """
    if size.questions < size.threads:
        raise ValueError("each thread needs a question")
    source = random.Random(seed)
    shares = [1 + source.expovariate(1.0) for _ in range(size.threads)]
    counts = [1 + int(share / sum(shares) * (size.questions - size.threads)) for share in shares]
    for number in range(size.questions - sum(counts)):
        counts[number % size.threads] += 1
    numbers = iter(range(size.questions))
    return [_talk(size, source, count, numbers) for count in counts]


def _talk(size: Size, source: random.Random, count: int, numbers: Iterator[int]) -> Talk:
    start = source.uniform(0, LATEST_START) * size.seconds
    is_direct = source.random() < DIRECT
    people = [source.randrange(size.people) for _ in range(1 if is_direct else 3)]
    lines: list[Line] = []
    for at in _times(source, start, size.seconds, count):
        who = source.choices(people, weights=(6, 2, 1)[: len(people)])[0] if lines else people[0]
        lines.append(_question(source, next(numbers), at, who, is_first=not lines))
        lines += _stop(source, at, who)
    return Talk(is_direct, source.randrange(size.channels), tuple(sorted(lines, key=lambda line: line.at)))


def _times(source: random.Random, start: float, end: float, count: int) -> Sequence[float]:
    times = sorted(source.uniform(start, end) for _ in range(count - 1))
    for position in range(1, len(times)):
        if source.random() < BURST:
            times[position] = times[position - 1] + source.uniform(0, 0.2)
    return [start, *sorted(times)]


def _question(source: random.Random, number: int, at: float, who: int, *, is_first: bool) -> Line:
    token = f"outcome-{number:06d}"
    charts: tuple[str, ...] = ()
    does = [f"[[sleep {source.uniform(0.3, 1.5):.2f}]]"]
    if source.random() < 0.5:
        does.append(f"[[code {source.randint(1, 2)}]]")
    if source.random() < 0.3:
        does += [
            "[[code]]",
            f"[[long {source.choice((400, 900, 2500, 12_000))}]]",
            f"[[sleep {source.uniform(0.5, 2.5):.2f}]]",
        ]
    if source.random() < 0.1:
        does.append("[[code]][[table 4]]")
    does.append(f"[[say Here it is: {token}.]]")
    if source.random() < 0.25:
        charts = tuple(f"chart-{number:06d}-{position}.png" for position in range(source.choice((1, 1, 2))))
        does += [f"[[chart {name}]]" for name in charts]
    if source.random() < 0.05:
        charts = (*charts, f"table-{number:06d}.md")
        does.append(f"[[file {charts[-1]}]]")
    act: Act = "withdrawn" if not is_first and source.random() < 0.02 else "question"
    has_csv = source.random() < (0.3 if is_first else 0.05)
    return Line(at, act, who, " ".join(does), token, charts, has_csv, is_first or source.random() < 0.4)


def _stop(source: random.Random, at: float, who: int) -> list[Line]:
    """Now and then somebody has enough."""
    if source.random() >= 0.04:
        return []
    act: Act = source.choice(("stop word", "stop button"))
    return [Line(at + source.uniform(0.5, STOPPED_AFTER), act, who, source.choice(("stop", "停止")))]
