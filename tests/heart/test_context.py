"""What of a thread the model is told: what it has not seen, as much as there is room for."""

from __future__ import annotations

import pytest

from conversations.planning.planner import CONTEXT_CHARACTERS
from conversations.planning.surroundings import CONTEXT_MESSAGES
from conversations.planning.transcript import MOST
from conversations.ports.workplace import Message
from tests.heart.heart import BEN, CHANNEL, Heart, thread_of

HEAD = len("[2026-01-01 00:00 UTC] Ben: ")


def said(heart: Heart, root: str, text: str, **more: object) -> str:
    """Somebody says something in a thread, not to the bot."""
    ts = heart.ts()
    usual: dict[str, object] = {"user": BEN, "text": text, "thread_ts": root}
    heart.workplace.post(CHANNEL, Message(ts, **usual | more))  # type: ignore[arg-type]
    return ts


def context(heart: Heart) -> list[str]:
    """What was said, as the model was told it last."""
    return heart.prompts[-1].context.split("\n") if heart.prompts[-1].context else []


def words(heart: Heart) -> list[str]:
    return [line.partition("] ")[2] for line in context(heart)]


async def test_a_question_at_the_top_has_no_context(heart: Heart) -> None:
    await heart.ask("add 1 and 2")
    assert heart.prompts[-1].context == ""


async def test_what_was_said_before_is_told_with_name_and_time_and_files(heart: Heart) -> None:
    root = said(heart, "", "sales fell")
    said(heart, root, "", files=[heart.share("a.csv", user=BEN), heart.share("b.csv", user=BEN)])
    said(heart, root, "deployed", user="", is_bot=True)
    said(heart, root, "our own", is_bot=True, is_own=True)
    await heart.ask("add 1 and 2", thread=root)
    assert words(heart) == ["Ben: sales fell", "Ben:  [files: a.csv, b.csv]", "an app: deployed"]
    assert all(line.startswith("[20") and " UTC] " in line for line in context(heart))


async def test_each_thing_is_told_once_and_questions_are_in_the_transcript(heart: Heart) -> None:
    root = said(heart, "", "sales fell")
    first = heart.written("add 1 and 2", thread=root)
    await heart.ended(await heart.take(first))
    said(heart, root, "they rose again")
    await heart.ask("add 3 and 4", thread=root)
    assert words(heart) == ["Ben: they rose again"]
    await heart.ask("add 5 and 6", thread=root)
    assert context(heart) == []


async def test_what_comes_after_the_question_is_for_the_next_one(heart: Heart) -> None:
    root = said(heart, "", "sales fell")
    asked = heart.written("add 1 and 2", thread=root)
    said(heart, root, "too late")
    await heart.ended(await heart.take(asked))
    assert words(heart) == ["Ben: sales fell"]
    await heart.ask("add 3 and 4", thread=root)
    assert words(heart) == ["Ben: too late"]


@pytest.mark.parametrize(("spare", "told"), [(0, 3), (-1, 2)])
async def test_context_has_twelve_thousand_characters_and_the_newest_are_kept(
    heart: Heart, spare: int, told: int
) -> None:
    """With each line's end; the oldest message has exactly the room that is left, or lacks one character of it."""
    root = said(heart, "", "o" * (CONTEXT_CHARACTERS - 2 * (HEAD + 1000 + 1) - HEAD - 1 - spare))
    said(heart, root, "m" * 1000)
    said(heart, root, "n" * 1000)
    await heart.ask("add 1 and 2", thread=root)
    assert [line[HEAD] for line in context(heart)] == ["o", "m", "n"][-told:]
    assert CONTEXT_CHARACTERS == 12_000


async def test_nothing_older_is_told_behind_what_has_no_room(heart: Heart) -> None:
    root = said(heart, "", "short")
    said(heart, root, "x" * CONTEXT_CHARACTERS)
    said(heart, root, "newest")
    await heart.ask("add 1 and 2", thread=root)
    assert words(heart) == ["Ben: newest"]


async def test_context_has_fifty_messages_and_the_newest_are_kept(heart: Heart) -> None:
    root = said(heart, "", "the root")
    for number in range(60):
        said(heart, root, f"{number}")
    await heart.ask("add 1 and 2", thread=root)
    assert CONTEXT_MESSAGES == 50
    told = words(heart)  # the question itself is one of the thread's last fifty
    assert told == ["Ben: the root", *(f"Ben: {number}" for number in range(12, 60))]


async def test_a_bare_mention_asks_for_an_answer_to_what_was_said_last(heart: Heart) -> None:
    root = said(heart, "", "sales fell")
    said(heart, root, "how much is 1 and 2?")
    said(heart, root, "deployed", is_bot=True)
    await heart.ask("", thread=root)
    assert heart.prompts[-1].question == "how much is 1 and 2?"
    assert words(heart) == ["Ben: sales fell", "Ben: deployed"]


async def test_what_was_said_last_may_be_all_that_was_said(heart: Heart) -> None:
    root = said(heart, "", " how much is 1 and 2? ")
    await heart.ask("", thread=root)
    assert heart.prompts[-1].question == "how much is 1 and 2?"
    assert context(heart) == []


async def test_a_bare_mention_after_nothing_but_apps_gets_help(heart: Heart) -> None:
    root = said(heart, "", "deployed", is_bot=True)
    turn = await heart.ask("", thread=root)
    assert heart.parts(turn) == ["notice:help"]


async def test_a_transcript_has_what_was_answered_and_no_words_to_the_bot(heart: Heart) -> None:
    first = await heart.ask("add 1 and 2")
    there = {"thread": thread_of(first)}
    await heart.ask("mute", **there)
    await heart.ask("unmute", **there)
    await heart.ask("", mentions_bot=False, files=[heart.share("a.csv")], **there)
    await heart.ask("add 3 and 4", **there)
    assert heart.prompts[-1].transcript == "User: add 1 and 2\nAssistant: The sum is six."


async def test_a_transcript_begins_with_the_first_question_and_has_each_as_far_as_there_is_room(heart: Heart) -> None:
    first = await heart.ask("a" + "x" * 13_000)
    there = {"thread": thread_of(first)}
    for _ in range(4):
        await heart.ask("b" + "x" * 13_000, **there)
    await heart.ask("add 1 and 2", **there)
    transcript = heart.prompts[-1].transcript
    assert len(transcript) < MOST
    assert transcript.startswith("User: ax")
    assert transcript.count("User: bx") == 4
    assert transcript.endswith("x…\nAssistant: The sum is six.")
