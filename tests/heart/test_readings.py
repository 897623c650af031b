"""What else a question could mean is offered below its answer, and pressing it is a turn of its own."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import select, update

from azure_assistant.assistant import Prompt
from azure_assistant.events import Artifact, CodeFinished, Finished, ReceiptReady, RunEvent, TextDelta
from conversations.database.models import Question, StepRow
from conversations.ports.incoming import Press, PressKind
from conversations.ports.replies import INQUIRY, Inquiry, Option
from conversations.store.choices import CHOICE_SECONDS
from tests.heart.heart import ANN, BEN, CHANNEL, TEAM, Heart, thread_of
from tests.heart.test_checks import FACTS, receipt

NET, ORDERS = "Use net revenue", "By date of order"
OFFERED = Inquiry([Option("0", NET), Option("1", ORDERS)], is_below_answer=True)


@pytest.fixture
async def offering(idle: Heart) -> Heart:
    """A heart whose model offers two readings of what is asked first."""
    data = receipt("Revenue", readings=[NET, ORDERS, NET, "", 7 * [1], None])

    def script(prompt: Prompt) -> list[RunEvent]:
        if NET in prompt.question:
            return [CodeFinished(0, "print(5)", "5"), TextDelta("Net it is 5."), Finished("Net it is 5.")]
        made = ReceiptReady(Artifact("file", "receipt.json", "application/json", {}, data=data))
        return [CodeFinished(0, "print(6)", "6"), TextDelta("Gross it is 6."), made, Finished("Gross it is 6.")]

    idle.inspector.facts["sales.csv"] = FACTS
    idle.assistant.script = script
    await idle.start()
    return idle


async def ask(heart: Heart) -> str:
    return await heart.ask("what is the revenue?", files=[heart.share("sales.csv")])


async def press(heart: Heart, turn: str, key: str = "0", user: str = BEN, **more: Any) -> str:
    usual = {"at": heart.ts(), "channel": CHANNEL, "thread": thread_of(turn)}
    pressed = Press(PressKind.CHOOSE, TEAM, user, turn, more=key, **usual | more)
    await heart.conversations.presses.accept(pressed)
    await heart.ended(f"{TEAM}:{pressed.channel}:{pressed.at}:press:{PressKind.CHOOSE}:{user}")
    return f"{TEAM}:{pressed.channel}:{pressed.at}"


async def offered(heart: Heart) -> list[str]:
    return list(await heart.database.scalars(select(StepRow.turn).where(StepRow.name == "offer")))


async def test_the_press_is_a_turn_of_its_own(offering: Heart) -> None:
    first = await ask(offering)
    assert offering.parts(first) == ["answer", INQUIRY]
    assert offering.replies.of(first)[1].what == OFFERED
    second = await press(offering, first)
    await offering.ended(second)
    assert offering.outcome(second).text == "Net it is 5."
    assert offering.prompts[1].question == f"what is the revenue?\n\n{NET}"
    assert [file.original_name for file in offering.prompts[1].files] == ["sales.csv"]
    row = await offering.row(second)
    assert (row.user, row.thread, row.origin) == (BEN, thread_of(first), "choice")
    assert [(turn, name) for turn, _, name in offering.replies.choices] == [(first, NET)]


async def test_what_was_chosen_first_counts(offering: Heart) -> None:
    first = await ask(offering)
    await offering.ended(await press(offering, first))
    asked = len(offering.prompts)
    late = await press(offering, first, "1", ANN)
    await offering.settled()
    assert len(offering.prompts) == asked
    assert late not in await offering.database.scalars(select(Question.id))


@pytest.mark.parametrize("forged", [{"key": "2"}, {"key": NET}, {"channel": "C0OTHER"}, {"thread": "1.2"}])
async def test_a_forged_press_asks_nothing(offering: Heart, forged: dict[str, str]) -> None:
    first = await ask(offering)
    await press(offering, first, **forged)
    await offering.settled()
    assert len(offering.prompts) == 1


async def test_after_a_day_nobody_can_choose(offering: Heart) -> None:
    first = await ask(offering)
    old = update(Question).where(Question.id == first).values(finished_at=time.time() - CHOICE_SECONDS - 1)
    await offering.database.run(lambda session: session.execute(old) and None)
    await press(offering, first)
    await offering.settled()
    assert len(offering.prompts) == 1
    assert offering.replies.choices == [(first, "", "")]


async def test_forgetting_takes_it_along(offering: Heart) -> None:
    first = await ask(offering)
    assert await offered(offering) == [first]
    await offering.ask("forget", thread=thread_of(first))
    assert await offered(offering) == []
    await press(offering, first)
    await offering.settled()
    assert len(offering.prompts) == 1


@pytest.mark.parametrize("after", [False, True])
async def test_it_is_offered_once_whatever_dies(offering: Heart, after: bool) -> None:
    stalled = offering.stall(offering.replies, "inquire", after=after)
    first = await offering.say("what is the revenue?", files=[offering.share("sales.csv")])
    await stalled.wait()
    await offering.die()
    await offering.ended(first)
    assert offering.parts(first) == ["answer", INQUIRY]


async def test_words_below_it_are_a_question_of_their_own(offering: Heart) -> None:
    first = await ask(offering)
    second = await offering.ask("and by region?", thread=thread_of(first))
    assert "and by region?" in offering.prompts[1].question
    assert NET not in offering.prompts[1].question
    assert offering.outcome(second).kind == "finished"


async def test_readings_without_numbers_are_offered_as_well(offering: Heart) -> None:
    data = receipt(readings=[NET])
    made = ReceiptReady(Artifact("file", "receipt.json", "application/json", {}, data=data))
    offering.model(CodeFinished(0, "print(6)", "6"), TextDelta("Gross it is 6."), made, Finished("Gross it is 6."))
    first = await ask(offering)
    assert offering.parts(first) == ["answer", INQUIRY]
