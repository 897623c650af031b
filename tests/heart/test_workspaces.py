"""Two workspaces in which channels, people, messages and files have equal ids: nothing of one is seen in the other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from azure_assistant.events import Finished
from conversations.access.budgets import BudgetName, Budgets, Limit
from conversations.access.limits import Limits
from conversations.database.models import ConversationFile, Question
from conversations.planning import file_search
from conversations.ports.incoming import Press, PressKind
from conversations.ports.testing import FakeReplies, FakeWindows, FakeWorkplace, FakeWorkspaces
from conversations.ports.workplace import Person, SharedFile
from tables import Column, FileFacts
from tests.heart.heart import ANN, ANSWER, BEN, CHANNEL, TEAM, Heart

OTHER = "T2"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The upload of a file that is named and not there is waited for, but not long."""
    monkeypatch.setattr(file_search, "UPLOAD_SECONDS", 0.02)


@pytest.fixture
async def beside(heart: Heart) -> FakeWorkspaces:
    """Another workspace, with somebody who has Ann's id."""
    beside = FakeWorkspaces(FakeWorkplace(Person(ANN, "Anton", team=OTHER)), FakeReplies(), FakeWindows())
    heart.others[OTHER] = beside
    await heart.start()
    return beside


def shared(heart: Heart, team: str, name: str) -> SharedFile:
    """A file in the channel of a workspace; it has the same id in each."""
    file = SharedFile("F1", name, user=ANN, filetype="csv", created=int(heart.began) + 1)
    workplace = heart.others[team].read if team in heart.others else heart.workplace
    return workplace.share(CHANNEL, file, b"a\n1\n")


async def test_questions_and_answers_stay_where_they_were_asked(heart: Heart, beside: FakeWorkspaces) -> None:
    one = heart.written("what is the sum of sales.csv?")
    other = replace(one, team=OTHER)
    shared(heart, TEAM, "sales.csv")
    shared(heart, OTHER, "sales.csv")
    turns = await heart.take(one), await heart.take(other)
    await heart.ended(*turns)
    for team, replies in ((TEAM, heart.replies), (OTHER, beside.written)):
        assert {post.place.team for post in replies.posted} == {team}
        (answer,) = [post.what for post in replies.posted if post.part == "answer"]
        assert answer.footer.used[0].by == ("Ann" if team == TEAM else "Anton")  # type: ignore[union-attr]
    threads = await heart.database.scalars(select(ConversationFile.conversation))
    assert len(set(threads)) == 2


async def test_a_file_of_one_is_none_of_the_other(heart: Heart, beside: FakeWorkspaces) -> None:
    shared(heart, TEAM, "secret.csv")
    await heart.ended(await heart.take(heart.written("what is in secret.csv?", team=OTHER)))
    assert not any(prompt.files for prompt in heart.prompts)
    assert "resolve" not in heart.workplace.asked


async def test_a_change_or_a_deletion_is_of_its_own_workspace(heart: Heart, beside: FakeWorkspaces) -> None:
    for team in (TEAM, OTHER):
        shared(heart, team, "sales.csv")
        await heart.ended(await heart.take(heart.written("sum of sales.csv", team=team)))
    await heart.conversations.changes.file_changed(TEAM, "F1")
    assert await stale(heart) == {TEAM: True, OTHER: False}
    await heart.conversations.changes.file_deleted(TEAM, "F1", heart.ts())
    await heart.until(lambda: not heart.engine.left)
    assert await stale(heart) == {OTHER: False}


async def stale(heart: Heart) -> Mapping[str, bool]:
    return {row.conversation[:2]: row.stale for row in await heart.database.scalars(select(ConversationFile))}


ONE = Limit(questions=1)


@pytest.mark.parametrize(
    ("choices", "error"),
    [
        ({"limits": Limits(person_per_hour=1)}, "PersonHourlyLimit"),
        ({"budgets": Budgets({BudgetName("person", "day"): ONE})}, "PersonBudgetSpent"),
        ({"budgets": Budgets({BudgetName("channel", "day"): ONE})}, "ChannelBudgetSpent"),
        ({"budgets": Budgets({BudgetName("workspace", "month"): ONE})}, "WorkspaceBudgetSpent"),
    ],
)
async def test_limits_and_budgets_count_one_workspace(
    heart: Heart, beside: FakeWorkspaces, choices: dict[str, Any], error: str
) -> None:
    await heart.start(**choices)
    await heart.ask("one")
    turn = await heart.take(heart.written("two", team=OTHER))
    await heart.ended(turn)
    assert [post.what.kind for post in beside.written.of(turn)] == ["finished"]  # type: ignore[union-attr]
    again = await heart.ask("three")
    assert type(heart.outcome(again).error).__name__ == error


