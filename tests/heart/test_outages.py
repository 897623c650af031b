"""The database goes away and comes back: a turn waits for it, and what it shows, it shows once."""

from __future__ import annotations

import asyncio

import pytest

from azure_assistant.errors import RateLimited
from azure_assistant.events import Artifact, ChartReady, Failed, Finished, TextDelta
from conversations.turns.step_runner import DATABASE_TRIES
from tests.heart.heart import ANSWER, CHANNEL, TEAM, Heart, thread_of

CHART = ChartReady(Artifact("chart", "sum.png", "image/png", {"id": "sum.png"}, data=b"png"))
STEP = "INSERT INTO steps"
ROW = "UPDATE questions"


@pytest.mark.parametrize(
    "statement", [STEP, ROW, "INSERT INTO posts", "INSERT INTO made", "SELECT made", "FROM questions"]
)
async def test_a_turn_outlives_an_outage(heart: Heart, statement: str) -> None:
    heart.model(TextDelta("The sum "), TextDelta("is 6."), CHART, Finished(ANSWER))
    turn = await heart.say("add them", files=[heart.share("own.csv")], shown_to_thread=True)
    seen = heart.watch(statement, refuse=1)
    await heart.ended(turn)
    assert seen
    assert heart.parts(turn) == ["notice:asked_again", "answer", "chart:0"]
    assert heart.outcome(turn).text == ANSWER
    assert (await heart.row(turn)).outcome == "answered"


@pytest.mark.parametrize(
    ("refused", "failure", "outcome"),
    [
        (DATABASE_TRIES - 1, None, "answered"),
        (DATABASE_TRIES, None, "failed"),
        (DATABASE_TRIES + 1, RateLimited("429"), "failed"),
    ],
)
async def test_an_outcome_that_cannot_be_noted_for_long_is_noted_in_the_end(
    heart: Heart, refused: int, failure: RateLimited | None, outcome: str
) -> None:
    heart.model(TextDelta("The sum"), Failed(failure) if failure else Finished("The sum"))
    turn = await heart.say("add them")
    seen = heart.watch("outcome=CASE", refuse=refused)
    await heart.ended(turn)
    row = await heart.row(turn)
    assert len(seen) == refused + 1
    assert heart.parts(turn) == ["answer"]
    assert heart.outcome(turn).kind == ("failed" if failure else "finished")
    assert (row.state, row.outcome, row.process) == ("done", outcome, "")


async def test_words_to_the_bot_outlive_an_outage_too(heart: Heart) -> None:
    first = await heart.ask("how many rows?")
    word = await heart.say("mute", thread=thread_of(first))
    seen = heart.watch("outcome=CASE", refuse=2)
    await heart.ended(word)
    assert len(seen) == 3
    assert heart.parts(word) == ["notice:muted"]


async def test_a_deleted_question_outlives_an_outage_too(heart: Heart) -> None:
    heart.model(TextDelta("so far"), asyncio.Event(), Finished("never"))
    turn = await heart.say("add them", shown_to_thread=True)
    await heart.until(lambda: heart.replies.under_way and heart.replies.under_way[0].live)
    heart.watch("outcome=CASE", refuse=1)
    await heart.conversations.intake.deleted(TEAM, CHANNEL, thread_of(turn))
    await heart.ended(turn)
    assert heart.parts(turn) == []
    assert (await heart.row(turn)).outcome == "dropped"
