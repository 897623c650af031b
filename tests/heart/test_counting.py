"""What turns came to, and what they cost, is counted once each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from azure_assistant.events import CallsMade, Finished, TextDelta, Usage
from conversations.planning.prompt import COMPUTE
from telemetry.metrics import REGISTRY
from tests.heart.heart import ANSWER, CHANNEL, TEAM, Heart, thread_of
from tests.heart.test_calls import asking, opening

Count = Callable[[], dict[str, float]]


@pytest.fixture
def count() -> Count:
    """What has been counted since the test began."""

    def counted() -> dict[str, float]:
        families = {family.name: family for family in REGISTRY.collect()}
        samples = [*families["analyst_turns"].samples, *families["analyst_tokens"].samples]
        return {next(iter(one.labels.values())): one.value for one in samples if one.name.endswith("_total")}

    before = counted()
    return lambda: {name: grown for name, value in counted().items() if (grown := value - before.get(name, 0.0))}


async def test_an_answer_is_counted_with_its_tokens(heart: Heart, count: Count) -> None:
    heart.model(TextDelta(ANSWER), Finished(ANSWER, Usage(10, 2, 5)))
    await heart.ask("add them")
    assert count() == {"answered": 1, "input": 10, "cached": 2, "output": 5}


async def test_calls_are_counted_with_what_follows_them(heart: Heart, count: Count) -> None:
    heart.model(CallsMade([opening("nothing")], usage=Usage(10, 0, 5)))
    heart.assistant.then = lambda *_: [TextDelta(ANSWER), Finished(ANSWER, Usage(20, 0, 7))]
    await heart.ask("add them")
    assert count() == {"answered": 1, "input": 30, "output": 12}


async def test_an_answer_that_is_asked_for_again_is_counted_once(heart: Heart, count: Count) -> None:
    invented = [Finished("It is 4,711.", Usage(10, 0, 5), missing=["gone.csv"])]
    heart.assistant.script = lambda prompt: (
        [Finished(ANSWER, Usage(20, 0, 7))] if prompt.question == COMPUTE else invented
    )
    turn = await heart.ask("add them", files=[heart.share("sales.csv")])
    assert count() == {"answered": 1, "input": 30, "output": 12}
    footer = heart.outcome(turn).footer
    assert footer
    assert list(footer.missing) == [], "what was not shown links to nothing"


async def test_a_question_of_the_models_is_counted_too(heart: Heart, count: Count) -> None:
    heart.model(CallsMade([asking("2024", "2025")], usage=Usage(10, 0, 5)))
    await heart.ask("add them")
    assert count() == {"asked": 1, "input": 10, "output": 5}


async def test_what_was_deleted_is_no_answer(heart: Heart, count: Count) -> None:
    heart.model(TextDelta("half"), asyncio.Event())
    turn = await heart.say("add them")
    await heart.until(lambda: heart.prompts)
    await heart.conversations.intake.deleted(TEAM, CHANNEL, thread_of(turn))
    await heart.ended(turn)
    assert count() == {"dropped": 1}
