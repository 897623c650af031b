"""What a chart shows, in words for whoever cannot see the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conversations.ports.replies import Deliverable
from receipts.charts import Axes, Drawn, Series
from replies.views.sentences import N_
from replies.views.wording import Wording

KINDS: Mapping[str, str] = {
    "bar": N_("Bar chart"),
    "line": N_("Line chart"),
    "pie": N_("Pie chart"),
    "scatter": N_("Scatter chart"),
}
_KIND = N_("{kind}: {title}.")
_BY = N_("{y} by {x}.")
_VALUES = N_("{count} values, highest {high}, lowest {low}.")
_TRENDS = (
    N_("It falls from {first} to {last}."),
    N_("It begins and ends at {last}."),
    N_("It rises from {first} to {last}."),
)
_MORE = N_("And {count} more.")
_TOLD = 4
"""Series that are told one by one."""
_SMALL = 0.001
"""Babel writes three decimals."""


def in_words(wording: Wording, item: Deliverable) -> str:
    """The alternative text of a chart or file: what is shown, its extremes, its trend; else as the answer calls it."""
    if item.drawn is None:
        return item.alt
    return " ".join(_sentences(wording, item.drawn, item.title or item.alt))


def _sentences(wording: Wording, drawn: Drawn, title: str) -> Sequence[str]:
    said = [wording.plain(_KIND, kind=wording.plain(KINDS[drawn.axes[0].kind]), title=title)]
    series = [(axes, one) for axes in drawn.axes for one in axes.series]
    before: Axes | None = None
    for axes, one in series[:_TOLD]:
        if axes is not before:
            said += _about(wording, axes, title, is_one=len(drawn.axes) == 1)
        before = axes
        said += _told(wording, axes, one)
    if len(series) > _TOLD:
        said.append(wording.plain(_MORE, count=len(series) - _TOLD))
    return said


def _about(wording: Wording, axes: Axes, title: str, *, is_one: bool) -> Sequence[str]:
    about = [f"{axes.title}:"] if axes.title and axes.title != title and not is_one else []
    return [*about, wording.plain(_BY, x=axes.x, y=axes.y)] if axes.x and axes.y else about


def _told(wording: Wording, axes: Axes, one: Series) -> Sequence[str]:
    places = range(len(one.values))
    high, low = (choose(places, key=lambda at: one.values[at]) for choose in (max, min))
    said = [wording.plain(_VALUES, count=one.count, high=_value(wording, one, high), low=_value(wording, one, low))]
    if axes.kind == "line" and one.count > 1:
        first, last = one.values[0], one.values[-1]
        trend = _TRENDS[1 + (last > first) - (last < first)]
        said.append(wording.plain(trend, first=_value(wording, one, 0), last=_value(wording, one, -1)))
    is_named = one.name and (len(axes.series) > 1 or one.name not in (axes.y, "%"))
    return [f"{one.name}:", *said] if is_named else said


def _value(wording: Wording, one: Series, at: int) -> str:
    value, label = one.values[at], one.labels[at]
    number = f"{value:.3g}" if 0 < abs(value) < _SMALL else wording.number(float(f"{value:.6g}"))
    return f"{number} ({label})" if label else number
