"""Questions that are pressed: "Try again", a card's question, "Analyse this"."""

from __future__ import annotations

import asyncio
from typing import Any

from azure_assistant.events import Finished
from conversations.errors import ReadRefused
from conversations.ports.incoming import Press, PressKind
from tests.heart.heart import ANN, ANSWER, BEN, CHANNEL, DIRECT, TEAM, Heart, thread_of, turn_of


async def press(heart: Heart, kind: PressKind, value: str, thread: str = "", **more: Any) -> str:
    """Press something; returns the turn that comes of it when it has ended."""
    pressed = Press(
        kind, TEAM, **{"user": BEN, "value": value, "at": heart.ts(), "channel": CHANNEL, "thread": thread, **more}
    )
    await heart.conversations.presses.accept(pressed)
    turn = f"{TEAM}:{pressed.channel}:{pressed.at}"
    await heart.ended(turn)
    return turn


async def test_try_again_asks_the_same_with_the_same_files_for_the_presser(heart: Heart) -> None:
    first = await heart.ask("what is the average age?", files=[heart.share("own.csv")])
    again = await press(heart, PressKind.AGAIN, first, thread_of(first))
    row = await heart.row(again)
    assert heart.parts(again) == ["notice:asked_again", "answer"]
    assert (row.user, row.text, row.shown_to_thread, row.origin, row.mentioned) == (
        BEN,
        "what is the average age?",
        True,
        "",
        True,
    )
    assert (row.thread, [file["name"] for file in row.files]) == (thread_of(first), ["own.csv"])


async def test_try_again_of_ones_own_question_that_still_runs_is_asked_all_the_same(heart: Heart) -> None:
    go = asyncio.Event()
    heart.model(go, Finished(ANSWER))
    first = await heart.say("what is the average age?")
    pressing = asyncio.create_task(press(heart, PressKind.AGAIN, first, thread_of(first), user=ANN))
    await heart.until(lambda: len(heart.replies.signs) == 2)
    go.set()
    assert heart.parts(await pressing) == ["notice:asked_again", "answer"]


async def test_try_again_of_what_was_forgotten_explains_the_bot(heart: Heart) -> None:
    first = await heart.ask("what is the average age?")
    await heart.ask("forget", thread=thread_of(first))
    again = await press(heart, PressKind.AGAIN, first, thread_of(first))
    assert heart.parts(again) == ["notice:help"]
    assert (await heart.row(again)).text == ""


async def test_a_cards_question_is_about_its_files(heart: Heart) -> None:
    drop = heart.written("", mentions_bot=False, files=[heart.share("own.csv")])
    await heart.take(drop)
    await heart.ended(card := f"{turn_of(drop)}:card")
    turn = await press(heart, PressKind.SAMPLE, card, drop.ts, more="what stands out?")
    assert heart.parts(turn) == ["notice:asked", "answer"]
    assert heart.prompts[0].question == "what stands out?"
    assert [file.original_name for file in heart.prompts[0].files] == ["own.csv"]
    assert [file["name"] for file in (await heart.row(turn)).files] == ["own.csv"]


async def test_a_message_with_a_file_is_analysed_in_its_thread(heart: Heart) -> None:
    shared = heart.written("look", mentions_bot=False, files=[heart.share("own.csv")])
    heart.post(shared)
    turn = await press(heart, PressKind.ANALYSE, shared.ts)
    assert heart.parts(turn) == ["notice:asked_to_look", "answer"]
    assert (await heart.row(turn)).thread == shared.ts
    assert heart.prompts[0].question.startswith("Describe this data")


async def test_try_again_of_what_was_pressed_itself_is_shown_as_such(heart: Heart) -> None:
    drop = heart.written("", mentions_bot=False, files=[heart.share("own.csv")])
    await heart.take(drop)
    await heart.ended(card := f"{turn_of(drop)}:card")
    sample = await press(heart, PressKind.SAMPLE, card, drop.ts, more="what stands out?")
    look = await press(heart, PressKind.ANALYSE, drop.ts)
    again = [await press(heart, PressKind.AGAIN, turn, drop.ts) for turn in (sample, look)]
    assert [heart.parts(turn)[0] for turn in again] == ["notice:asked_again", "notice:asked_to_look"]
    assert [(await heart.row(turn)).origin for turn in again] == ["", "shortcut"]
    assert not any([(await heart.row(turn)).direct for turn in (sample, look, *again)])


