"""Another process goes on where one has died: nothing is done twice that was recorded, nothing is shown twice.

The same with real processes, that are killed, and a real Slack and Azure beside them: tests/faults/test_kill.py.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from azure_assistant.errors import RateLimited
from azure_assistant.events import Artifact, ChartReady, CodeFinished, Failed, Finished, RunEvent, TextDelta
from conversations.database.models import Question, StepRow
from conversations.engine.suspects import PROOF, SUSPECT
from conversations.errors import FileEmpty, GuestNotTaken, ReadRefused, SetAside
from conversations.ports.journal import Journal
from conversations.ports.testing import Posted
from conversations.ports.workplace import Person
from conversations.turns.turns import SILENT
from tests.heart.heart import ANN, ANSWER, BEN, CHANNEL, DIRECT, TEAM, Heart, thread_of

CHART = ChartReady(Artifact("chart", "sum.png", "image/png", {"id": "sum.png"}, data=b"png"))
WHOLE = ["notice:asked_again", "answer", "chart:0"]


def counts(heart: Heart) -> tuple[int, int, int]:
    """Threads, files and runs at Azure."""
    return len(heart.assistant.threads), len(heart.assistant.files), len(heart.assistant.runs)


@pytest.mark.parametrize(
    ("port", "verb", "after", "expected"),
    [
        ("workplace", "thread", False, (1, 1, 1)),
        ("workplace", "resolve", False, (1, 1, 1)),
        ("assistant", "create_thread", False, (1, 1, 1)),
        ("assistant", "create_thread", True, (1, 1, 1)),
        ("assistant", "open_thread", False, (1, 1, 1)),
        ("assistant", "open_thread", True, (1, 1, 1)),
        ("assistant", "open_sandbox", False, (1, 1, 1)),
        ("assistant", "open_sandbox", True, (1, 1, 1)),
        ("assistant", "add_file", False, (1, 1, 1)),
        ("assistant", "add_file", True, (1, 2, 1)),
        ("inspector", "inspect", False, (1, 2, 1)),
        ("assistant", "fill_sandbox", False, (1, 1, 1)),
        ("assistant", "fill_sandbox", True, (1, 1, 1)),
    ],
)
async def test_a_death_before_the_run_leaves_one_answer(
    heart: Heart, port: str, verb: str, after: bool, expected: tuple[int, int, int]
) -> None:
    """What was done and not recorded is done again, but nothing that was."""
    heart.model(TextDelta("The sum "), TextDelta("is 6."), CHART, Finished(ANSWER))
    stalled, kept = heart.stall(getattr(heart, port), verb, after=after), heart.watch("INSERT INTO steps")
    root = heart.written("look", user=BEN, mentions_bot=False)
    heart.post(root)
    turn = await heart.say("add them", thread=root.ts, shown_to_thread=True, files=[heart.share("own.csv")])
    await asyncio.wait_for(stalled.wait(), 5)
    if verb == "open_thread":  # which begins before all the rest
        await heart.until(lambda: len(kept) == 3 and heart.assistant.sandboxes)
    await heart.settled()
    await heart.die()
    await heart.ended(turn)
    assert heart.parts(turn) == WHOLE
    assert heart.outcome(turn).text == ANSWER
    assert len(heart.assistant.sandboxes) == 1
    assert counts(heart) == expected
    assert heart.assistant.cleared == list(heart.assistant.threads)[-1:], "what it may have asked before it died"
    assert [file.original_name for file in heart.prompts[-1].files] == ["own.csv"]


async def test_a_run_goes_on_without_its_process(heart: Heart) -> None:
    go = asyncio.Event()
    code = CodeFinished(0, "add()", "")
    heart.model(code, TextDelta("The sum "), go, TextDelta("is six."), CHART, Finished(ANSWER))
    turn = await heart.say("add them", files=[heart.share("own.csv")])
    await heart.until(lambda: heart.replies.under_way and heart.replies.under_way[0].live)
    await heart.die()
    await heart.until(lambda: heart.replies.under_way)
    (answer,) = heart.replies.under_way
    assert answer.recovering
    go.set()
    await heart.ended(turn)
    assert heart.parts(turn) == ["answer", "chart:0"]
    assert counts(heart) == (1, 1, 1)
    assert (await heart.row(turn)).answer == ANSWER


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("posts", [1, 2, 3])
async def test_a_death_beside_a_post_shows_it_once(heart: Heart, posts: int, after: bool) -> None:
    heart.model(CHART, Finished(ANSWER))
    post, stalled, seen = heart.replies.post, asyncio.Event(), list[str]()

    async def stall(*arguments: Any, **more: Any) -> None:
        seen.append("post")
        if after or len(seen) < posts:
            await post(*arguments, **more)
        if len(seen) == posts:
            stalled.set()
            await asyncio.Event().wait()

    heart.replies.post = stall  # type: ignore[method-assign]
    turn = await heart.say("add them", shown_to_thread=True)
    await asyncio.wait_for(stalled.wait(), 5)
    assert heart.parts(turn) == WHOLE[: posts - (not after)]
    await heart.die()
    await heart.ended(turn)
    assert heart.parts(turn) == WHOLE
    assert counts(heart) == (1, 0, 1)
    assert (await heart.row(turn)).outcome == "answered"


async def test_what_waits_is_done_in_its_order(heart: Heart) -> None:
    heart.model(asyncio.Event(), Finished("never"))
    first = await heart.say("one?")
    await heart.until(lambda: heart.prompts)
    others = [await heart.say(f"{number}?", thread=thread_of(first)) for number in ("two", "three")]
    next(iter(heart.assistant.runs.values())).events = [Finished(ANSWER)]
    heart.model(Finished(ANSWER))
    await heart.die()
    await heart.ended(first, *others)
    assert [post.place.turn for post in heart.replies.posted] == [first, *others]


async def test_what_the_engine_has_lost_is_found_in_our_tables(heart: Heart) -> None:
    """Its file may have been moved away, or the process died before it was told."""
    heart.model(asyncio.Event(), Finished("never"))
    first = await heart.say("one?")
    await heart.until(lambda: heart.prompts)
    second = await heart.say("two?", thread=thread_of(first))
    next(iter(heart.assistant.runs.values())).events = [Finished(ANSWER)]
    heart.model(Finished(ANSWER))
    await heart.die(left={})
    await heart.ended(first, second)
    assert [post.place.turn for post in heart.replies.posted] == [first, second]


async def test_a_stop_outlives_the_process_that_heard_it(heart: Heart) -> None:
    heart.model(TextDelta("so far"), asyncio.Event(), Finished("never"))
    turn = await heart.say("add them")
    await heart.until(lambda: heart.replies.under_way and heart.replies.under_way[0].live)
    stalled = heart.stall(heart.engine, "stop")
    stopping = asyncio.create_task(heart.say("stop", user=BEN, thread=thread_of(turn)))
    await asyncio.wait_for(stalled.wait(), 5)
    await heart.die()
    await heart.ended(turn, await stopping)
    outcome = heart.outcome(turn)
    assert (outcome.kind, outcome.by) == ("stopped", "Ben")
    assert len(heart.prompts) == 1


async def test_a_deletion_outlives_the_process_that_heard_it(heart: Heart) -> None:
    heart.model(TextDelta("so far"), asyncio.Event(), Finished("never"))
    turn = await heart.say("add them")
    await heart.until(lambda: heart.replies.under_way and heart.replies.under_way[0].live)
    stalled = heart.stall(heart.engine, "stop")
    deleting = asyncio.create_task(heart.conversations.intake.deleted(TEAM, CHANNEL, thread_of(turn)))
    await asyncio.wait_for(stalled.wait(), 5)
    await heart.die()
    await heart.ended(turn)
    deleting.cancel()
    assert heart.parts(turn) == []
    assert (await heart.row(turn)).outcome == "dropped"


async def test_an_end_leaves_what_takes_too_long_to_the_next_start(heart: Heart) -> None:
    go = asyncio.Event()
    heart.model(TextDelta("The sum "), go, TextDelta("is 6."), Finished(ANSWER))
    turn = await heart.say("add them")
    await heart.until(lambda: heart.replies.under_way and heart.replies.under_way[0].live)
    assert await heart.conversations.drain(0) == 1
    assert heart.replies.under_way == [], "it is parked"
    assert heart.parts(turn) == []
    await heart.die()
    assert (await heart.row(turn)).deaths == 0, "an end is no death"
    go.set()
    await heart.ended(turn)
    assert heart.parts(turn) == ["answer"]
    assert counts(heart) == (1, 0, 1)


async def test_an_end_waits_for_what_runs(heart: Heart) -> None:
    go = asyncio.Event()
    heart.model(go, Finished(ANSWER))
    turn = await heart.say("add them")
    await heart.until(lambda: heart.prompts)
    draining = asyncio.create_task(heart.conversations.drain(5))
    await heart.settled()
    go.set()
    assert await draining == 0
    assert heart.outcome(turn).text == ANSWER


async def test_what_ends_its_process_again_and_again_is_set_aside_and_told(heart: Heart) -> None:
    heart.workplace.people[ANN] = Person(ANN, "Ann", "ja-JP", team=TEAM)
    heart.model(TextDelta("poison"), asyncio.Event(), Finished("never"))
    turn = await heart.say("add them")
    for _ in range(PROOF):
        await heart.until(lambda: heart.replies.under_way and heart.replies.under_way[0].live)
        await heart.die()
    await heart.ended(turn)
    outcome, row = heart.outcome(turn), await heart.row(turn)
    assert (outcome.kind, type(outcome.error), outcome.text) == ("failed", SetAside, "")
    assert heart.replies.of(turn)[0].place.locale == "ja-JP"
    assert (row.deaths, row.outcome) == (PROOF, "failed")
    assert row.set_aside
    assert counts(heart) == (1, 0, 1)


async def test_deaths_beside_others_prove_nothing(heart: Heart) -> None:
    heart.model(TextDelta("x"), asyncio.Event(), Finished("never"))
    turns = [await heart.say(f"add {number}") for number in range(2)]
    for _ in range(2):
        await heart.until(lambda: len([one for one in heart.replies.under_way if one.live]) == 2)
        await heart.die()
    await heart.until(lambda: heart.replies.under_way)
    assert [(await heart.row(turn)).deaths for turn in turns] == [2, 2]
    assert not any([(await heart.row(turn)).set_aside for turn in turns])
    for turn in turns:
        await heart.conversations.intake.deleted(TEAM, CHANNEL, thread_of(turn))
    await heart.ended(*turns)


async def test_a_new_engine_over_the_same_tables_does_nothing_again(heart: Heart) -> None:
    turn = await heart.ask("add them")
    await heart.die(left={turn: turn})
    await heart.ended(turn)
    assert heart.parts(turn) == ["answer"]
    assert counts(heart) == (1, 0, 1)


async def test_what_ends_processes_even_while_it_is_told_is_closed_silently(heart: Heart) -> None:
    heart.model(TextDelta("poison"), asyncio.Event(), Finished("never"))
    turn = await heart.say("add them")
    await heart.until(lambda: heart.replies.under_way and heart.replies.under_way[0].live)
    lost = {"set_aside": heart.now(), "deaths": SILENT - 1}
    await heart.database.run(lambda session: heart.database.change(session, Question, turn, lost))
    await heart.die()
    await heart.ended(turn)
    row = await heart.row(turn)
    assert heart.parts(turn) == []
    assert (row.state, row.outcome, row.deaths) == ("done", "failed", SILENT)


@pytest.mark.parametrize("ending", ["failed", "dropped"])
async def test_a_death_right_after_an_outcome_leaves_nothing_running_or_shown(heart: Heart, ending: str) -> None:
    go = asyncio.Event()
    heart.model(TextDelta("so far"), go, Failed(RateLimited("429")))
    turn = await heart.say("add them", shown_to_thread=True)
    await heart.until(lambda: heart.replies.under_way and heart.replies.under_way[0].live)
    if ending == "failed":
        stalled = heart.stall(heart.assistant, "cancel")
    else:
        stalled = heart.stall(heart.replies.under_way[0], "retract")
        await heart.conversations.intake.deleted(TEAM, CHANNEL, thread_of(turn))
    go.set()
    await asyncio.wait_for(stalled.wait(), 5)
    row, run = await heart.row(turn), next(iter(heart.assistant.runs.values()))
    assert (row.state, row.outcome, run.is_cancelled) == ("done", ending, False)
    await heart.die()
    await heart.ended(turn)
    assert heart.parts(turn) == ([] if ending == "dropped" else ["notice:asked_again", "answer"])
    assert run.is_cancelled
    assert (await heart.row(turn)).process == "", "its death is not counted any more"


async def test_a_suspect_that_nobody_expected_is_tried_and_its_next_death_would_count(heart: Heart) -> None:
    first_may, second_may = asyncio.Event(), asyncio.Event()
    events: dict[str, list[RunEvent | asyncio.Event]] = {
        "one?": [first_may, Finished(ANSWER)],
        "two?": [second_may, Finished(ANSWER)],
    }
    heart.assistant.script = lambda prompt: events[prompt.question]
    first = await heart.say("one?")
    second = await heart.say("two?", thread=thread_of(first))
    await heart.until(lambda: heart.prompts)
    suspect = {"deaths": SUSPECT}
    await heart.database.run(lambda session: heart.database.change(session, Question, second, suspect))
    first_may.set()
    await heart.until(lambda: len(heart.prompts) == 2)
    row = await heart.row(second)
    assert (row.state, row.process) == ("running", heart.engine.process)
    second_may.set()
    await heart.ended(first, second)
    assert heart.outcome(second).text == ANSWER


async def test_a_word_that_was_carried_out_is_answered_after_a_death_as_before(heart: Heart) -> None:
    heart.model(TextDelta("so far"), asyncio.Event(), Finished("never"))
    turn = await heart.say("add them", channel=DIRECT)
    await heart.until(lambda: heart.replies.under_way and heart.replies.under_way[0].live)
    show, stalled = heart.replies.post, asyncio.Event()

    async def stall(post: Posted, journal: Journal, *, looks: bool = True) -> None:
        if post.part.startswith("notice"):
            stalled.set()
            await asyncio.Event().wait()
        await show(post, journal, looks=looks)

    heart.replies.post = stall  # type: ignore[method-assign]
    word = await heart.say("stop", channel=DIRECT)
    await heart.ended(turn)
    await asyncio.wait_for(stalled.wait(), 5)
    (kept,) = await heart.database.scalars(select(StepRow).where(StepRow.turn == word, StepRow.name != "plan"))
    assert (kept.name, kept.result) == ("command", {"notice": "stopped", "fields": {"by": "Ann"}})
    await heart.die()
    await heart.ended(word)
    assert heart.parts(word) == ["notice:stopped"]
    assert heart.parts(turn) == ["answer"]


async def test_what_a_step_failed_with_is_told_after_a_death_without_trying_again(heart: Heart) -> None:
    stalled = heart.stall(heart.replies, "post")
    turn = await heart.say("add them", files=[heart.share("empty.csv", b""), heart.share("own.csv")])
    await asyncio.wait_for(stalled.wait(), 5)
    heart.workplace.refuses = ReadRefused(error="fatal_error")
    await heart.die()
    await heart.until(lambda: heart.parts(turn))
    heart.workplace.refuses = None
    await heart.ended(turn)
    footer = heart.outcome(turn).footer
    assert footer is not None
    assert [(type(error), error.fields["name"]) for error in footer.unread] == [(FileEmpty, "empty.csv")]


async def test_a_question_that_was_refused_is_refused_after_a_death_too(heart: Heart) -> None:
    heart.workplace.people[BEN] = Person(BEN, "Ben", team=TEAM, is_guest=True)
    stalled = heart.stall(heart.windows, "refuse")
    turn = await heart.say("add them", user=BEN)
    await asyncio.wait_for(stalled.wait(), 5)
    heart.workplace.people[BEN] = Person(BEN, "Ben", team=TEAM)
    await heart.die()
    await heart.ended(turn)
    assert [(verb, what[0].asker, type(what[1])) for verb, what in heart.windows.shown] == [
        ("refuse", BEN, GuestNotTaken)
    ]
    assert heart.parts(turn) == []
    assert (await heart.row(turn)).outcome == "refused"


async def test_a_run_that_failed_has_failed_after_a_death_too(heart: Heart) -> None:
    stalled = heart.stall(heart.replies, "post")
    heart.model(TextDelta("The sum"), Failed(RateLimited("429")))
    turn = await heart.say("add them")
    await asyncio.wait_for(stalled.wait(), 5)
    (kept,) = await heart.database.scalars(select(StepRow.result).where(StepRow.name == "run"))
    assert (kept["outcome"], kept["error"]["kind"]) == ("failed", "RateLimited")
    next(iter(heart.assistant.runs.values())).events = [Finished(ANSWER)]
    await heart.die()
    await heart.ended(turn)
    outcome = heart.outcome(turn)
    assert (outcome.kind, type(outcome.error), outcome.text) == ("failed", RateLimited, "The sum")


async def test_a_run_that_was_stopped_was_stopped_after_a_death_too(heart: Heart) -> None:
    heart.model(TextDelta("The sum"), asyncio.Event(), Finished("never"))
    turn = await heart.say("add them")
    await heart.until(lambda: heart.replies.under_way and heart.replies.under_way[0].live)
    stalled = heart.stall(heart.replies, "post")
    word = await heart.ask("stop", user=BEN, thread=thread_of(turn))
    await asyncio.wait_for(stalled.wait(), 5)
    (kept,) = await heart.database.scalars(select(StepRow.result).where(StepRow.name == "run"))
    nothing: dict[str, Any] = {"made": 0, "missing": [], "notes": [], "error": None, "unread": []}
    assert kept == {"outcome": "stopped", **nothing}
    await heart.die()
    await heart.ended(turn)
    outcome = heart.outcome(turn)
    assert (outcome.kind, outcome.by, outcome.text) == ("stopped", "Ben", "The sum")
    assert heart.parts(word) == []
