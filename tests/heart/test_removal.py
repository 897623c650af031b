"""The app is removed from a workspace, or was never there: what is open ends, and later nothing is left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Float, Integer, LargeBinary, insert, select, update

from azure_assistant.events import Finished, TextDelta
from conversations.database.models import Base, Installation
from conversations.privacy.removal import KEPT_SECONDS
from conversations.store.installations import Installations, Installed
from tests.heart.heart import ANSWER, TEAM, Heart, thread_of

OTHER = "T2"
OWN_END = {"audit", "installations", "deletions"}


@pytest.fixture
async def installed(heart: Heart) -> Installations:
    await heart.start()
    made = Installations(heart.database)
    await made.put(Installed(TEAM, "", "sealed", "UBOT", "B1", time.time() - 100))
    return made


async def remove(heart: Heart) -> None:
    """As the event does."""
    heart.gone.add(TEAM)
    await heart.conversations.removal.remove(TEAM, time.time())


async def a_day_later(heart: Heart) -> None:
    await heart.database.execute(
        update(Installation).where(Installation.removed_at > 0).values(removed_at=time.time() - KEPT_SECONDS - 1)
    )
    assert heart.engine.hourly
    await heart.engine.hourly()


async def left(heart: Heart) -> Mapping[str, int]:
    """How many rows there are of the workspace, in each table that has some."""

    def count(session: Any) -> dict[str, int]:
        found = {table.name: session.execute(select(table)).all() for table in Base.metadata.sorted_tables}
        ours = {name: sum(any(_is_ours(value) for value in row) for row in rows) for name, rows in found.items()}
        return {name: number for name, number in ours.items() if number}

    return await heart.database.run(count)


def _is_ours(value: object) -> bool:
    return isinstance(value, str) and (value == TEAM or value.startswith(f"{TEAM}:"))


async def test_what_runs_and_what_waits_ends_and_nothing_more_is_shown(heart: Heart, installed: Installations) -> None:
    heart.model(TextDelta("The sum"), asyncio.Event(), Finished(ANSWER))
    runs = await heart.say("add them")
    waits = await heart.say("and those?", thread=thread_of(runs))
    await heart.until(lambda: any(one.live for one in heart.replies.under_way))
    shown = list(heart.replies.posted)
    await remove(heart)
    await heart.ended(runs, waits)
    assert [(row.state, row.outcome) for row in await heart.rows()] == [("done", "removed")] * 2
    assert heart.replies.posted == shown
    assert next(iter(heart.assistant.runs.values())).is_cancelled
    assert len(heart.prompts) == 1, "what waited was not begun"


async def test_what_a_crash_has_left_is_not_taken_up(heart: Heart, installed: Installations) -> None:
    heart.model(asyncio.Event(), Finished(ANSWER))
    turn = await heart.say("add them")
    await heart.until(lambda: heart.prompts)
    heart.gone.add(TEAM)
    await heart.die()
    await heart.ended(turn)
    assert (await heart.row(turn)).outcome == "removed"
    assert heart.replies.posted == []


async def test_jobs_of_a_workspace_that_is_gone_are_not_done(heart: Heart, installed: Installations) -> None:
    drop = heart.written("", mentions_bot=False, files=[heart.share("x.csv")])
    heart.gone.add(TEAM)
    await heart.take(drop)
    await heart.until(lambda: not heart.engine.left)
    assert heart.replies.posted == []
    heart.gone.clear()
    await heart.take(replace(drop, ts=heart.ts()))
    await heart.until(lambda: heart.replies.posted)


async def test_a_day_later_nothing_of_it_is_left_and_all_of_others_is(heart: Heart, installed: Installations) -> None:
    turn = await heart.ask("sum of x.csv", files=[heart.share("x.csv")])
    other = await heart.ask("another workspace's", team=OTHER)
    await fill(heart)
    threads = len(heart.assistant.threads)
    await remove(heart)
    assert heart.engine.hourly
    await heart.engine.hourly()
    assert (await left(heart))["questions"] == 2, "it may be installed again"
    await a_day_later(heart)
    assert set(await left(heart)) <= {"audit"}
    assert len(heart.assistant.threads) == threads - 1
    assert (await heart.row(other)).text == "another workspace's"
    for table in set(Base.metadata.tables) - OWN_END:
        assert await heart.database.scalars(select(Base.metadata.tables[table])), f"{table}: {OTHER}'s is gone"
    assert await heart.engine.unknown_among([turn, other]) == {turn}


async def fill(heart: Heart) -> None:
    """A row of each workspace in each table, whatever tables there are."""

    def write(session: Any) -> None:
        for table in Base.metadata.sorted_tables:
            if table.name not in OWN_END:
                for team in (TEAM, OTHER):
                    session.execute(insert(table).values(_row(table, team)))

    await heart.database.run(write)


def _row(table: Any, team: str) -> dict[str, Any]:
    """Something for each column; the first of the key, or the column ``team``, says whose it is."""
    row = {column.name: _some(column.type) for column in table.columns}
    key = next(iter(table.primary_key.columns))
    own = {"team": team} if "team" in table.c else {}
    return row | {key.name: f"{team}:x:1"} | own


def _some(kind: Any) -> Any:
    match kind:
        case JSON():
            return {}
        case LargeBinary():
            return b"1"
        case Float() | Integer() | Boolean():
            return 1
        case _:
            return "1"


async def test_installed_again_within_the_day_it_keeps_everything(heart: Heart, installed: Installations) -> None:
    turn = await heart.ask("add them")
    await remove(heart)
    heart.gone.clear()
    await installed.put(Installed(TEAM, "", "sealed again", "UBOT", "B1", time.time()))
    await a_day_later(heart)
    assert (await heart.row(turn)).text == "add them"
    assert heart.outcome(await heart.ask("and now?", thread=thread_of(turn))).kind == "finished"


async def test_late_news_of_a_removal_end_no_newer_installation(heart: Heart, installed: Installations) -> None:
    await installed.put(Installed(TEAM, "", "sealed", "UBOT", "B1", time.time()))
    await heart.conversations.removal.remove(TEAM, time.time() - 3600)
    assert await installed.removed_before(time.time() + 1) == []
