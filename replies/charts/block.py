"""A chart as Slack draws it, from the values that the picture shows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isclose

from conversations.ports.replies import Deliverable
from receipts.charts import Axes, Series
from replies.markdown.sanitize import on_one_line
from replies.markdown.tables import Block

_TITLE, _LABEL, _NAME = 50, 20, 20
_CATEGORIES, _SERIES = 20, 6
"""https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block"""


def native(item: Deliverable) -> Block | None:
    """The block with the same values; None for what Slack's charts cannot show, or would show differently."""
    axes = item.drawn.axes if item.drawn else ()
    if len(axes) != 1 or not axes[0].plain or not _fits(axes[0]):
        return None
    shown, title = axes[0], on_one_line(item.title or item.alt)
    if not title or len(title) > _TITLE:
        return None
    chart = _pie(shown.series[0]) if shown.kind == "pie" else _series(shown, title)
    return {"type": "data_visualization", "title": title, "chart": chart} if chart else None


def _fits(axes: Axes) -> bool:
    labels = list(axes.series[0].labels)
    return (
        len(axes.series) <= _SERIES
        and len(labels) <= _CATEGORIES
        and all(list(one.labels) == labels and one.count == len(labels) for one in axes.series)
        and len(set(labels)) == len(labels)
        and all(on_one_line(label) == label and 0 < len(label) <= _LABEL for label in labels)
        and max(len(on_one_line(axes.x)), len(on_one_line(axes.y))) <= _TITLE
        and _are_even(labels)
    )


def _are_even(labels: Sequence[str]) -> bool:
    """Whether a chart by categories does not push numbers together that are far apart."""
    try:
        numbers = [float(label) for label in labels]
    except ValueError:
        return True
    steps = [second - first for first, second in pairwise(numbers)]
    return all(isclose(step, steps[0], rel_tol=1e-6) for step in steps)


def _pie(one: Series) -> Block | None:
    if len(one.values) > _SERIES or min(one.values) <= 0:
        return None
    pairs = zip(one.labels, one.values, strict=True)
    return {"type": "pie", "segments": [{"label": label, "value": value} for label, value in pairs]}


def _series(axes: Axes, title: str) -> Block | None:
    names = [on_one_line(one.name)[:_NAME] for one in axes.series]
    if len(names) == 1:
        names = [names[0] or on_one_line(axes.y)[:_NAME] or title[:_NAME]]
    if axes.kind not in ("bar", "line") or not all(names) or len(set(names)) < len(names):
        return None
    labels = list(axes.series[0].labels)
    series = [
        {
            "name": name,
            "data": [{"label": label, "value": value} for label, value in zip(labels, one.values, strict=True)],
        }
        for name, one in zip(names, axes.series, strict=True)
    ]
    config = {"categories": labels, "x_label": on_one_line(axes.x), "y_label": on_one_line(axes.y)}
    return {"type": axes.kind, "series": series, "axis_config": {key: value for key, value in config.items() if value}}
