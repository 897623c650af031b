"""What a chart is said to show is what is drawn, in one look; and a chart that cannot be told is saved all the same."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from azure_assistant.run.fonts import archive_name, pack, snippet
from receipts.charts import PRINTED, Drawn, without_charts

DRAW = """
import io, matplotlib
matplotlib.use("agg")
{snippet}
import matplotlib.pyplot as plt, numpy as np, pandas as pd

def save(name):
    plt.savefig(name, dpi=20); plt.close("all")

sales = pd.DataFrame({{"2024": [10, 20, 5.5], "2025": [12, 18, 7]}}, index=["North", "South", "East"])
sales.plot(kind="bar", title="Revenue", xlabel="Region", ylabel="M EUR"); save("bars.png")
sales.plot(kind="barh", xlabel="M EUR", ylabel="Region"); save("across.png")
sales.plot(kind="bar", stacked=True); save("stacked.png")
plt.bar(["a", "b"], [1, -2]); plt.axhline(0); save("words.png")
plt.plot(["Jan", "Feb", "Mar"], [1, float("nan"), 3], label="sum"); save("line.png")
plt.plot(pd.date_range("2025-01-01", periods=3, freq="MS"), [3, 2, 1]); save("dates.png")
sales["2024"].plot(); plt.yscale("log"); save("log.png")
plt.pie([3, 1], labels=["EU", "US"]); save("pie.png")
plt.hist([1, 1, 2, 9], bins=2); save("hist.png")
plt.scatter([1, 2], [4, 3]); save("points.png")
plt.plot(np.arange(500), np.arange(500) % 300); save("many.png")
fig, (left, right) = plt.subplots(1, 2); left.bar([2024, 2025], [1, 2]); right.plot([1, 2], [2, 1]); save("two.png")
plt.bar(["a\\nb" + "x" * 200], [1e300]); save("odd.png")
plt.imshow(np.eye(3)); save("image.png")
plt.plot([1, 2], [1, 2]); plt.savefig(io.BytesIO(), format="png"); plt.close("all")
fig, ax = plt.subplots(); ax.grid(axis="y"); ax.grid()
print(all(line.get_visible() for line in ax.get_ygridlines()))
"""


def one(drawn: Drawn) -> dict[str, Any]:
    (axes,) = drawn.axes
    series = {each.name: dict(zip(each.labels, each.values, strict=True)) for each in axes.series}
    return {"kind": axes.kind, "x": axes.x, "y": axes.y, "plain": axes.plain, "series": series}


@pytest.mark.thorough
async def test_what_is_told_is_what_is_drawn(tmp_path: Path) -> None:
    with (tmp_path / archive_name(None)).open("wb") as target:
        pack(None, target)
    code = DRAW.format(snippet=snippet(f"{tmp_path}/*chart-style-*.zip", font=False))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    rest, told = without_charts((await process.communicate())[0].decode())
    assert rest.strip() == "True"
    charts = {drawn.file: drawn for drawn in told}
    assert {name for name in os.listdir(tmp_path) if name.endswith(".png")} == {*charts, "image.png", "odd.png"}
    y2024, y2025 = {"North": 10.0, "South": 20.0, "East": 5.5}, {"North": 12.0, "South": 18.0, "East": 7.0}
    both = {"2024": y2024, "2025": y2025}
    assert one(charts["bars.png"]) == {"kind": "bar", "x": "Region", "y": "M EUR", "plain": True, "series": both}
    assert charts["bars.png"].axes[0].title == "Revenue"
    assert one(charts["across.png"]) == {"kind": "bar", "x": "Region", "y": "M EUR", "plain": True, "series": both}
    assert one(charts["stacked.png"])["plain"] is False
    assert one(charts["stacked.png"])["series"] == both
    assert one(charts["words.png"])["series"] == {"": {"a": 1.0, "b": -2.0}}
    assert one(charts["line.png"])["series"] == {"sum": {"Jan": 1.0, "Mar": 3.0}}
    assert one(charts["dates.png"])["series"] == {"": {"2025-01-01": 3.0, "2025-02-01": 2.0, "2025-03-01": 1.0}}
    assert one(charts["log.png"])["plain"] is False
    assert one(charts["pie.png"])["series"] == {"%": {"EU": 75.0, "US": 25.0}}
    assert one(charts["hist.png"])["series"] == {"": {"1–5": 3.0, "5–9": 1.0}}
    assert one(charts["points.png"]) == {
        "kind": "scatter",
        "x": "",
        "y": "",
        "plain": True,
        "series": {"": {"1": 4.0, "2": 3.0}},
    }
    (many,) = charts["many.png"].axes[0].series
    assert (many.count, many.labels, many.values) == (500, ["0", "299", "499"], [0.0, 299.0, 199.0])
    assert [axes.kind for axes in charts["two.png"].axes] == ["bar", "line"]


# ── hostile ─────────────────────────────────────────────────────────────────────────────────────────────────────────

SERIES = {"name": "n", "labels": ["a"], "values": [1]}
AXES = {"kind": "bar", "title": "t", "x": "x", "y": "y", "plain": True, "series": [SERIES]}
WHOLE = {"version": 1, "file": "a.png", "title": "", "axes": [AXES]}


def line(told: Any) -> str:
    return PRINTED + json.dumps(told) + "\n"


@pytest.mark.parametrize(
    "told",
    [
        [], 1, None, "x", {}, {**WHOLE, "version": 2}, {**WHOLE, "axes": {}}, {**WHOLE, "axes": [[AXES]]},
        {**WHOLE, "axes": [{**AXES, "kind": "map"}]}, {**WHOLE, "axes": [{**AXES, "series": "abc"}]},
        {**WHOLE, "axes": [{**AXES, "series": [{**SERIES, "values": [float("nan"), True, "7", None, [], 10**400]}]}]},
        {**WHOLE, "file": "x" * 40_000},
    ],
)  # fmt: skip
def test_what_is_none_of_ours_is_left_out_and_shown_to_nobody(told: Any) -> None:
    assert without_charts(f"before\n{line(told)}after\n") == ("before\nafter\n", [])


@pytest.mark.parametrize("bad", ["{", "[" * 30_000, "\0", "{}" * 9, "\ud800"])
def test_what_is_no_json_is_left_out(bad: str) -> None:
    assert without_charts(PRINTED + bad) == ("", [])


def test_words_are_of_one_line_and_hide_nothing() -> None:
    hostile = {**WHOLE, "axes": [{**AXES, "title": "<!channel>\u202e\n" + "y" * 999, "x": {"a": 1}, "y": 7}]}
    _, (drawn,) = without_charts(line(hostile))
    assert drawn.axes[0].title == "<!channel> " + "y" * 69
    assert (drawn.axes[0].x, drawn.axes[0].y) == ("", "7")


def test_only_so_much_is_read() -> None:
    series = {"name": "n", "labels": ["a"] * 70, "values": [1] * 70}
    many = {**WHOLE, "axes": [{**AXES, "series": [series] * 2 + [SERIES] * 14}] * 9}
    _, charts = without_charts(line(many) * 99)
    assert len(charts) == 40
    assert len(charts[0].axes) == 6
    assert len(charts[0].axes[0].series) == 12
    assert len(charts[0].axes[0].series[0].values) == 60


def test_a_value_that_is_none_takes_its_label_along() -> None:
    mixed = {"name": "n", "labels": ["a", "b", "c"], "values": [1, None, 3]}
    _, (drawn,) = without_charts(line({**WHOLE, "axes": [{**AXES, "series": [mixed]}]}))
    assert (drawn.axes[0].series[0].labels, drawn.axes[0].series[0].values) == (["a", "c"], [1.0, 3.0])
