"""Each figure of ``make bench`` can be taken, at a small size. Nothing is judged: times belong to a quiet machine."""

from __future__ import annotations

import math
import os
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from benchmarks import stage
from benchmarks.bench import Bench
from benchmarks.chains import before_the_model, ends
from benchmarks.figures import FIGURES
from benchmarks.model import Tempo
from benchmarks.stage import idle_cpu
from benchmarks.table import Row, as_json, markdown, quantile
from playground.latencies import AS_THE_SERVICES_ARE, latencies

SLOW = {
    "acks",
    "large_file",
    "in_flight",
    "postgres",
    "growth",
    "read_file",
    "services_charts",
    "services_files",
    "services_follow_ups",
}
"""Too long for every run of the tests, whatever their size."""

EXECUTED = "paced"
"""With this figure the bot is started as with ``make bench``; with the others it is forked, which is quicker."""


@pytest_asyncio.fixture
async def bench(postgres: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """On any core: others are tested beside it."""
    monkeypatch.setattr(stage, "FAKES_CORE", os.cpu_count() or 1)
    made = Bench(runs=1, scale=0.02, tempo=Tempo(silence=0.1, pieces=20, pause=0.02), idle_seconds=0.5, warm=0.3)
    made.pace = 0.02
    made.server = postgres
    yield made
    made.close()


@pytest.mark.parametrize("name", sorted(FIGURES.keys() - SLOW))
async def test_a_figure_can_be_taken(bench: Bench, name: str) -> None:
    bench.forks = name != EXECUTED
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


@pytest.mark.parametrize(
    ("files", "sandbox", "seconds"),
    [(0, True, 2.5), (1, True, 3.1), (5, True, 3.15), (0, False, 0.3), (5, False, 2.55)],
)
def test_chains_are_what_cannot_be_had_side_by_side(files: int, sandbox: bool, seconds: float) -> None:
    assert before_the_model(latencies(AS_THE_SERVICES_ARE), files, sandbox=sandbox) == pytest.approx(seconds)


def test_more_than_fits_at_a_time_waits_for_the_first_to_end() -> None:
    assert ends([0, 0, 0, 5], 2, 2) == [2, 2, 4, 7]


def test_a_missed_goal_is_marked() -> None:
    assert "✗" in markdown([Row("a", "≤ 1", "2", met=False)])