async def test_in_a_direct_message_pressed_questions_stay_in_it(heart: Heart) -> None:
    shared = heart.written("", channel=DIRECT, files=[heart.share("own.csv", channel=DIRECT)])
    heart.post(shared)
    heart.model(Finished("one"))
    look = await press(heart, PressKind.ANALYSE, shared.ts, channel=DIRECT, is_direct=True)
    again = await press(heart, PressKind.AGAIN, look, shared.ts, channel=DIRECT)
    assert [(await heart.row(turn)).direct for turn in (look, again)] == [True, True]
    assert all(heart.replies.of(turn)[0].place.is_direct for turn in (look, again))


async def test_a_table_that_was_pasted_is_analysed(heart: Heart) -> None:
    root = heart.ts()
    shared = heart.written("```a,b\n1,2\n3,4```", mentions_bot=False, thread=root)
    heart.post(shared)
    turn = await press(heart, PressKind.ANALYSE, shared.ts)
    row = await heart.row(turn)
    assert (row.thread, row.text, row.origin) == (root, shared.text, "shortcut")
    assert len(heart.prompts[0].files) == 1


async def test_what_slack_does_not_let_it_read_is_told_to_the_presser_alone(heart: Heart) -> None:
    shared = heart.written("look", mentions_bot=False, files=[heart.share("own.csv")])
    heart.post(shared)

    async def refuse(*_: object) -> None:
        raise ReadRefused(error="fatal_error")

    heart.workplace.message = refuse  # type: ignore[method-assign, assignment]
    pressed = Press(PressKind.ANALYSE, TEAM, BEN, shared.ts, at=heart.ts(), channel=CHANNEL)
    await heart.conversations.presses.accept(pressed)
    await heart.until(lambda: heart.windows.shown)
    assert type(heart.windows.shown[0][1][1]).__name__ == "ReadRefused"
    assert await heart.rows() == []


async def test_a_message_without_data_is_not_analysed(heart: Heart) -> None:
    plain = heart.written("just words", mentions_bot=False)
    heart.post(plain)
    pressed = Press(PressKind.ANALYSE, TEAM, BEN, plain.ts, at=heart.ts(), channel=CHANNEL)
    await heart.conversations.presses.accept(pressed)
    await heart.until(lambda: heart.windows.shown)
    ((verb, what),) = heart.windows.shown
    assert (verb, type(what[1]).__name__) == ("refuse", "NoDataOnMessage")
    assert await heart.rows() == []


async def test_what_stands_elsewhere_is_refused(heart: Heart) -> None:
    first = await heart.ask("what is the average age?")
    pressed = Press(PressKind.AGAIN, TEAM, BEN, first, at=heart.ts(), channel="C2", thread=thread_of(first))
    await heart.conversations.presses.accept(pressed)
    await heart.until(lambda: heart.windows.shown)
    assert type(heart.windows.shown[0][1][1]).__name__ == "NotHere"
    assert len(await heart.rows()) == 1
    assert heart.outcome(first).text == ANSWER


async def test_where_the_bot_is_not_the_analysis_tells_how_to_invite_it(heart: Heart) -> None:
    shared = heart.written("a,b\n1,2", mentions_bot=False)
    heart.post(shared)

    async def refuse(*_: object) -> None:
        raise ReadRefused(error="not_in_channel")

    heart.workplace.message = heart.workplace.thread = refuse  # type: ignore[method-assign, assignment]
    turn = await press(heart, PressKind.ANALYSE, shared.ts)
    assert type(heart.outcome(turn).error).__name__ == "ReadRefused"
    assert (await heart.row(turn)).thread == shared.ts
