"""What every engine does, on DBOS, in a file and as a replica among others. DBOS takes a second for each end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dbos import DBOS

from conversations.engine.dbos import DbosEngine
from tests.heart import test_engines
from tests.heart.test_engines import ELSEWHERE, HERE, A, B, C, Next, Stage, stage
from tests.support.postgres import fresh_database

__all__ = ["stage"]
globals().update({name: test for name, test in vars(test_engines).items() if name.startswith("test_")})
"""The same tests, with the fixture below."""


@pytest.fixture(params=["sqlite", "postgresql"])
def next_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Next]:
    if request.param == "sqlite":
        yield lambda _: DbosEngine(f"sqlite:///{tmp_path / 'x.engine.db'}")
        return
    with fresh_database(request.getfixturevalue("postgres")) as url:
        yield lambda _: DbosEngine(url)


@pytest.fixture
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue is looked at when something happens, or not at all."""
    monkeypatch.setattr("conversations.engine.dbos.POLL_SECONDS", 60.0)


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("next_engine", ["postgresql"], indirect=True)
async def test_the_next_turn_of_a_partition_does_not_wait_for_the_clock(stage: Stage) -> None:
    await stage.engine.accept(A, HERE)
    await stage.until(stage.begun, A)
    await stage.engine.accept(B, HERE)
    await stage.engine.accept(C, ELSEWHERE)
    await stage.until(stage.begun, C)  # by a look that has seen B
    stage.may_end[A].set()
    await stage.until(stage.begun, B)
    stage.may_end[B].set()
    stage.may_end[C].set()
    await stage.until(stage.ended, B, C)


async def test_dbos_does_not_take_a_turn_for_the_child_of_another_one(stage: Stage) -> None:
    async def accepts(_: str) -> None:
        await stage.engine.accept(B, B)

    stage.works[A] = accepts
    await stage.engine.accept(A, HERE)
    await stage.until(stage.begun, B)
    (second,) = await DBOS.list_workflows_async(workflow_ids=[B])
    assert second.parent_workflow_id is None
