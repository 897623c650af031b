"""The engine alone, on SQLite: what it runs, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path

from dbos import DBOS

from conversations.engine.dbos import DbosEngine

FIRST, SECOND = "T:C:1.0", "T:C:2.0"


async def test_a_turn_that_is_accepted_within_another_one_is_its_own(tmp_path: Path) -> None:
    """A press makes a question; as the press's child it is refused in the moment in which the press ends."""
    engine = DbosEngine(f"sqlite:///{tmp_path / 'x.engine.db'}")
    ran = asyncio.Event()

    async def body(turn: str) -> None:
        if turn == FIRST:
            await engine.accept(SECOND, SECOND)
        else:
            ran.set()

    async def none_of(_: Collection[str]) -> Collection[str]:
        return ()

    async def died(_: str) -> None: ...

    await engine.launch(body, none_of, died)
    try:
        await engine.accept(FIRST, FIRST)
        await asyncio.wait_for(ran.wait(), 10)
        (second,) = await DBOS.list_workflows_async(workflow_ids=[SECOND])
        assert second.parent_workflow_id is None
    finally:
        await engine.close()
