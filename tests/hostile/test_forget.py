"""H7: what was forgotten is nowhere any more, and what has outlived its retention neither."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.faults.rows import tables
from tests.faults.test_housekeeping import clean
from tests.hostile.bytes import words_in, written
from tests.hostile.restarted import Inside, inside
from tests.support.postgres import fresh_database
from tests.support.world import ANN, BOB, KENJI, words_of

FILE = "kumquat-file.csv"
DROPPED = "satsuma-file.csv"
CHART = "quince-chart.png"
CODE = "loganberry"
QUESTION, ANSWER, PARTIAL, WAITING = "durian", "mangosteen", "tamarind", "jabuticaba"
OTHERS_WORDS, DROP_WORDS, REASON, NAME = "physalis", "pitahaya", "sapodilla", "Rambutan"
KEPT = "persimmon"
WORDS = [
    FILE, DROPPED, CHART, CODE, QUESTION, ANSWER, PARTIAL, WAITING, OTHERS_WORDS, DROP_WORDS, REASON, NAME, "山竹"
]  # fmt: skip
ASKER = "U0RAMBUTAN"
DAY = 86_400


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """PostgreSQL's; "" for SQLite in the test's own folder."""
    if request.param == "sqlite":
        yield ""
    else:
        with fresh_database(request.getfixturevalue("postgres")) as url:
            yield url


async def test_h7_forget_leaves_nothing_and_a_forgotten_question_is_not_answered(
    tmp_path: Path, database_url: str
) -> None:
    async with inside(tmp_path, database_url) as world:
        channel, root = await talk_about_everything(world)
        await world.answer(f"[[say {KEPT}]]", channel=world.new_channel())
        await world.slack.human.post(channel, f"I say {OTHERS_WORDS}", thread=root, user=BOB)
        running = await world.ask(f"[[say {PARTIAL}]] [[wait gate]]", channel=channel, thread=root, user=ASKER)
        await world.model.reached("gate")
        queued = await world.ask(f"[[say {WAITING}]]", channel=channel, thread=root)
        await world.acked(queued)
        assert words_in(await read(world), [*WORDS, KEPT]) == [*WORDS, KEPT], "a test that cannot fail"
        await world.ask("forget", channel=channel, thread=root, user=ASKER)
        await world.says(channel, root, "Stopped by")
        world.model.gate().set()
        await world.says(channel, root, "I have forgotten this conversation and its files.")
        assert sum("Stopped by" in words_of(message) for message in world.slack.bot_messages(channel, root)) == 2
        left = await read(world)
        assert words_in(left, WORDS) == []
        assert words_in(left, [KEPT, root, running, queued]) == [KEPT, root, running, queued]
        assert len(world.azure.conversations) == 1, "the other thread's"
        assert all("chart-" in file.filename for file in world.azure.files.values())
        assert len(world.azure.containers) == 1, "the same"
        await delivered_again(world, channel, root)
        await world.again()
        await delivered_again(world, channel, root)
        assert words_in(await read(world), WORDS) == []


async def test_h7_a_forgotten_channel_leaves_nothing_but_what_is_elsewhere(tmp_path: Path, database_url: str) -> None:
    async with inside(tmp_path, database_url) as world:
        channel, root = await talk_about_everything(world)
        await world.answer(f"[[say {KEPT}]]", channel=world.new_channel())
        running = await world.ask(f"[[say {PARTIAL}]] [[wait gate]]", channel=channel, user=BOB)
        await world.model.reached("gate")
        await world.slack.human.slash("/analyst", "forget channel", channel=channel)
        views = world.slack.workspace.views
        view = await world.slack.wait(lambda _: next((key for key, view in views.items() if view.user == ANN), ""))
        assert "Conversations: 2. Questions: 2." in words_of(views[view].body)
        await world.slack.human.submit_view(view)
        await world.says(channel, running, "Stopped by")
        world.model.gate().set()
        direct = world.slack.direct(ANN)
        await world.slack.wait(lambda s: any("I have forgotten" in words_of(said) for said in s.messages(direct)))
        left = await read(world)
        assert words_in(left, [*WORDS[:7], *WORDS[9:], KEPT, root]) == [KEPT, root]
        assert len(world.azure.conversations) == 1, "the other channel's"
        await delivered_again(world, channel, root)


async def talk_about_everything(world: Inside) -> tuple[str, str]:
    """A thread with all that a bot comes to know; its channel and ts."""
    world.slack.add_user(ASKER, NAME)
    channel = world.new_channel()
    world.slack.channels[channel].members.append(ASKER)
    dropped = [(DROPPED, b"fruit,number\ncloudberry,1\n")]
    root = await world.slack.human.post(channel, f"{DROP_WORDS} and more", user=ASKER, files=dropped)
    await world.slack.wait(lambda slack: slack.bot_messages(channel, root))
    file = [(FILE, b"fruit,number\ncherry,1\n")]
    question = f"{QUESTION} 山竹 [[say {ANSWER}]] [[read {CODE}]] [[files]] [[chart {CHART}]]"
    await world.ask(question, channel=channel, thread=root, user=ASKER, files=file)
    answers = await world.outcomes(channel, root, files=1)
    answer = next(message for message in answers if ANSWER in words_of(message))
    turn = f"{world.slack.team}:{channel}:{answer['metadata']['event_payload']['turn'].rpartition(':')[2]}"
    await world.slack.human.press(answer["ts"], "answer_feedback", channel=channel, value=f"down {turn}", user=ASKER)
    views = await world.slack.wait(lambda slack: list(slack.workspace.views))
    assert views
    await world.slack.human.submit_view(views[-1], {"reason": {"reason": REASON}}, user=ASKER)
    return channel, root


async def delivered_again(world: Inside, channel: str, root: str) -> None:
    """Slack sends every message of a thread once more: nothing is asked, and nothing said."""
    asked, said = len(world.model.requests), len(world.slack.bot_messages(channel, root))
    for envelope in list(world.slack.envelopes):
        event = envelope.event
        if event.get("type") in {"message", "app_mention"} and root in {event.get("ts"), event.get("thread_ts")}:
            world.slack.faults.redeliver(envelope.event_id)
    await world.answer("[[say settled]]", channel=world.new_channel())
    assert len(world.model.requests) == asked + 1
    assert len(world.slack.bot_messages(channel, root)) == said


async def read(world: Inside) -> bytes:
    return await asyncio.to_thread(written, world.folder, world.database_url)


# ── Azure does not delete ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/conversations/*/items", "/files/*"])
async def test_h7_what_azure_does_not_delete_is_said_and_tried_again_at_night(tmp_path: Path, path: str) -> None:
    async with inside(tmp_path) as world:
        channel = world.new_channel()
        file = [(FILE, b"a,b\n1,2\n")]
        root = await world.ask(f"{QUESTION} [[code 1]] [[say {ANSWER}]]", channel=channel, files=file)
        await world.outcomes(channel, root)
        method = "GET" if path.endswith("items") else "DELETE"
        world.azure.faults.add("server_error", path=path, method=method, times=None)
        await world.ask("forget", channel=channel, thread=root)
        await world.says(channel, root, "Azure OpenAI has not deleted its copies yet")
        assert words_in(await read(world), [QUESTION, ANSWER, FILE]) == []
        assert len(left_at_azure(world)) == 1, "what can be deleted is"
        world.azure.faults.clear()
        await at_night(world)
        assert left_at_azure(world) == []


def left_at_azure(world: Inside) -> list[object]:
    files = [file for file in world.azure.files.values() if file.filename == FILE]
    return [*world.azure.conversations.values(), *files, *world.azure.containers.values()]


async def test_h7_forgetting_survives_the_bots_end_while_azure_hangs(tmp_path: Path) -> None:
    async with inside(tmp_path, DRAIN_SECONDS="0.1") as world:
        channel = world.new_channel()
        root = await world.ask(f"[[say {ANSWER}]]", channel=channel)
        await world.outcomes(channel, root)
        hanging = world.azure.faults.add("hang", path="/conversations/*", method="DELETE", times=None)
        await world.ask("forget", channel=channel, thread=root)
        await world.azure.wait(lambda _: hanging.hits, 30)
        assert words_in(await read(world), [ANSWER]) == []
        world.azure.faults.clear()
        await world.again()
        await world.says(channel, root, "I have forgotten this conversation and its files.")
        assert not world.azure.conversations


# ── words to the bot ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_h7_who_may_not_forget_stops_nobody(tmp_path: Path) -> None:
    async with inside(tmp_path) as world:
        channel = world.new_channel()
        root = await world.ask("[[say first]]", channel=channel, user=KENJI)
        await world.outcomes(channel, root)
        asked = await world.ask("[[wait gate]] [[say finished]]", channel=channel, thread=root, user=KENJI)
        await world.model.reached("gate")
        refused = await world.ask("forget", channel=channel, thread=root, user=BOB)
        await world.acked(refused)
        await world.answer("[[say elsewhere]]", channel=world.new_channel())
        world.model.gate().set()
        said = await world.says(channel, root, "who began this conversation")
        assert "finished" in said
        assert "Stopped" not in said
        assert words_in(await read(world), [asked]) == [asked]


async def test_h7_nothing_to_forget_is_said(tmp_path: Path) -> None:
    async with inside(tmp_path) as world:
        direct = world.slack.direct(KENJI)
        ts = await world.slack.human.post(direct, "forget", user=KENJI)
        await world.says(direct, ts, "忘れるものがありません")


async def test_h7_a_forgotten_question_is_not_tried_again(tmp_path: Path) -> None:
    async with inside(tmp_path) as world:
        channel = world.new_channel()
        world.azure.faults.add("unauthorized", path="/responses", method="POST")
        root = await world.ask(f"{QUESTION} [[say {ANSWER}]]", channel=channel)
        (failed,) = await world.outcomes(channel, root)
        await world.ask("forget", channel=channel, thread=root)
        await world.says(channel, root, "I have forgotten")
        asked = len(world.model.requests)
        await world.slack.human.press(failed["ts"], "try_again", channel=channel)
        await world.says(channel, root, "Share a data file")
        assert len(world.model.requests) == asked


# ── retention ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_h7_what_is_past_its_retention_goes_row_by_row(tmp_path: Path, database_url: str) -> None:
    """A conversation in use forgets what was asked too long ago, at Azure as well, and goes on."""
    async with inside(tmp_path, database_url, RETENTION_DAYS="30") as world:
        channel = world.new_channel()
        file = [(FILE, b"a,b\n1,2\n")]
        root = await world.ask(f"{QUESTION} [[code 1]] [[say {ANSWER}]] [[chart {CHART}]]", channel=channel, files=file)
        await world.outcomes(channel, root, files=1)
        young = await world.ask(f"[[say {KEPT}]]", channel=channel, thread=root)
        await world.outcomes(channel, root, 2)
        assert words_in(await read(world), [QUESTION, ANSWER, CHART, FILE]) == [QUESTION, ANSWER, CHART, FILE]
        turn = f"{world.slack.team}:{channel}:{root}"
        await asyncio.to_thread(let_one_question_grow_old, world.database_url, turn)
        await at_night(world)
        left = await read(world)
        assert words_in(left, [QUESTION, ANSWER, CHART]) == []
        assert words_in(left, [KEPT, young, FILE]) == [KEPT, young, FILE], "what the younger answer is from"
        assert not world.azure.conversations
        await world.ask("[[code]] [[context]] [[history]]", channel=channel, thread=root)
        await world.outcomes(channel, root, 3)
        assert KEPT in "\n".join(world.model.requests[-1].user_parts), "what is younger goes along"
        assert QUESTION not in "\n".join(world.model.requests[-1].user_parts)
        assert FILE in "\n".join(world.model.requests[-1].user_parts), "the thread has it still, so it is used again"


def let_one_question_grow_old(url: str, turn: str) -> None:
    """Let a question, and the files that were shared with it, be 40 days older than their conversation's last use."""
    ours, engines = tables(url)
    with ours.begin() as connection:
        connection.execute(
            text("update questions set accepted_at = accepted_at - :old where id = :turn"),
            {"turn": turn, "old": 40 * DAY},
        )
        connection.execute(text("update conversation_files set shared_at = shared_at - :old"), {"old": 40 * DAY})
    ours.dispose()
    engines.dispose()


async def at_night(world: Inside) -> None:
    """What the clock does each night, done when this returns."""
    with logged("Housekeeping:", "conversations.privacy.forgetting") as done:
        await asyncio.to_thread(clean, world.database_url)
        await asyncio.wait_for(done.wait(), 30)


@contextmanager
def logged(words: str, logger: str) -> Iterator[asyncio.Event]:
    """An event that is set when a line is logged that begins with some words."""
    found = asyncio.Event()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.getMessage().startswith(words):
                found.set()

    source, listener = logging.getLogger(logger), Listener()
    source.addHandler(listener)
    source.setLevel(logging.INFO)
    try:
        yield found
    finally:
        source.removeHandler(listener)
