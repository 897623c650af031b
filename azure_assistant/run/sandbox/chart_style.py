"""Runs in the sandbox, out of the zip archive that brings it: one look for all charts, and what each of them shows.

Whenever a figure is saved, a line of JSON tells what was drawn, read from the axes themselves (its form is that of
``receipts/charts.py``). It never keeps a chart from being saved. Colours that colour-blind people tell apart: of Okabe
and Ito (https://jfly.uni-koeln.de/color/), then of Tol (https://sronpersonalpages.nl/~pault/). The background is
opaque, so that words stay readable on Slack's dark one.
"""

import json
import math
from pathlib import Path
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib import dates
from matplotlib.axis import Axis
from matplotlib.collections import PathCollection
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.patches import Wedge

COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#332288", "#999933", "#882255", "#4D4D4D",
)  # fmt: skip
STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#8A8A8A",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.labelcolor": "#1F1F1F",
    "axes.labelsize": 11,
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",
    "figure.figsize": (8.0, 4.5),
    "grid.color": "#DDDDDD",
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "savefig.facecolor": "white",
    "savefig.transparent": False,
}
PRINTED = "chart.json: "
MOST_POINTS = 60
MOST_AXES, MOST_SERIES = 6, 12
LONGEST = 80
PICTURES = (".png", ".jpg", ".jpeg", ".svg", ".webp")


def drawn(figure: Figure, name: str) -> dict[str, Any]:
    """What a figure shows."""
    shown = [told for axes in figure.axes[:MOST_AXES] if (told := _axes(axes))]
    if sum(len(one["values"]) for axes in shown for one in axes["series"]) > MOST_POINTS:
        for axes in shown:
            axes["series"] = [_short(one) for one in axes["series"]]
    title = figure.get_suptitle() if hasattr(figure, "get_suptitle") else ""
    return {"version": 1, "file": name, "title": _text(title), "axes": shown}


as_date: Any = dates.num2date


def _axes(axes: Any) -> dict[str, Any] | None:
    for kind, read in (("pie", _pie), ("bar", _bars), ("line", _lines), ("scatter", _points)):
        series = read(axes)[:MOST_SERIES]
        if series:
            across = kind == "bar" and any(one.orientation == "horizontal" for one in _containers(axes))
            x, y = _text(axes.get_xlabel()), _text(axes.get_ylabel())
            told = {"kind": kind, "title": _title(axes), "x": y if across else x, "y": x if across else y}
            stacked = kind == "bar" and any(_begin(one, bar) for one in _containers(axes) for bar in one.patches)
            mixed = (kind != "line" and bool(_lines(axes))) or (kind == "bar" and bool(_points(axes)))
            even = {axes.get_xscale(), axes.get_yscale()} == {"linear"}
            return told | {"plain": even and not (stacked or mixed), "series": series}
    return None


def _title(axes: Any) -> str:
    return next(filter(None, (_text(axes.get_title(loc=place)) for place in ("center", "left", "right"))), "")


def _pie(axes: Any) -> list[dict[str, Any]]:
    wedges = [one for one in axes.patches if isinstance(one, Wedge)]
    shares = [_number(round((one.theta2 - one.theta1) / 3.6, 4)) for one in wedges]
    return [_series("%", [str(one.get_label()) for one in wedges], shares)] if wedges else []


def _containers(axes: Any) -> list[Any]:
    return [one for one in axes.containers if isinstance(one, BarContainer) and len(one.patches)]


def _begin(container: Any, bar: Any) -> float:
    return float(bar.get_x() if container.orientation == "horizontal" else bar.get_y())


def _bars(axes: Any) -> list[dict[str, Any]]:
    found = []
    for container in _containers(axes):
        across = container.orientation == "horizontal"
        axis = axes.yaxis if across else axes.xaxis
        spans = [
            (bar.get_y(), bar.get_height()) if across else (bar.get_x(), bar.get_width()) for bar in container.patches
        ]
        ends = [begin + size for begin, size in spans]
        touch = len(spans) > 1 and all(math.isclose(one[0], end) for one, end in zip(spans[1:], ends))  # noqa: B905
        labels = [
            f"{begin:.4g}–{begin + size:.4g}" if touch else _at(axis, begin + size / 2, 0.5) for begin, size in spans
        ]
        values = [_number(bar.get_width() if across else bar.get_height()) for bar in container.patches]
        found.append(_series(container.get_label(), labels, values))
    return found


