"""What every engine does, on DBOS, in a file and as a replica among others. DBOS takes a second for each end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dbos import DBOS

from conversations.engine.dbos import DbosEngine
from tests.heart import test_engines
from tests.heart.test_engines import HERE, A, B, Next, Stage, stage
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


async def test_dbos_does_not_take_a_turn_for_the_child_of_another_one(stage: Stage) -> None:
    async def accepts(_: str) -> None:
        await stage.engine.accept(B, B)

    stage.works[A] = accepts
    await stage.engine.accept(A, HERE)
    await stage.until(stage.begun, B)
    (second,) = await DBOS.list_workflows_async(workflow_ids=[B])
    assert second.parent_workflow_id is None
