"""What is read of Slack before the model is asked: only what may have changed, and side by side."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from azure_assistant.events import Artifact, FileReady, Finished
from conversations.database.database import Database
from conversations.errors import ReadRefused
from conversations.ports.workplace import Message
from conversations.store.heard import UPGRADE_SECONDS, HeardEvents
from tests.heart.heart import ANN, BEN, CHANNEL, TEAM, Heart, thread_of


async def begun(heart: Heart, **more: Any) -> str:
    """A thread with an answer, in a process that has listened all the time; its files have been listed."""
    heart.conversations.heard.listens(0.0)
    root = thread_of(await heart.ask("add up the numbers", **more))
    await heart.ask("add 1 and 2", thread=root)
    heart.workplace.asked.clear()
    return root


async def asks(heart: Heart, text: str = "and add 3", **more: Any) -> list[str]:
    """What a question asks of Slack, apart from who asks."""
    heart.workplace.asked.clear()
    await heart.ask(text, **more)
    return [verb for verb in heart.workplace.asked if verb != "account"]


async def test_a_follow_up_asks_slack_for_nothing_when_nothing_was_said(heart: Heart) -> None:
    root = await begun(heart, files=[heart.share("sales.csv")])
    assert await asks(heart, thread=root) == []
    assert await asks(heart, "and now?", thread=root) == []
    assert len(heart.prompts[-1].files) == 1


async def test_the_first_follow_up_does_not_read_the_thread(heart: Heart) -> None:
    heart.conversations.heard.listens(0.0)
    root = thread_of(await heart.ask("add up the numbers"))
    assert "thread" not in await asks(heart, thread=root)


async def test_what_somebody_else_says_is_read_and_told_once(heart: Heart) -> None:
    root = await begun(heart)
    await heart.say("leave out Osaka", user=BEN, mentions_bot=False, thread=root)
    assert await asks(heart, thread=root) == ["thread"]
    assert "Ben: leave out Osaka" in heart.prompts[-1].context
    assert await asks(heart, "and now?", thread=root) == []
    assert heart.prompts[-1].context == ""


async def test_what_is_heard_late_is_told_the_next_time(heart: Heart) -> None:
    root = await begun(heart)
    late = heart.written("leave out Osaka", user=BEN, mentions_bot=False, thread=root)
    heart.post(late)
    assert await asks(heart, thread=root) == []
    await heart.conversations.intake.user_text(late)
    assert await asks(heart, "and now?", thread=root) == ["thread"]
    assert "leave out Osaka" in heart.prompts[-1].context


async def test_what_another_process_has_heard_is_read(heart: Heart) -> None:
    root = await begun(heart)
    said = heart.written("leave out Osaka", user=BEN, mentions_bot=False, thread=root)
    heart.post(said)
    await HeardEvents(heart.database).said(TEAM, CHANNEL, root, said.ts)
    assert await asks(heart, thread=root) == ["thread"]
    assert "leave out Osaka" in heart.prompts[-1].context


async def test_after_a_gap_everything_is_read_again(heart: Heart) -> None:
    root = await begun(heart)
    heart.conversations.heard.listens(heart.now())
    assert sorted(await asks(heart, thread=root)) == ["recent_files", "thread"]


async def test_another_process_reads_what_it_has_not_listened_to(heart: Heart) -> None:
    root = await begun(heart)
    await heart.die()
    assert sorted(await asks(heart, thread=root)) == ["recent_files", "thread"]


async def test_what_another_process_has_read_is_trusted_by_one_that_has_listened_for_long(heart: Heart) -> None:
    root = await begun(heart)
    await heart.die()
    heart.conversations.heard.listens(heart.began - 120)
    assert await asks(heart, thread=root) == ["recent_files"]


def test_beside_replicas_nothing_is_trusted_until_an_upgrade_must_be_over() -> None:
    heard, now = HeardEvents(Database("postgresql://nobody@nowhere/x")), time.time()
    heard.listens(now - UPGRADE_SECONDS + 5)
    heard.listens(now - 1)
    assert not heard.trusts(now, heard.period)
    heard.listens(now - UPGRADE_SECONDS - 5)
    heard.listens(now - 1)
    assert heard.trusts(now, heard.period)
    assert not heard.trusts(now, heard.period - 1)
    assert not heard.trusts(now, 0)


async def test_messages_are_heard_in_any_order(heart: Heart) -> None:
    heard = heart.conversations.heard
    for ts in ("1700000003.000000", "1700000001.000000", "1700000002.000000"):
        await heard.said(TEAM, CHANNEL, "1700000000.000000", ts)
    assert await heard.last_said(TEAM, CHANNEL, "1700000000.000000") == "1700000003.000000"


async def test_a_file_that_could_not_be_had_is_tried_again(heart: Heart) -> None:
    file = heart.share("sales.csv")
    resolve, refused = heart.workplace.resolve, [True]

    async def resolve_later(*where: Any) -> Any:
        if refused:
            raise ReadRefused(error="fatal_error")
        return await resolve(*where)

    heart.workplace.resolve = resolve_later  # type: ignore[method-assign, assignment]
    heart.conversations.heard.listens(0.0)
    root = thread_of(await heart.ask("add up the numbers", files=[file]))
    refused.clear()
    assert "thread" in await asks(heart, thread=root)
    assert [one.original_name for one in heart.prompts[-1].files] == ["sales.csv"]
    assert "thread" not in await asks(heart, "and now?", thread=root)


async def test_a_thread_with_a_file_of_the_bots_own_is_read_for_its_name(heart: Heart) -> None:
    root = await begun(heart)
    own = heart.share("clean.csv", user="UBOT")
    heart.workplace.post(CHANNEL, Message(heart.ts(), "", "", [own], is_bot=True, is_own=True, thread_ts=root))
    await heart.conversations.heard.said(TEAM, CHANNEL, root, heart.ts())
    for text in ("add 3", "add 4"):
        assert "thread" in await asks(heart, text, thread=root)


@pytest.mark.thorough
async def test_a_question_that_no_model_has_seen_is_read_in_its_thread(heart: Heart) -> None:
    root = await begun(heart)
    await heart.ask("what is in nowhere.csv?", thread=root)
    assert "thread" in await asks(heart, thread=root)
    assert "nowhere.csv" in heart.prompts[-1].question
    assert "thread" not in await asks(heart, "and now?", thread=root)


async def test_what_is_shared_in_a_channel_is_listed_even_if_the_list_is_late(heart: Heart) -> None:
    root = await begun(heart, files=[heart.share("sales.csv")])
    file = heart.share("fresh.csv")
    late = heart.workplace._files.pop(file.id)
    await heart.conversations.heard.shared(TEAM, CHANNEL, [file.id])
    assert await asks(heart, thread=root) == ["recent_files"]
    heart.workplace._files[file.id] = late
    assert await asks(heart, "add 4", thread=root) == ["recent_files"]
    assert await asks(heart, "add 5", thread=root) == []


async def test_what_changes_among_the_files_of_a_channel_is_listed_anew(heart: Heart) -> None:
    other = heart.share("other.csv")
    root = await begun(heart)
    await heart.conversations.heard.changed(TEAM, "F999")
    assert await asks(heart, thread=root) == []
    await heart.conversations.heard.changed(TEAM, other.id)
    assert await asks(heart, "add 4", thread=root) == ["recent_files"]


async def test_what_is_forgotten_is_read_again(heart: Heart) -> None:
    root = await begun(heart)
    await heart.ask("forget", thread=root)
    assert "thread" in await asks(heart, thread=root)


async def test_in_a_channel_with_another_id_everything_is_read_again(heart: Heart) -> None:
    root = await begun(heart)
    await heart.conversations.changes.channel_moved(TEAM, CHANNEL, "C2")
    assert "thread" in await asks(heart, thread=root, channel="C2")


async def test_small_talk_lists_no_files(heart: Heart) -> None:
    heart.conversations.heard.listens(0.0)
    assert await asks(heart, "hello!") == []


async def test_who_asks_and_what_lies_around_are_looked_up_side_by_side(heart: Heart) -> None:
    heart.workplace.post(CHANNEL, Message(root := heart.ts(), BEN, "sales fell"))
    account, admitted = heart.workplace.account, asyncio.Event()

    async def wait(user: str) -> Any:
        await admitted.wait()
        return await account(user)

    heart.workplace.account = wait  # type: ignore[method-assign]
    turn = await heart.say("add 1 and 2", thread=root)
    await heart.until(lambda: sorted(heart.workplace.asked) == ["recent_files", "thread"])
    assert heart.prompts == []
    admitted.set()
    await heart.ended(turn)
    assert heart.outcome(turn).kind == "finished"


@pytest.mark.parametrize("text", ["mute", "help"])
async def test_words_to_the_bot_read_nothing(heart: Heart, text: str) -> None:
    root = await begun(heart)
    assert await asks(heart, text, thread=root) == []


async def test_whoever_may_not_ask_learns_nothing(heart: Heart) -> None:
    root = await begun(heart)
    heart.workplace.people.pop(BEN)
    await heart.ask("add 3", user=BEN, thread=root)
    assert len(heart.prompts) == 2


def file(name: str) -> FileReady:
    return FileReady(Artifact("file", name, "text/csv", {"id": name}, data=b"a\n1\n"))


async def test_what_the_bot_says_itself_is_no_news(heart: Heart) -> None:
    heart.model(file("clean.pdf"), Finished("Done."))
    root = await begun(heart)
    assert await asks(heart, thread=root, user=ANN) == []
