"""A chart in words and as Slack's own: the values are those that were drawn, or there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conversations.ports.contents import InMemory
from conversations.ports.replies import ChartForm, Deliverable, Footer
from playground.slack.state.blocks import Rules, check
from receipts.charts import Axes, Drawn, Series
from replies.charts.block import native
from replies.charts.words import in_words
from replies.views.wording import Wording
from tests.replies.conftest import World, kinds

NORTH = Series("", ["North", "South", "East"], [1200.5, -3.0, 0.00012], 3)
BARS = Axes("bar", "Revenue", "Region", "M EUR", True, [NORTH])
LINE = Axes(
    "line", "", "", "", True, [Series("2024", ["Jan", "Feb"], [1, 5], 2), Series("2025", ["Jan", "Feb"], [7, 7], 2)]
)
PIE = Axes("pie", "", "", "", True, [Series("%", ["EU", "US"], [75, 25], 2)])
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20


def chart(*axes: Axes, title: str = "Revenue by region", part: str = "chart:0") -> Deliverable:
    drawn = Drawn("a.png", "", axes) if axes else None
    return Deliverable(part, "chart", "a.png", title, title, "image/png", InMemory(PNG), drawn)


def test_words() -> None:
    english, japanese = Wording("en-US"), Wording("ja-JP")
    assert in_words(english, chart(BARS)) == (
        "Bar chart: Revenue by region. M EUR by Region. 3 values, highest 1,200.5 (North), lowest -3 (South)."
    )
    assert in_words(english, chart(LINE)) == (
        "Line chart: Revenue by region. "
        "2024: 2 values, highest 5 (Feb), lowest 1 (Jan). It rises from 1 (Jan) to 5 (Feb). "
        "2025: 2 values, highest 7 (Jan), lowest 7 (Jan). It begins and ends at 7 (Feb)."
    )
    assert in_words(japanese, chart(BARS, title="売上")) == (
        "棒グラフ: 売上。 RegionごとのM EUR。 値は 3 個、最大は 1,200.5 (North)、最小は -3 (South)。"
    )
    falling = replace(LINE, series=[Series("", ["1", "9"], [2e6, 0.0001234], 900)])
    assert in_words(english, chart(falling)).endswith(
        "900 values, highest 2,000,000 (1), lowest 0.000123 (9). It falls from 2,000,000 (1) to 0.000123 (9)."
    )
    two = in_words(english, chart(replace(BARS, title="Left"), replace(LINE, title="Right")))
    assert two.index("Left:") < two.index("M EUR") < two.index("Right:") < two.index("2024:")
    assert in_words(english, chart(replace(BARS, series=[NORTH] * 9))).endswith("And 5 more.")
    assert in_words(english, chart(title="as the answer says")) == "as the answer says"


def test_slacks_own_has_the_same_values() -> None:
    bars, line, pie = native(chart(BARS)), native(chart(LINE)), native(chart(PIE))
    assert bars is not None
    assert line is not None
    assert pie is not None
    assert bars["chart"]["series"] == [
        {
            "name": "M EUR",
            "data": [
                {"label": "North", "value": 1200.5},
                {"label": "South", "value": -3.0},
                {"label": "East", "value": 0.00012},
            ],
        }
    ]
    assert bars["chart"]["axis_config"] == {
        "categories": ["North", "South", "East"],
        "x_label": "Region",
        "y_label": "M EUR",
    }
    assert [one["name"] for one in line["chart"]["series"]] == ["2024", "2025"]
    assert pie["chart"]["segments"] == [{"label": "EU", "value": 75}, {"label": "US", "value": 25}]
    for block in (bars, line, pie):
        assert check([block], Rules("message"))


def with_labels(*labels: str) -> Axes:
    return replace(BARS, series=[Series("n", labels, [1.0] * len(labels), len(labels))])


@pytest.mark.parametrize(
    "axes",
    [
        replace(BARS, kind="scatter"),
        replace(BARS, plain=False),
        replace(BARS, series=[replace(NORTH, count=4)]),
        replace(BARS, series=[NORTH, replace(NORTH, name="b", labels=["North", "South", "West"])]),
        replace(BARS, series=[replace(NORTH, name=str(n)) for n in range(7)]),
        replace(BARS, series=[replace(NORTH, name="b")] * 2),
        replace(BARS, y="y" * 51),
        replace(PIE, series=[Series("%", ["EU", "US"], [75, 0], 2)]),
        replace(PIE, series=[Series("%", list("abcdefg"), [1] * 7, 7)]),
        with_labels(*map(str, range(21))),
        with_labels("x" * 21),
        with_labels("a", "a"),
        with_labels("a", ""),
        with_labels("2001", "2002", "2020"),
    ],
)
def test_what_slack_would_refuse_or_show_differently_stays_a_picture(axes: Axes) -> None:
    assert native(chart(axes)) is None
    assert native(chart(BARS, title="t" * 51)) is None
    assert native(chart(BARS, BARS)) is None


async def shown(world: World, form: ChartForm, *items: Deliverable, **refused: str) -> list[Any]:
    await world.ask()
    answer = world.replies(charts=form).answer(world.place, world.journal, recovering=False)
    await answer.prepare(items)
    await answer.finish("North leads.", Footer())
    for method, error in refused.items():
        world.slack.faults.slack_error(method, error)
    for _ in range(2):
        await answer.attach(items)
    await answer.close()
    await world.slack.wait(lambda s: len(s.files) == len(world.shared_files()))
    return [kinds(message) for message in world.shown()][1:]


@pytest.mark.parametrize(("form", "natives", "pictures"), [("image", 0, 2), ("both", 1, 2), ("native", 1, 1)])
async def test_the_setting(world: World, form: ChartForm, natives: int, pictures: int) -> None:
    said = await shown(world, form, chart(BARS), chart(replace(BARS, plain=False), part="chart:1"))
    assert said.count(["data_visualization"]) == natives
    assert len(world.slack.files) == pictures
    alts = [file.alt for file in world.slack.files.values()]
    assert all(alt.startswith("Bar chart: Revenue by region.") for alt in alts)


async def test_a_chart_that_slack_refuses_is_a_picture(world: World) -> None:
    said = await shown(world, "native", chart(BARS), **{"chat.postMessage": "invalid_blocks"})
    assert ["data_visualization"] not in said
    assert len(world.slack.files) == 1
