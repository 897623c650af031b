"""No code, no number: what an answer states about data is computed, or said not to be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from azure_assistant.assistant import Prompt, Thread
from azure_assistant.events import CodeFinished, CodeStarted, Finished, RunEvent, TextDelta, Usage
from azure_assistant.testing import calls
from conversations.planning.prompt import COMPUTE
from conversations.ports.replies import INQUIRY, Activity
from conversations.ports.testing.replies import FakeAnswer
from conversations.turns.answering import NOT_COMPUTED
from tests.heart.heart import Heart, thread_of
from tests.heart.test_calls import asking

Events = Sequence[RunEvent | asyncio.Event]
INVENTED: Events = [TextDelta("North sold 4,711."), Finished("North sold 4,711.", Usage(10, 0, 5))]
COMPUTED: Events = [
    CodeFinished(0, "print(total)", "12"),
    TextDelta("North sold 12."),
    Finished("North sold 12.", Usage(1, 0, 1)),
]


def model(heart: Heart, first: Events, again: Events = ()) -> None:
    """A model that does something else when it is asked to compute."""
    heart.assistant.script = lambda prompt: again if prompt.question == COMPUTE else first


def shown(heart: Heart, turn: str) -> tuple[str, bool]:
    """The answer, and whether it is said not to be computed."""
    outcome = heart.outcome(turn)
    assert outcome.footer
    return outcome.text, NOT_COMPUTED in outcome.footer.notes


async def ask(heart: Heart, text: str = "what did North sell?") -> str:
    return await heart.ask(text, files=[heart.share("sales.csv")])


async def test_an_invented_number_is_not_shown_but_computed(heart: Heart) -> None:
    model(heart, INVENTED, COMPUTED)
    turn = await ask(heart)
    assert shown(heart, turn) == ("North sold 12.", False)
    assert [prompt.question for prompt in heart.prompts] == ["what did North sell?", COMPUTE]
    assert (heart.prompts[1].context, heart.prompts[1].files) == ("", heart.prompts[0].files)
    row = await heart.row(turn)
    assert (row.answer, len(row.code), row.usage["input_tokens"]) == ("North sold 12.", 1, 11)


async def test_it_is_asked_once_and_then_said(heart: Heart) -> None:
    model(heart, INVENTED, INVENTED)
    assert shown(heart, await ask(heart)) == ("North sold 4,711.", True)
    assert len(heart.prompts) == 2


async def test_an_answer_that_takes_its_numbers_back_is_fine(heart: Heart) -> None:
    model(heart, INVENTED, [Finished("That cannot be computed from this file.")])
    assert shown(heart, await ask(heart)) == ("That cannot be computed from this file.", False)


@pytest.mark.parametrize("text", ["It has two columns.", "In 2024 the top 3 were:\n1. North", "You asked for 55."])
async def test_what_states_no_number_or_one_of_the_question_is_shown(heart: Heart, text: str) -> None:
    model(heart, [Finished(text)])
    assert shown(heart, await ask(heart, "is it 55?")) == (text, False)
    assert len(heart.prompts) == 1


async def test_what_code_has_printed_before_is_known(heart: Heart) -> None:
    model(heart, COMPUTED)
    turn = await ask(heart)
    model(heart, [Finished("As I said: 12, not 4,711.")], [Finished("As I said: 12.")])
    later = await heart.ask("are you sure?", thread=thread_of(turn))
    assert shown(heart, later) == ("As I said: 12.", False)


async def test_without_data_nothing_is_held_or_asked_again(heart: Heart) -> None:
    model(heart, INVENTED)
    assert shown(heart, await heart.ask("how far is it?")) == ("North sold 4,711.", False)
    assert shown(heart, await heart.ask("read it", files=[heart.share("letter.pdf")])) == ("North sold 4,711.", False)
    assert len(heart.prompts) == 2


async def test_text_is_held_until_code_has_run(heart: Heart) -> None:
    def answer() -> FakeAnswer:
        return heart.replies.under_way[0]

    ran, go = asyncio.Event(), asyncio.Event()
    end = Finished("I look. There are 12.")
    code = [CodeStarted(0), ran, CodeFinished(0, "print(12)", "12")]
    heart.model(TextDelta("I look. "), *code, TextDelta("There are 12."), go, end)
    turn = await heart.say("how many?", files=[heart.share("sales.csv")])
    await heart.until(lambda: heart.replies.under_way and Activity.RUNNING_CODE in answer().activities)
    assert not answer().live
    ran.set()
    await heart.until(lambda: answer().live == end.text)
    go.set()
    await heart.ended(turn)
    assert shown(heart, turn) == (end.text, False)


async def test_a_death_while_it_is_asked_again_leaves_one_answer(heart: Heart) -> None:
    go = asyncio.Event()
    model(heart, INVENTED, [go, *COMPUTED])
    turn = await heart.say("what did North sell?", files=[heart.share("sales.csv")])
    await heart.until(lambda: len(heart.prompts) == 2)
    await heart.die()
    go.set()
    await heart.ended(turn)
    assert shown(heart, turn) == ("North sold 12.", False)
    assert (heart.parts(turn), len(heart.prompts)) == (["answer"], 2)


async def test_a_death_before_it_is_asked_again_leaves_one_answer(heart: Heart) -> None:
    model(heart, INVENTED, COMPUTED)
    run, stalled = heart.assistant.run, asyncio.Event()

    async def stall(thread: Thread, prompt: Prompt) -> AsyncGenerator[RunEvent, None]:
        if prompt.question == COMPUTE and not stalled.is_set():
            stalled.set()
            await asyncio.Event().wait()
        async for event in run(thread, prompt):
            yield event

    heart.assistant.run = stall  # type: ignore[method-assign]
    turn = await heart.say("what did North sell?", files=[heart.share("sales.csv")])
    await asyncio.wait_for(stalled.wait(), 5)
    await heart.die()
    await heart.ended(turn)
    assert shown(heart, turn) == ("North sold 12.", False)
    assert (heart.parts(turn), len(heart.prompts), len(heart.assistant.cleared)) == (["answer"], 2, 1)


async def test_a_stop_shows_nothing_that_is_invented(heart: Heart) -> None:
    heart.model(INVENTED[0], asyncio.Event(), INVENTED[1])
    turn = await heart.say("what did North sell?", files=[heart.share("sales.csv")])
    await heart.until(lambda: heart.prompts)
    await heart.settled()
    await heart.ask("stop", thread=thread_of(turn))
    await heart.ended(turn)
    assert (heart.outcome(turn).kind, heart.outcome(turn).text) == ("stopped", "")


async def test_it_may_ask_the_person_after_all(heart: Heart) -> None:
    model(heart, INVENTED, calls(asking("2024", "2025")))
    turn = await ask(heart)
    assert heart.parts(turn) == [INQUIRY]
    assert (await heart.row(turn)).outcome == "asked"
