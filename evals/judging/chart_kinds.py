"""Which kinds of charts a piece of Python draws, by the calls of matplotlib, pandas and seaborn in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 100_000
"""Characters of code that are looked at."""

_BY_CALL = {
    "bar": ("bar", "barh", "barplot", "countplot", "catplot", "bar_label"),
    "line": ("plot", "lineplot", "line", "plot_date", "step", "fill_between", "area", "stackplot"),
    "pie": ("pie",),
    "scatter": ("scatter", "scatterplot", "regplot", "lmplot", "hexbin"),
    "histogram": ("hist", "histplot", "displot", "distplot", "kdeplot"),
    "box": ("boxplot", "box", "violinplot", "boxenplot"),
    "heatmap": ("heatmap", "imshow", "pcolormesh", "matshow"),
}
_KIND_OF_CALL = {call: kind for kind, calls in _BY_CALL.items() for call in calls}
_KIND_OF_WORD = {"bar": "bar", "barh": "bar", "area": "line", "hist": "histogram", "kde": "histogram"}
_CALL = re.compile(r"\.(\w{3,20})\(")
_PLOT_KIND = re.compile(r"\bkind ?= ?[\"'](\w{3,10})[\"']")

ANY = "any"
KINDS = {*_BY_CALL, ANY}
"""What a question may want."""


def chart_kinds(code: Iterable[str]) -> set[str]:
    """The kinds that some pieces of code draw."""
    found: set[str] = set()
    for piece in code:
        text = piece[:LONGEST]
        kinds = {_KIND_OF_WORD.get(word, word) for word in _PLOT_KIND.findall(text)} & KINDS
        called = {_KIND_OF_CALL[call] for call in _CALL.findall(text) if call in _KIND_OF_CALL}
        found |= kinds | (called - {"line"} if kinds else called)
    return found


def is_wanted(wanted: str, drawn: set[str], charts: int) -> bool:
    """Whether there is a chart, of a wanted kind."""
    kinds = set(wanted.split("|"))
    return charts > 0 and (ANY in kinds or bool(kinds & drawn))
