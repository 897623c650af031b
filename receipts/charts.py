"""What a chart shows, as the code that drew it has printed; the sandbox's ``chart_style.py`` writes it.

It comes from where a model's code runs, so it may be anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from untrusted.characters import visible, whole
from untrusted.payload import flag, items, mapping, number, string, values

PRINTED = "chart.json: "
"""What stands before it, at the beginning of a line."""

VERSION = 1
KINDS = frozenset({"bar", "line", "pie", "scatter"})
MOST_BYTES = 32 * 1024
MOST_CHARTS = 40
_AXES, _SERIES, _POINTS = 6, 12, 60
_LONGEST = 80
_MOST = 1e15


@dataclass(frozen=True)
class Series:
    """Values by their labels, in the order in which they are drawn.

    ``count``: how many were drawn; of many only the first, the last, the lowest and the highest are told.
    """

    name: str
    labels: Sequence[str]
    values: Sequence[float]
    count: int


@dataclass(frozen=True)
class Axes:
    """One pair of axes.

    Args:
        kind: One of ``KINDS``.
        title: What stands above it.
        x: What the labels are; also of bars that lie.
        y: What the values are.
        plain: Nothing is stacked, and nothing else is drawn beside.
        series: What is drawn.
    """

    kind: str
    title: str
    x: str
    y: str
    plain: bool
    series: Sequence[Series]


@dataclass(frozen=True)
class Drawn:
    """What a chart shows. ``file``: the picture's name."""

    file: str
    title: str
    axes: Sequence[Axes]

    def to_json(self) -> dict[str, Any]:
        """The same form."""
        return {"version": VERSION, **asdict(self)}


def without_charts(output: str) -> tuple[str, Sequence[Drawn]]:
    """What code printed but for the lines that tell of charts, and those."""
    if PRINTED not in output:
        return output, ()
    found: list[Drawn] = []
    kept: list[str] = []
    for line in output.splitlines(keepends=True):
        if not line.startswith(PRINTED):
            kept.append(line)
        elif len(found) < MOST_CHARTS and (drawn := read_line(line.removeprefix(PRINTED))):
            found.append(drawn)
    return "".join(kept), found


def read_line(line: str) -> Drawn | None:
    """What a line tells; None when it is none of ours."""
    if len(line) > MOST_BYTES:
        return None
    try:
        return read_drawn(json.loads(line))
    except (ValueError, RecursionError):
        return None


def read_drawn(found: object) -> Drawn | None:
    """What JSON tells, as far as it is whole; None when that is nothing."""
    told = mapping(found)
    axes = [one for item in items(told.get("axes"))[:_AXES] if (one := _axes(item))]
    if told.get("version") != VERSION or not axes:
        return None
    return Drawn(_line(told.get("file")), _line(told.get("title")), axes)


def _axes(item: Mapping[str, Any]) -> Axes | None:
    series = [one for other in items(item.get("series"))[:_SERIES] if (one := _series(other))]
    kind = string(item.get("kind"))
    if kind not in KINDS or not series:
        return None
    title, x, y = (_line(item.get(name)) for name in ("title", "x", "y"))
    return Axes(kind, title, x, y, flag(item.get("plain")), series)


def _series(item: Mapping[str, Any]) -> Series | None:
    labels, numbers = values(item.get("labels"))[:_POINTS], values(item.get("values"))[:_POINTS]
    pairs = [(_line(label), value) for label, value in zip(labels, numbers, strict=False) if _is_number(value)]
    if not pairs:
        return None
    count = max(len(pairs), number(item.get("count")))
    return Series(_line(item.get("name")), [label for label, _ in pairs], [float(value) for _, value in pairs], count)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -_MOST <= value <= _MOST  # nor NaN


def _line(value: object) -> str:
    return " ".join(visible(whole(string(value)[: 4 * _LONGEST])).split())[:_LONGEST]
