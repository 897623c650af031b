"""Limits per person and per thread."""

from __future__ import annotations

import asyncio

import pytest

from azure_assistant.events import Finished
from conversations.access.limits import HOUR, Limits
from conversations.database.models import Question
from tests.heart.heart import ANSWER, BEN, Heart, thread_of


async def held(idle: Heart, limits: Limits) -> asyncio.Event:
    """Start with limits, and with a model that answers when it may."""
    await idle.start(limits=limits)
    go = asyncio.Event()
    idle.model(go, Finished(ANSWER))
    return go


def refusal(heart: Heart, turn: str) -> tuple[str, object]:
    error = heart.outcome(turn).error
    assert error is not None
    return type(error).__name__, error.fields["limit"]


async def test_a_thread_takes_so_many_waiting_questions(idle: Heart) -> None:
    go = await held(idle, Limits(thread_queue=2))
    first = await idle.say("one?")
    second = await idle.say("two?", thread=thread_of(first))
    refused = await idle.ask("three?", thread=thread_of(first))
    assert refusal(idle, refused) == ("ThreadQueueFull", 2)
    elsewhere = await idle.say("four?")
    go.set()
    await idle.ended(first, second, elsewhere)
    assert [idle.outcome(turn).kind for turn in (first, second, elsewhere)] == ["finished"] * 3
    assert idle.outcome(await idle.ask("five?", thread=thread_of(first))).kind == "finished"


async def test_a_refusal_waits_for_nothing_shows_no_sign_and_leaves_only_its_id(idle: Heart) -> None:
    go = await held(idle, Limits(thread_queue=1))
    first = await idle.say("one?")
    refused = await idle.ask("two?", thread=thread_of(first), files=[idle.share("sales.csv")])
    row = await idle.row(refused)
    assert (row.state, row.outcome) == ("done", "failed")
    assert [place.turn for place, _, _ in idle.replies.signs] == [first]
    go.set()
    await idle.ended(first)
    assert len(idle.prompts) == 1


async def test_words_to_the_bot_are_never_refused(idle: Heart) -> None:
    await held(idle, Limits(thread_queue=1, person_at_once=1, person_per_hour=1))
    first = await idle.say("one?")
    stop = await idle.say("stop", thread=thread_of(first))
    await idle.ended(stop, first)
    assert idle.outcome(first).kind == "stopped"


async def test_a_person_asks_so_many_questions_at_once(idle: Heart) -> None:
    go = await held(idle, Limits(person_at_once=2))
    first, second = await idle.say("one?"), await idle.say("two?")
    assert refusal(idle, await idle.ask("three?")) == ("PersonBusy", 2)
    bens = await idle.say("mine?", user=BEN)
    go.set()
    await idle.ended(first, second, bens)
    assert idle.outcome(bens).kind == "finished"
    assert idle.outcome(await idle.ask("four?")).kind == "finished"


async def test_a_person_asks_so_many_questions_within_an_hour(idle: Heart) -> None:
    await idle.start(limits=Limits(person_per_hour=2))
    first = await idle.ask("one?")
    await idle.ask("two?")
    assert refusal(idle, await idle.ask("three?")) == ("PersonHourlyLimit", 2)
    assert idle.outcome(await idle.ask("mine?", user=BEN)).kind == "finished"
    for row in (await idle.rows())[:3]:
        if row.id != first:
            accepted = idle.now() - HOUR - 1
            await idle.database.run(
                lambda session, row=row, at=accepted: idle.database.change(  # type: ignore[misc]
                    session, Question, row.id, {"accepted_at": at}
                )
            )
    assert idle.outcome(await idle.ask("four?")).kind == "finished"
    assert refusal(idle, await idle.ask("five?"))[0] == "PersonHourlyLimit"


@pytest.mark.parametrize("limits", [Limits(thread_queue=0), Limits()])
async def test_without_a_limit_nothing_is_refused(idle: Heart, limits: Limits) -> None:
    go = await held(idle, limits)
    first = await idle.say("one?")
    others = [await idle.say(f"{number}?", thread=thread_of(first)) for number in range(5)]
    go.set()
    await idle.ended(first, *others)
    assert {idle.outcome(turn).kind for turn in others} == {"finished"}


def test_what_is_usual() -> None:
    assert Limits() == Limits(run_minutes=10, thread_queue=20, person_per_hour=0, person_at_once=0)
