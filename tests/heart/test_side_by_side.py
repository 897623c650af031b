"""What a run needs is brought side by side: thread, sandbox and files wait for nothing but what each needs itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from azure_assistant.errors import AzureDown, ContainerLost, UploadRejected, WrongKey
from azure_assistant.events import Failed, Finished, TextDelta
from conversations.database.models import Conversation, StepRow
from conversations.errors import FileEmpty
from conversations.files.sandbox import ADDITIONS
from conversations.files.uploads import LOOKUPS, TRANSFERS
from conversations.ports.workplace import SharedFile
from tables import FileFacts
from tests.heart.heart import ANN, ANSWER, BEN, CHANNEL, DIRECT, TEAM, Heart, thread_of


def shared(heart: Heart, number: int) -> list[SharedFile]:
    return [heart.share(f"{position}.csv", f"a\n{position}\n".encode()) for position in range(number)]


def names(heart: Heart) -> list[str]:
    """What lies at Azure."""
    return sorted(name for name, _ in heart.assistant.files.values())


def late(heart: Heart) -> list[str]:
    """Files that a run had to wait for."""
    return [file for sandbox in heart.assistant.sandboxes.values() for file in sandbox.late]


@pytest.mark.parametrize("verb", ["open_thread", "open_sandbox", "add_file"])
async def test_nothing_waits_for_another_but_the_run_for_all(heart: Heart, verb: str) -> None:
    held = heart.hold(heart.assistant, verb)
    turn = await heart.say("add them", files=shared(heart, 2))
    assistant, files = heart.assistant, 0 if verb == "add_file" else 2
    await heart.until(lambda: held.inside and len(assistant.files) == files)
    await heart.until(lambda: bool(assistant.threads) == (verb != "open_thread"))
    await heart.until(lambda: bool(assistant.sandboxes) == (verb != "open_sandbox"))
    await heart.settled()
    assert heart.prompts == []
    held.end()
    await heart.ended(turn)
    assert heart.outcome(turn).text == ANSWER
    (sandbox,) = assistant.sandboxes.values()
    assert sorted(sandbox.files) == sorted(assistant.files)
    assert sandbox.size == sum(len(data) for _, data in assistant.files.values())
    assert late(heart) == []


async def test_the_thread_is_opened_while_slack_is_read(heart: Heart) -> None:
    held = heart.hold(heart.workplace, "recent_files")
    turn = await heart.say("draw a chart of sin(x)")
    await heart.until(lambda: held.inside and heart.assistant.threads)
    held.end()
    await heart.ended(turn)
    assert [run.thread for run in heart.assistant.runs.values()] == list(heart.assistant.threads)


async def test_a_thread_that_nothing_was_asked_in_is_the_next_questions(heart: Heart) -> None:
    first = await heart.ask("")
    assert heart.parts(first) == ["notice:help"]
    opened = list(heart.assistant.threads)
    await heart.ask("who are you?", thread=thread_of(first))
    assert list(heart.assistant.threads) == opened == [run.thread for run in heart.assistant.runs.values()]


async def test_no_thread_is_opened_for_somebody_who_may_not_ask(heart: Heart) -> None:
    heart.workplace.people[BEN] = replace(heart.workplace.people[BEN], is_guest=True)
    held = heart.hold(heart.workplace, "account")
    turn = await heart.say("draw a chart of sin(x)", user=BEN)
    await heart.until(lambda: held.inside)
    held.end()
    await heart.ended(turn)
    assert (await heart.row(turn)).outcome == "refused"
    assert await heart.database.scalars(select(Conversation)) == []
    assert heart.assistant.threads == {}


async def test_a_question_that_computes_has_its_sandbox_made_with_its_thread(heart: Heart) -> None:
    held = heart.hold(heart.assistant, "open_thread")
    turn = await heart.say("draw a chart of sin(x)")
    await heart.until(lambda: heart.assistant.sandboxes)
    held.end()
    await heart.ended(turn)
    assert len(next(iter(heart.assistant.sandboxes.values())).runs) == 1


async def test_what_computes_nothing_has_no_sandbox_made(heart: Heart) -> None:
    opened = heart.hold(heart.assistant, "open_sandbox")
    file = heart.share("own.csv", channel=DIRECT)
    added = await heart.ask("", files=[file], mentions_bot=False, channel=DIRECT)
    thanks = await heart.ask("thanks!", thread=thread_of(added), channel=DIRECT)
    talk = await heart.ask("who are you?")
    assert opened.inside == []
    assert heart.parts(added) == ["notice:file_added"]
    assert [heart.outcome(turn).text for turn in (thanks, talk)] == [ANSWER, ANSWER]


async def test_so_many_files_are_looked_up_and_moved_at_a_time(heart: Heart) -> None:
    looked_up, moved = heart.hold(heart.workplace, "resolve"), heart.hold(heart.assistant, "add_file")
    turn = await heart.say("add them", files=shared(heart, 2 * LOOKUPS))
    await heart.until(lambda: len(looked_up.inside) == LOOKUPS)
    await heart.settled()
    assert looked_up.most == LOOKUPS
    looked_up.end()
    for _ in range(2 * LOOKUPS):
        await heart.until(lambda: moved.inside)
        await heart.settled()
        moved.let()
    await heart.ended(turn)
    assert moved.most == TRANSFERS
    assert len(names(heart)) == 2 * LOOKUPS


async def test_so_many_files_are_put_into_the_sandbox_at_a_time(heart: Heart) -> None:
    held = heart.hold(heart.assistant, "fill_sandbox")
    turn = await heart.say("add them", files=shared(heart, ADDITIONS + 2))
    await heart.until(lambda: len(held.inside) == ADDITIONS)
    await heart.settled()
    held.end()
    await heart.ended(turn)
    assert held.most == ADDITIONS
    assert late(heart) == []


async def test_one_file_of_a_turn_waits_for_room_at_a_time(idle: Heart) -> None:
    """Each may wait as long as if it were the only one; four at once would run out of patience together."""
    idle.spool.limit = 10
    await idle.start()
    held = idle.hold(idle.assistant, "add_file")
    turn = await idle.say("add them", files=[idle.share(f"{number}.csv", b"0123456789") for number in range(4)])
    await idle.until(lambda: held.inside)
    await idle.settled()
    assert len(idle.spool._waiting) == 1
    held.end()
    await idle.ended(turn)
    assert len(names(idle)) == 4
    assert idle.spool.used == 0


async def test_files_are_told_in_the_order_in_which_they_were_shared(heart: Heart) -> None:
    held = heart.hold(heart.assistant, "add_file")
    files = shared(heart, TRANSFERS)
    turn = await heart.say("add them", files=files)
    await heart.until(lambda: len(held.inside) == TRANSFERS)
    told = [file.name for file in files]
    for number, name in enumerate(reversed(told), 1):
        held.let(name)
        await heart.until(lambda: len(heart.assistant.files) == number)  # noqa: B023 - awaited here
    await heart.ended(turn)
    assert [name for name, _ in heart.assistant.files.values()] == told[::-1]
    assert [file.original_name for file in heart.prompts[0].files] == told
    footer = heart.outcome(turn).footer
    assert footer
    assert [used.name for used in footer.used] == told


async def test_a_file_that_fails_leaves_the_others_alone_and_reasons_keep_their_order(heart: Heart) -> None:
    first, *others = shared(heart, 3)
    empty = heart.share("empty.csv", b"")
    add = heart.assistant.add_file

    async def refuse(thread: Any, name: str, *more: Any) -> Any:
        if name == first.name:
            raise UploadRejected(name=name, reason="?")
        return await add(thread, name, *more)

    heart.assistant.add_file = refuse  # type: ignore[method-assign, assignment]
    turn = await heart.ask("add them", files=[first, empty, *others])
    footer = heart.outcome(turn).footer
    assert footer
    assert [type(error) for error in footer.unread] == [UploadRejected, FileEmpty]
    assert names(heart) == [file.name for file in others]
    assert late(heart) == []


@pytest.mark.parametrize("words", ["and now?", ""])
async def test_a_second_copy_of_a_changed_file_takes_the_first_ones_place(heart: Heart, words: str) -> None:
    files = [heart.share(f"{number}.csv", b"a\n1\n", version="1") for number in range(3)]
    first = await heart.ask("add them", files=files)
    for file in files:
        heart.workplace.share(
            CHANNEL, SharedFile(file.id, file.name, user=ANN, version="2", created=file.created), b"b"
        )
        await heart.conversations.changes.file_changed(TEAM, file.id)
    more = {} if words else {"mentions_bot": False, "files": files[:1]}
    await heart.ask(words, thread=thread_of(first), **more)
    assert names(heart) == [file.name for file in files]
    assert {data for _, data in heart.assistant.files.values()} == {b"b"}
    assert late(heart) == []
    (state,) = await heart.database.scalars(select(Conversation.state))
    assert sorted(state["files"]) == sorted(heart.assistant.files)


async def test_a_new_sandbox_gets_what_was_shared_before_and_the_font(heart: Heart) -> None:
    heart.inspector.facts["0.csv"] = FileFacts("0.csv", 4, has_cjk=True)
    first = await heart.ask("add them", files=shared(heart, 3))
    (old,) = heart.assistant.sandboxes
    assert not heart.assistant.sandboxes.pop(old).has_font, "nobody knew of it when the sandbox was made"
    heart.workplace.remove(CHANNEL, thread_of(first))
    held = heart.hold(heart.assistant, "fill_sandbox")
    turn = await heart.say("and now?", thread=thread_of(first))
    await heart.until(lambda: len(held.inside) == 4)
    assert len(heart.prompts) == 1
    held.end()
    await heart.ended(turn)
    (sandbox,) = heart.assistant.sandboxes.values()
    assert (len(sandbox.files), sandbox.has_font, late(heart)) == (3, True, [])
    assert sandbox.size == sum(len(data) for _, data in heart.assistant.files.values())


@pytest.mark.parametrize("verb", ["open_sandbox", "fill_sandbox"])
async def test_what_the_sandbox_lacks_is_left_to_the_run(heart: Heart, verb: str) -> None:
    work = getattr(heart.assistant, verb)

    async def fail(*_: Any, **__: Any) -> None:
        setattr(heart.assistant, verb, work)
        raise AzureDown("503") if verb == "open_sandbox" else ContainerLost("404")

    setattr(heart.assistant, verb, fail)
    turn = await heart.ask("add them", files=shared(heart, 2))
    assert heart.outcome(turn).text == ANSWER
    assert len(late(heart)) == (2 if verb == "open_sandbox" else 1)


async def test_an_error_that_ends_the_turn_ends_all_that_it_has_begun(heart: Heart) -> None:
    held = heart.hold(heart.assistant, "add_file")
    turn = await heart.say("add them", files=shared(heart, TRANSFERS))
    await heart.until(lambda: len(held.inside) == TRANSFERS and heart.assistant.sandboxes)

    async def fail(*_: Any) -> Any:
        raise WrongKey("401")

    held._work = fail
    held.let()
    await heart.ended(turn)
    assert type(heart.outcome(turn).error) is WrongKey
    assert held.inside == []
    assert (heart.spool.used, heart.assistant.sandboxes, heart.prompts) == (0, {}, [])


# ── stop ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("verb", ["resolve", "open_thread", "open_sandbox", "add_file", "fill_sandbox"])
async def test_a_stop_meanwhile_ends_all_at_once_and_leaves_no_sandbox(heart: Heart, verb: str) -> None:
    held = heart.hold(heart.workplace if verb == "resolve" else heart.assistant, verb)
    turn = await heart.say("add them", files=shared(heart, 2))
    await heart.until(lambda: held.inside)
    await heart.settled()
    await heart.ask("stop", user=BEN, thread=thread_of(turn))
    await heart.ended(turn)
    outcome, row = heart.outcome(turn), await heart.row(turn)
    assert (outcome.kind, outcome.by, row.outcome, row.stopped_by) == ("stopped", "Ben", "stopped", BEN)
    assert (held.inside, heart.prompts, heart.spool.used, heart.assistant.sandboxes) == ([], [], 0, {})
    held.end()
    again = await heart.ask("and now?", thread=thread_of(turn))
    assert heart.outcome(again).text == ANSWER
    assert [file.original_name for file in heart.prompts[0].files] == ["0.csv", "1.csv"]
    assert names(heart) == ["0.csv", "1.csv"]
    assert late(heart) == []


async def test_files_that_are_only_added_can_be_stopped_too(heart: Heart) -> None:
    held = heart.hold(heart.assistant, "add_file")
    files = [heart.share("0.csv", channel=DIRECT), heart.share("1.csv", channel=DIRECT)]
    turn = await heart.say("", files=files, mentions_bot=False, channel=DIRECT)
    await heart.until(lambda: len(held.inside) == 2)
    await heart.ask("stop", thread=thread_of(turn), channel=DIRECT)
    await heart.ended(turn)
    assert heart.outcome(turn).kind == "stopped"
    assert held.inside == []


async def test_a_question_that_is_deleted_meanwhile_leaves_nothing(heart: Heart) -> None:
    held = heart.hold(heart.assistant, "add_file")
    turn = await heart.say("add them", files=shared(heart, 2))
    await heart.until(lambda: held.inside and heart.assistant.sandboxes)
    await heart.conversations.intake.deleted(TEAM, CHANNEL, thread_of(turn))
    await heart.ended(turn)
    assert (heart.parts(turn), heart.assistant.sandboxes, held.inside) == ([], {}, [])


# ── a sandbox that nobody needs ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_sandbox_that_no_run_was_given_is_gone_with_the_turn(heart: Heart) -> None:
    heart.model(Failed(AzureDown("503")))
    run = heart.assistant.run
    heart.assistant.run = lambda *_: _refused()  # type: ignore[method-assign]
    turn = await heart.ask("add them", files=shared(heart, 1))
    assert heart.outcome(turn).kind == "failed"
    assert heart.assistant.sandboxes == {}
    heart.assistant.run = run  # type: ignore[method-assign]
    heart.model(Finished(ANSWER))
    await heart.ask("add them", thread=thread_of(turn))
    assert len(heart.assistant.sandboxes) == 1


async def _refused() -> Any:
    yield Failed(AzureDown("503"))


async def test_a_sandbox_that_a_run_was_given_stays_for_the_next_one(heart: Heart) -> None:
    heart.model(TextDelta("no"), Failed(AzureDown("503")))
    first = await heart.ask("add them", files=shared(heart, 1))
    heart.model(Finished(ANSWER))
    await heart.ask("again", thread=thread_of(first))
    (sandbox,) = heart.assistant.sandboxes.values()
    assert len(sandbox.runs) == 2


# ── a death meanwhile ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_death_meanwhile_repeats_only_what_was_not_done(heart: Heart) -> None:
    held = heart.hold(heart.assistant, "add_file")
    files = shared(heart, 6)
    turn = await heart.say("add them", files=files)
    await heart.until(lambda: len(held.inside) == TRANSFERS)
    held.let("0.csv")
    held.let("1.csv")
    steps = select(StepRow.name).where(StepRow.name.startswith("attach:"))
    async with asyncio.timeout(5):
        while len(await heart.database.scalars(steps)) < 2:
            await heart.settled()
    await heart.until(lambda: [len(sandbox.files) for sandbox in heart.assistant.sandboxes.values()] == [2])
    await heart.until(lambda: len(held.inside) == TRANSFERS)
    await heart.settled()
    held.end(and_let=False)
    again = heart.hold(heart.assistant, "add_file")
    await heart.die()
    await heart.until(lambda: len(again.inside) == TRANSFERS)
    assert sorted(name for _, name, *_ in again.inside) == ["2.csv", "3.csv", "4.csv", "5.csv"]
    again.end()
    await heart.ended(turn)
    assert names(heart) == [file.name for file in files]
    assert [file.original_name for file in heart.prompts[0].files] == [file.name for file in files]
    (sandbox,) = heart.assistant.sandboxes.values()
    assert len(sandbox.files) == len(set(sandbox.files)) == 6
    (state,) = await heart.database.scalars(select(Conversation.state))
    assert sorted(state["files"]) == sorted(heart.assistant.files)


async def test_a_death_before_anything_lies_in_the_sandbox_leaves_no_second_one(heart: Heart) -> None:
    uploading = heart.stall(heart.assistant, "add_file")
    turn = await heart.say("how many rows?", files=[heart.share("a.csv")])
    await uploading.wait()
    async with asyncio.timeout(5):
        while not any("sandbox" in state for state in await heart.database.scalars(select(Conversation.state))):
            await heart.settled()
    await heart.die()
    await heart.ended(turn)
    assert heart.outcome(turn).kind == "finished"
    assert len(heart.assistant.sandboxes) == 1


async def test_an_outage_of_the_database_meanwhile_ends_none_of_them_for_good(heart: Heart) -> None:
    heart.watch("INSERT INTO conversation_files", refuse=2)
    turn = await heart.ask("add them", files=shared(heart, 3))
    assert heart.outcome(turn).text == ANSWER
    assert [file.original_name for file in heart.prompts[0].files] == ["0.csv", "1.csv", "2.csv"]
    assert late(heart) == []
    assert len(heart.assistant.sandboxes) == 1