def _lines(axes: Any) -> list[dict[str, Any]]:
    found = []
    for line in axes.lines:
        values = list(line.get_ydata(orig=False))
        if len(values) > 1 and line.get_transform() == axes.transData and line.get_linestyle() not in ("None", "", " "):
            written = list(line.get_xdata(orig=True))
            places = line.get_xdata(orig=False)
            has_words = isinstance(written[0], str)
            labels = written if has_words else [_at(axes.xaxis, float(at)) for at in places]
            found.append(_series(line.get_label(), labels, [_number(one) for one in values]))
    return found


def _points(axes: Any) -> list[dict[str, Any]]:
    found = []
    for one in axes.collections:
        if isinstance(one, PathCollection):
            points: Any = one.get_offsets()
            labels = [_at(axes.xaxis, float(point[0])) for point in points]
            found.append(_series(one.get_label(), labels, [_number(point[1]) for point in points]))
    return [one for one in found if one["values"]]


def _at(axis: Any, at: float, reach: float = 1e-6) -> str:
    """What stands at a place of an axis: a word, at most ``reach`` away, a date or a number; "" for a bare place."""
    formatter = axis.get_major_formatter()
    kind = type(formatter).__name__
    if kind == "StrCategoryFormatter" and abs(at - round(at)) <= reach:
        return str(formatter(round(at)))
    if kind == "FixedFormatter" or type(axis.get_major_locator()).__name__ == "FixedLocator":
        ticks = zip(axis.get_majorticklocs(), axis.get_majorticklabels())  # noqa: B905 - as old as Python 3.9
        return next((tick.get_text() for place, tick in ticks if abs(place - at) <= reach), "")
    if "Date" in kind and math.isfinite(at):
        moment = str(as_date(at))[:16]
        return moment[:10] if moment.endswith("00:00") else moment
    return f"{at:.10g}"


def _series(name: Any, labels: list[str], values: list[Any]) -> dict[str, Any]:
    spoken = _text(name)
    return {
        "name": "" if spoken.startswith("_") else spoken,
        "labels": [_text(label) for label in labels],
        "values": values,
    }


def _short(series: dict[str, Any]) -> dict[str, Any]:
    """The first, the last, the lowest and the highest of many, in their order, and how many there are."""
    known = [at for at, value in enumerate(series["values"]) if value is not None]
    if not known:
        return series | {"labels": [], "values": [], "count": 0}
    by_value = sorted(known, key=lambda at: series["values"][at])
    kept = sorted({known[0], known[-1], by_value[0], by_value[-1]})
    few = {member: [series[member][at] for at in kept] for member in ("labels", "values")}
    return series | few | {"count": len(known)}


def _number(value: Any) -> Any:
    number = float(value)
    return float(f"{number:.12g}") if math.isfinite(number) else None


def _text(value: Any) -> str:
    return " ".join(str(value).split())[:LONGEST]


def _tell(figure: Figure, target: Any) -> None:
    if not isinstance(target, (str, Path)) or Path(target).suffix.lower() not in PICTURES:
        return
    try:
        told = drawn(figure, Path(target).name)
    except Exception:
        return  # a chart of a kind that nobody thought of is worth having all the same
    if told["axes"]:
        print(PRINTED + json.dumps(told, ensure_ascii=False), flush=True)  # noqa: T201 - it is read there


def use() -> None:
    """Give charts their look, and let them tell what they show."""
    settings: Any = mpl.rcParams
    settings.update(STYLE)
    figure_class: Any = Figure
    save = figure_class.savefig
    if getattr(save, "tells", False):
        return

    def savefig(self: Figure, fname: Any, *args: Any, **options: Any) -> Any:
        result = save(self, fname, *args, **options)
        _tell(self, fname)
        return result

    axis_class: Any = Axis
    grid = axis_class.grid

    def keep_grid(self: Axis, visible: Any = None, *args: Any, **options: Any) -> Any:
        return grid(self, True if visible is None else visible, *args, **options)

    axis_class.grid = keep_grid  # a bare ``ax.grid()`` would take away what the style gives
    savefig.tells = True  # type: ignore[attr-defined]
    figure_class.savefig = savefig


use()
