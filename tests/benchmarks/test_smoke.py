"""Each figure of ``make bench`` can be taken, at a small size. Nothing is judged: times belong to a quiet machine."""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from benchmarks.bench import Bench
from benchmarks.figures import FIGURES
from benchmarks.model import Tempo
from benchmarks.stage import idle_cpu
from benchmarks.table import Row, as_json, markdown, quantile

SLOW = {"large_file", "in_flight", "postgres", "growth"}
"""Too long for every run of the tests, whatever their size."""


@pytest_asyncio.fixture
async def bench(postgres: str) -> AsyncIterator[Bench]:
    made = Bench(runs=1, scale=0.02, tempo=Tempo(silence=0.1, pieces=20, pause=0.02), idle_seconds=0.5, warm=0.3)
    made.server = postgres
    yield made
    made.close()


@pytest.mark.parametrize("name", sorted(FIGURES.keys() - SLOW))
async def test_a_figure_can_be_taken(bench: Bench, name: str) -> None:
    rows = await FIGURES[name](bench)
    assert rows
    for row in rows:
        assert re.search(r"\d", row.value), row
        assert "nan" not in row.value, row
    assert all(row.figure in markdown(rows) for row in rows)
    assert len(as_json(rows)["figures"]) == len(rows)


async def test_idle_is_measured_on_a_process_that_is_there() -> None:
    assert await idle_cpu([], 0.0) == 0.0


def test_quantiles_of_nothing_are_no_numbers() -> None:
    assert math.isnan(quantile([], 0.5))
    assert quantile([3, 1, 2], 0.5) == 2


def test_a_missed_goal_is_marked() -> None:
    assert "✗" in markdown([Row("a", "≤ 1", "2", met=False)])