async def test_stop_is_of_its_own_workspace(heart: Heart, beside: FakeWorkspaces) -> None:
    go = asyncio.Event()
    heart.model(go, Finished(ANSWER))
    one = heart.written("one")
    turns = await heart.take(one), await heart.take(replace(one, team=OTHER))
    await heart.until(lambda: len(heart.prompts) == 2)
    stop = Press(PressKind.STOP, OTHER, ANN, turns[1], at=heart.ts(), channel=CHANNEL, thread=one.ts)
    await heart.conversations.presses.accept(replace(stop, value=turns[0]))  # names the other's turn
    await heart.conversations.presses.accept(replace(stop, at=heart.ts()))
    await heart.ended(turns[1])
    go.set()
    await heart.ended(turns[0])
    assert heart.outcome(turns[0]).kind == "finished"
    assert [post.what.kind for post in beside.written.of(turns[1]) if post.part == "answer"] == ["stopped"]  # type: ignore[union-attr]


async def test_home_and_cards_are_of_their_own_workspace(heart: Heart, beside: FakeWorkspaces) -> None:
    await heart.ask("a question of Ann's")
    await heart.conversations.interactions.home(OTHER, ANN)
    assert heart.windows.shown == []
    assert [verb for verb, _ in beside.shown.shown] == ["home"]
    assert "a question of Ann's" not in str(beside.shown.shown)
    file = shared(heart, TEAM, "drop.csv")
    shared(heart, OTHER, "drop.csv")
    drop = heart.written("", mentions_bot=False, files=[file])
    for team in (TEAM, OTHER):
        await heart.take(replace(drop, team=team, ts=heart.ts()))
        await heart.until(lambda: not heart.engine.left)
    assert [post.place.team for post in heart.replies.posted if post.part == "card"] == [TEAM]
    assert [post.place.team for post in beside.written.posted if post.part == "card"] == [OTHER]


async def test_somebody_with_the_same_id_is_not_admitted(heart: Heart, beside: FakeWorkspaces) -> None:
    turn = await heart.take(heart.written("hello", team=OTHER, user=BEN))  # who is in the first workspace only
    await heart.ended(turn)
    assert (await heart.row(turn)).outcome == "refused"
    assert [verb for verb, _ in beside.shown.shown] == ["refuse"]
    assert heart.prompts == []


async def test_an_admin_is_named_for_one_workspace(heart: Heart, beside: FakeWorkspaces) -> None:
    await heart.start(admins=[f"{OTHER}:{ANN}"])
    for team in (TEAM, OTHER):
        pause = Press(PressKind.PAUSE, team, ANN, "pause", at=heart.ts(), channel=CHANNEL)
        await heart.conversations.presses.accept(pause)
        await heart.until(lambda: not heart.engine.left)
    assert heart.outcome(await heart.ask("still on?")).kind == "finished"
    turn = await heart.take(heart.written("off?", team=OTHER))
    await heart.ended(turn)
    assert "PausedHere" in str((await heart.row(turn)).refused)


async def test_buttons_that_are_too_late_stay_where_the_app_is_gone(heart: Heart, beside: FakeWorkspaces) -> None:
    for team in (TEAM, OTHER):
        for name in ("a.csv", "b.csv"):
            shared(heart, team, name)
        await heart.ended(await heart.take(heart.written("what is in c.csv?", team=team)))
    await heart.database.execute(update(Question).values(finished_at=1.0))
    heart.gone.add(OTHER)
    assert heart.engine.hourly
    await heart.engine.hourly()
    assert len(heart.replies.choices) == 1
    assert beside.written.choices == []


async def test_columns_of_a_file_are_told_in_its_own_workspace_only(heart: Heart, beside: FakeWorkspaces) -> None:
    heart.inspector.facts["known.csv"] = FileFacts("known.csv", 4, "table", columns=(Column("salary", "integer"),))
    await heart.ask("what is the average?", files=[shared(heart, TEAM, "known.csv")])
    shared(heart, OTHER, "known.csv")
    for team, other in ((TEAM, heart.workplace), (OTHER, beside.read)):
        own = other.share(CHANNEL, SharedFile("F2", "own.csv", user=ANN, created=int(heart.began) + 2), b"a")
        await heart.ended(await heart.take(heart.written("what is the average?", team=team, files=[own])))
    assert ["salary" in prompt.nearby for prompt in heart.prompts] == [False, True, False]
