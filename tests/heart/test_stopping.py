"""Stopping and deleting, while a question waits, runs, or has its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from azure_assistant.events import Finished, RunEvent, TextDelta, Waiting
from conversations.engine.memory import MemoryEngine
from conversations.ports.incoming import Press, PressKind
from conversations.ports.notices import Notice
from conversations.ports.replies import Activity
from tests.heart.heart import ANN, ANSWER, BEN, CHANNEL, DIRECT, TEAM, Heart, thread_of


@pytest.fixture
def go(heart: Heart) -> asyncio.Event:
    """Lets the model end."""
    may_end = asyncio.Event()
    heart.model(TextDelta("The sum"), may_end, TextDelta(" is 6."), Finished("The sum is 6."))
    return may_end


async def running(heart: Heart, text: str = "add them", **more: str) -> str:
    """A question whose answer is being shown."""
    turn = await heart.say(text, **more)
    await heart.until(lambda: any(one.place.turn == turn and one.live for one in heart.replies.under_way))
    return turn


# ── stop ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_stop_ends_what_runs_shows_who_it_was_and_ends_it_at_azure(heart: Heart, go: asyncio.Event) -> None:
    turn = await running(heart)
    word = await heart.ask("stop", user=BEN, thread=thread_of(turn), mentions_bot=False)
    await heart.ended(turn)
    outcome, row = heart.outcome(turn), await heart.row(turn)
    assert (outcome.kind, outcome.text, outcome.by) == ("stopped", "The sum", "Ben")
    assert (row.outcome, row.stopped_by) == ("stopped", BEN)
    assert heart.parts(word) == []
    assert next(iter(heart.assistant.runs.values())).is_cancelled
    assert heart.outcome(await _next(heart, turn)).kind == "finished"


async def _next(heart: Heart, turn: str) -> str:
    heart.model(Finished(ANSWER))
    return await heart.ask("and now?", thread=thread_of(turn))


async def test_a_stop_ends_ones_own_waiting_questions_and_nobody_elses(heart: Heart, go: asyncio.Event) -> None:
    first = await running(heart)
    there = {"thread": thread_of(first)}
    own = await heart.say("mine?", **there)
    others = await heart.say("theirs?", user=BEN, **there)
    await heart.ask("stop", **there)
    go.set()
    await heart.ended(first, own, others)
    assert [heart.outcome(turn).kind for turn in (first, own, others)] == ["stopped", "stopped", "finished"]
    assert heart.outcome(own).by == "Ann"
    assert "mine?" not in [prompt.question for prompt in heart.prompts]


class Slow(MemoryEngine):
    """One that is told of a stop so late that the next turn, too, has ended meanwhile."""

    next_turn = ""

    async def stop(self, turn_id: str) -> None:
        await super().stop(turn_id)
        await self.ended(self.next_turn)


async def test_a_waiting_question_does_not_begin_between_the_stop_of_the_one_before_and_its_own(idle: Heart) -> None:
    idle.engine = engine = Slow()
    await idle.start()
    idle.assistant.script = lambda prompt: [asyncio.Event() if prompt.question == "add them" else Finished(ANSWER)]
    first = await idle.say("add them")
    await idle.until(lambda: bool(idle.prompts))
    engine.next_turn = await idle.say("mine?", thread=thread_of(first))
    await idle.ask("stop", thread=thread_of(first))
    await idle.ended(first, engine.next_turn)
    assert [idle.outcome(turn).kind for turn in (first, engine.next_turn)] == ["stopped", "stopped"]


async def test_a_stop_of_nothing_says_so(heart: Heart) -> None:
    turn = await heart.ask("add them")
    word = await heart.ask("stop", thread=thread_of(turn))
    assert heart.parts(word) == ["notice:nothing_to_stop"]
    assert heart.outcome(turn).kind == "finished"


async def test_beside_the_threads_of_a_direct_message_a_stop_is_for_all(heart: Heart, go: asyncio.Event) -> None:
    turns = [await running(heart, f"add {number}", channel=DIRECT) for number in range(2)]
    elsewhere = await running(heart)
    word = await heart.ask("stop", channel=DIRECT)
    await heart.ended(*turns)
    assert {heart.outcome(turn).kind for turn in turns} == {"stopped"}
    told = heart.replies.of(word)[0].what
    assert isinstance(told, Notice)
    assert (told.kind, told.fields) == ("stopped", {"by": "Ann"})
    go.set()
    await heart.ended(elsewhere)
    assert heart.outcome(elsewhere).kind == "finished"


async def test_within_a_thread_of_a_direct_message_a_stop_is_for_that_thread(heart: Heart, go: asyncio.Event) -> None:
    turns = [await running(heart, f"add {number}", channel=DIRECT) for number in range(2)]
    await heart.ask("stop", channel=DIRECT, thread=thread_of(turns[0]))
    await heart.ended(turns[0])
    quiet = await heart.ask("stop", channel=DIRECT, thread=thread_of(turns[0]))
    assert heart.parts(quiet) == ["notice:nothing_to_stop"]
    go.set()
    await heart.ended(turns[1])
    assert [heart.outcome(turn).kind for turn in turns] == ["stopped", "finished"]


async def test_a_stop_in_a_channel_beside_the_threads_is_not_for_all(heart: Heart, go: asyncio.Event) -> None:
    turn = await running(heart)
    word = await heart.ask("stop")
    assert heart.parts(word) == ["notice:nothing_to_stop"]
    go.set()
    await heart.ended(turn)
    assert heart.outcome(turn).kind == "finished"


async def test_a_stop_while_the_run_is_being_begun_leaves_no_run(heart: Heart, monkeypatch: pytest.MonkeyPatch) -> None:
    async def wait(*_: object) -> AsyncIterator[RunEvent]:
        yield Waiting(30.0)
        await asyncio.Event().wait()

    monkeypatch.setattr(heart.assistant, "run", wait)
    turn = await heart.say("add them")
    await heart.until(lambda: heart.replies.under_way and Activity.WAITING in heart.replies.under_way[0].activities)
    await heart.ask("stop", user=BEN, thread=thread_of(turn))
    await heart.ended(turn)
    outcome, row = heart.outcome(turn), await heart.row(turn)
    assert (outcome.kind, outcome.text, outcome.by) == ("stopped", "", "Ben")
    assert (row.outcome, row.run_id) == ("stopped", "")


def on_stop(turn: str, user: str) -> Press:
    return Press(PressKind.STOP, TEAM, user, turn, channel=CHANNEL, thread=thread_of(turn))


async def test_a_press_on_stop_ends_that_turn(heart: Heart, go: asyncio.Event) -> None:
    turn = await running(heart)
    await heart.conversations.presses.accept(on_stop(turn, BEN))
    await heart.ended(turn)
    assert (heart.outcome(turn).kind, heart.outcome(turn).by) == ("stopped", "Ben")


async def test_who_stops_the_answer_at_slack_stops_the_turn(heart: Heart, go: asyncio.Event) -> None:
    turn = await running(heart)
    (answer,) = heart.replies.under_way
    assert answer.on_stop is not None
    await answer.on_stop(answer.place)
    await heart.ended(turn)
    assert (heart.outcome(turn).kind, heart.outcome(turn).by) == ("stopped", "Ann")


async def test_a_stop_after_the_answer_changes_nothing(heart: Heart) -> None:
    turn = await heart.ask("add them")
    press = replace(on_stop(turn, BEN), at=heart.ts())
    await heart.conversations.presses.accept(press)
    await heart.ended(f"{TEAM}:{CHANNEL}:{press.at}:press:{PressKind.STOP}:{BEN}")
    row = await heart.row(turn)
    assert (row.outcome, row.stopped_by) == ("answered", "")


async def test_many_stops_at_once_are_one_outcome(heart: Heart, go: asyncio.Event) -> None:
    turn = await running(heart)
    await asyncio.gather(*(heart.conversations.presses.accept(on_stop(turn, user)) for user in (ANN, BEN, ANN)))
    await heart.ended(turn)
    assert heart.parts(turn) == ["answer"]
    assert heart.outcome(turn).kind == "stopped"


# ── delete ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_waiting_question_that_is_deleted_is_never_asked(heart: Heart, go: asyncio.Event) -> None:
    first = await running(heart)
    second = await heart.say("and then?", thread=thread_of(first))
    await heart.conversations.intake.deleted(TEAM, CHANNEL, thread_of(second))
    go.set()
    await heart.ended(first, second)
    assert heart.parts(second) == []
    assert (await heart.row(second)).outcome == "dropped"
    assert len(heart.prompts) == 1


async def test_a_running_question_that_is_deleted_is_ended_and_nothing_of_it_stays(
    heart: Heart, go: asyncio.Event
) -> None:
    turn = await running(heart)
    await heart.conversations.intake.deleted(TEAM, CHANNEL, thread_of(turn))
    await heart.ended(turn)
    assert heart.parts(turn) == []
    assert (await heart.row(turn)).outcome == "dropped"
    assert next(iter(heart.assistant.runs.values())).is_cancelled


async def test_a_pressed_question_that_is_deleted_takes_its_notice_along(heart: Heart, go: asyncio.Event) -> None:
    turn = await running(heart)
    again = await heart.say("add those", thread=thread_of(turn), shown_to_thread=True)
    await heart.conversations.intake.deleted(TEAM, CHANNEL, thread_of(again))
    go.set()
    await heart.ended(turn, again)
    assert heart.parts(again) == []


async def test_an_answer_outlives_the_deletion_of_its_question(heart: Heart) -> None:
    turn = await heart.ask("add them")
    await heart.conversations.intake.deleted(TEAM, CHANNEL, thread_of(turn))
    assert heart.parts(turn) == ["answer"]
    assert (await heart.row(turn)).outcome == "answered"


async def test_the_deletion_of_what_is_no_question_is_nothing(heart: Heart) -> None:
    await heart.conversations.intake.deleted(TEAM, CHANNEL, heart.ts())
    assert await heart.rows() == []
