"""Words to the bot: help, mute, forget. ``stop`` has its own module, as has what is muted."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from azure_assistant.events import CodeFinished, Finished, TextDelta
from conversations.database.models import Conversation, ConversationFile, Job
from conversations.ports.notices import Notice
from conversations.ports.workplace import Person
from tests.heart.heart import ANN, BEN, CHANNEL, TEAM, Heart, thread_of, turn_of

OF_BENS = Person(BEN, "Ben", team=TEAM)


async def notice(heart: Heart, turn: str) -> tuple[str, dict[str, str | float]]:
    (post,) = heart.replies.of(turn)
    assert isinstance(post.what, Notice)
    return post.what.kind, dict(post.what.fields)


async def test_help_is_explained_and_asks_nobody(heart: Heart) -> None:
    turn = await heart.ask("help")
    assert await notice(heart, turn) == ("help", {})
    assert heart.prompts == []


@pytest.mark.parametrize("word", ["mute", "unmute", "help", "forget"])
async def test_a_word_leaves_no_name_behind(heart: Heart, word: str) -> None:
    """``forget`` forgets what was before it, so its own plan must not say who it was."""
    first = await heart.ask("how many rows?")
    turn = await heart.ask(word, thread=thread_of(first))
    assert (await heart.row(turn)).outcome == "answered"
    assert heart.replies.of(turn)[0].place.asker == ANN


async def test_who_began_a_conversation_may_have_it_forgotten(heart: Heart) -> None:
    heart.model(CodeFinished(0, "print(6)", "6"), Finished("The sum is 6."))
    first = await heart.ask("how many rows?", files=[heart.share("sales.csv")])
    bens = await heart.ask("and then?", user=BEN, thread=thread_of(first))
    word = await heart.ask("forget", thread=thread_of(first))
    assert await notice(heart, word) == ("forgotten", {})
    for row in [await heart.row(first), await heart.row(bens)]:
        assert (row.text, row.answer, row.code, row.files, row.forgotten) == ("", "", [], [], True)
        assert row.outcome == "answered"
    assert heart.assistant.threads == {}
    assert heart.assistant.files == {}
    assert await heart.database.scalars(select(ConversationFile.slack_file)) == []
    (conversation,) = await heart.database.scalars(select(Conversation))
    assert (conversation.assistant_thread, conversation.state) == ("", {})
    assert set(await heart.engine.unknown_among([first, bens])) == {first, bens}


async def test_after_that_the_conversation_begins_anew(heart: Heart) -> None:
    first = await heart.ask("how many rows?")
    await heart.ask("forget", thread=thread_of(first))
    await heart.ask("and then?", thread=thread_of(first))
    asked = heart.prompts[-1]
    assert (asked.transcript, asked.context) == ("", "")
    assert len(heart.assistant.threads) == 1
    again = await heart.ask("forget", thread=thread_of(first))
    assert await notice(heart, again) == ("forgotten", {})


@pytest.mark.parametrize(
    ("person", "admins", "may"),
    [
        (OF_BENS, (), False),
        (OF_BENS, (BEN,), True),
        (Person(BEN, "Ben", team=TEAM, is_admin=True), (), True),
        (Person(BEN, "Ben", team="T2", is_admin=True), (), False),
    ],
)
async def test_others_may_not_unless_they_are_admins(
    idle: Heart, person: Person, admins: tuple[str, ...], may: bool
) -> None:
    await idle.start(admins=admins)
    idle.workplace.people[BEN] = person
    first = await idle.ask("how many rows?")
    word = await idle.ask("forget", user=BEN, thread=thread_of(first))
    assert await notice(idle, word) == (("forgotten", {}) if may else ("forget_refused", {"by": "Ann"}))
    assert bool((await idle.row(first)).text) is not may


async def test_who_has_no_name_is_called_by_the_id(heart: Heart) -> None:
    heart.workplace.people[BEN] = replace(OF_BENS, name="")
    first = await heart.ask("how many rows?", user=BEN)
    word = await heart.ask("forget", thread=thread_of(first))
    assert await notice(heart, word) == ("forget_refused", {"by": BEN})


async def test_where_nobody_asked_anything_there_is_nothing_to_forget(heart: Heart) -> None:
    helped = await heart.ask("help")
    word = await heart.ask("forget", thread=thread_of(helped))
    assert await notice(heart, word) == ("nothing_to_forget", {})


async def test_what_runs_is_ended_before_it_is_forgotten(heart: Heart) -> None:
    heart.model(TextDelta("so far"), asyncio.Event(), Finished("never"))
    first = await heart.say("how many rows?")
    await heart.until(lambda: heart.prompts)
    waiting = await heart.say("and then?", user=BEN, thread=thread_of(first))
    word = await heart.ask("forget", thread=thread_of(first))
    await heart.ended(first, waiting)
    (job,) = await heart.database.scalars(select(Job))
    assert (job.id, job.channel, job.user) == (f"{word}:interrupt", CHANNEL, ANN), "so that admins can name it"
    assert [heart.outcome(turn).kind for turn in (first, waiting)] == ["stopped", "stopped"]
    assert await notice(heart, word) == ("forgotten", {})
    assert (await heart.row(first)).text == ""


async def test_who_may_not_forget_stops_nothing_by_it(heart: Heart) -> None:
    go = asyncio.Event()
    heart.model(go, Finished("Done."))
    first = await heart.say("how many rows?")
    await heart.until(lambda: heart.prompts)
    word = await heart.say("forget", user=BEN, thread=thread_of(first))
    await heart.ended(f"{word}:interrupt")
    go.set()
    await heart.ended(first, word)
    assert heart.outcome(first).kind == "finished"
    assert (await notice(heart, word))[0] == "forget_refused"


async def test_what_azure_does_not_delete_is_said(heart: Heart, monkeypatch: pytest.MonkeyPatch) -> None:
    from azure_assistant.errors import AzureDown

    async def refuse(_: object) -> None:
        raise AzureDown("503")

    first = await heart.ask("how many rows?")
    monkeypatch.setattr(heart.assistant, "delete_thread", refuse)
    word = await heart.ask("forget", thread=thread_of(first))
    assert await notice(heart, word) == ("forgotten_here", {})
    monkeypatch.undo()
    assert heart.engine.nightly is not None
    await heart.engine.nightly()
    assert heart.assistant.threads == {}


async def test_what_is_asked_after_the_word_is_neither_stopped_nor_forgotten(heart: Heart) -> None:
    heart.model(TextDelta("so far"), asyncio.Event(), Finished("never"))
    first = await heart.say("how many rows?")
    await heart.until(lambda: heart.prompts)
    word = heart.written("forget", thread=thread_of(first))
    later = heart.written("and then?", thread=thread_of(first))
    await heart.take(later)
    heart.model(Finished("Done."))
    await heart.take(word)
    await heart.ended(first, turn_of(word), turn_of(later))
    assert heart.outcome(first).kind == "stopped"
    assert heart.outcome(turn_of(later)).text == "Done."
    assert (await heart.row(turn_of(later))).text == "and then?"
