"""Each question, file, refusal, deletion and setting is one line of the audit, without anybody's words."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any

import pytest
from sqlalchemy import select

from azure_assistant.errors import ContentFiltered
from azure_assistant.events import CodeFinished, Failed, Finished, TextDelta, Usage
from conversations.access.budgets import BudgetName, Budgets, Limit
from conversations.access.limits import Limits
from conversations.audit import stream
from conversations.audit.entry import Entry, as_line
from conversations.audit.log import note
from conversations.audit.reading import read_audit
from conversations.database.models import AuditRow, Question
from conversations.planning import file_search
from conversations.ports.incoming import Press, PressKind
from conversations.ports.windows import Modal
from conversations.ports.workplace import Person
from conversations.store.installations import Installations, Installed
from conversations.store.prices import Prices
from tests.heart.heart import ANN, BEN, BOT, CHANNEL, DIRECT, TEAM, Heart, thread_of
from tests.heart.test_forget_many import asked, forget
from tests.heart.test_outages import CHART
from tests.heart.test_removal import a_day_later, remove

SECRET = "Zebrafink"
"""A word that stands in each text, name, cell and code; no line may have it."""

GUEST, DAY = "U3", 86_400.0


async def lines(heart: Heart, **same: Any) -> list[dict[str, Any]]:
    """The audit so far, as its export tells it; those lines that have some members."""
    told = await asyncio.to_thread(lambda: list(read_audit(str(heart.database.url), 0, time.time() + 1)))
    assert SECRET.lower() not in "".join(told).lower()
    found = [json.loads(line) for line in told]
    return [line for line in found if line.items() >= same.items()]


async def line(heart: Heart, **same: Any) -> dict[str, Any]:
    (found,) = await lines(heart, **same)
    return found


async def press(heart: Heart, kind: PressKind, value: str = "", **more: Any) -> str:
    """Press something; returns the id of its job when that has ended."""
    usual = {"user": ANN, "channel": CHANNEL, "at": heart.ts(), "value": value}
    pressed = Press(kind, TEAM, **{**usual, **more})
    await heart.conversations.presses.accept(pressed)
    job = f"{TEAM}:{pressed.channel}:{pressed.at}:press:{kind}:{pressed.user}"
    await heart.ended(job)
    return job


async def ask(heart: Heart, text: str = "?", **more: Any) -> str:
    return await heart.ask(f"{SECRET} {text}", **more)


async def test_an_answer_is_one_line_with_what_it_took(idle: Heart) -> None:
    await idle.start(prices=Prices(input=10.0, output=100.0, currency="EUR"))
    idle.model(CodeFinished(0, SECRET, SECRET), CHART, Finished(f"It is {SECRET}.", Usage(2000, 500, 100, 0.5, 1)))
    turn = await ask(idle)
    accepted = (await idle.row(turn)).accepted_at
    told = await line(idle, what="question")
    assert told.pop("asked_at").startswith(time.strftime("%Y-%m-%dT%H:%M", time.gmtime(accepted)))
    assert told.pop("at") > "2026"
    place = {"team": TEAM, "channel": CHANNEL, "user": ANN, "about": turn, "id": turn, "what": "question"}
    tokens = {"input_tokens": 2000, "cached_tokens": 500, "output_tokens": 100, "containers": 1}
    assert told == place | tokens | {"outcome": "answered", "made": 1, "cost": 0.03, "currency": "EUR"}


async def test_each_file_that_goes_to_the_model_is_a_line(heart: Heart) -> None:
    file = heart.share(f"{SECRET}.csv", user=BEN, version="1-8")
    first = await ask(heart, files=[file])
    await ask(heart, "again", thread=thread_of(first))
    told = await line(heart, what="file")
    assert (told["user"], told["owner"], told["about"], told["turn"]) == (ANN, BEN, file.id, first)
    assert (told["size"], told["version"]) == (8, "1-8")


async def test_each_outcome_is_a_line(idle: Heart) -> None:
    await idle.start(limits=Limits(thread_queue=1))
    idle.workplace.people[GUEST] = Person(GUEST, SECRET, team=TEAM, is_guest=True)
    idle.workplace.people[BOT] = Person(BOT, SECRET, team=TEAM, is_bot=True)
    guests, bots = await ask(idle, user=GUEST), await ask(idle, user=BOT)
    idle.model(Failed(ContentFiltered()))
    failed = await ask(idle)
    go = asyncio.Event()
    idle.model(go, Finished(SECRET))
    running = await idle.say(f"{SECRET}!")
    limited = await ask(idle, thread=thread_of(running))
    again = idle.written(f"{SECRET}!", thread=thread_of(running))
    await idle.take(again)
    await idle.ask("stop", thread=thread_of(running), user=BEN)
    deleted = await idle.say(f"{SECRET}?")
    await idle.conversations.intake.deleted(TEAM, CHANNEL, thread_of(deleted))
    go.set()
    await idle.ended(running, deleted)
    found = {one["id"]: (one["what"], one["outcome"], one.get("error")) for one in await lines(idle)}
    stop = found.pop(next(key for key, told in found.items() if told[0] == "command"))
    assert stop == ("command", "answered", None)
    assert found == {
        guests: ("refusal", "refused", "GuestNotTaken"),
        bots: ("refusal", "refused", "AskedByBot"),
        failed: ("question", "failed", "ContentFiltered"),
        running: ("question", "stopped", None),
        limited: ("refusal", "failed", "ThreadQueueFull"),
        f"{TEAM}:{CHANNEL}:{again.ts}": ("question", "dropped", None),
        deleted: ("question", "dropped", None),
    }
    assert (await line(idle, id=running))["stopped_by"] == BEN
    assert {one.id for one in await idle.rows()} == {*found, (await line(idle, command="stop"))["id"]}


@pytest.mark.thorough
async def test_what_a_budget_or_a_pause_turns_away_is_a_line(idle: Heart) -> None:
    limits = {BudgetName("person", "day"): Limit(questions=1)}
    await idle.start(admins=(ANN,), budgets=Budgets(limits))
    await ask(idle)
    await ask(idle)
    await press(idle, PressKind.PAUSE, "pause")
    await ask(idle, user=BEN)
    told = [(one["user"], one["outcome"], one["error"]) for one in await lines(idle, what="refusal")]
    assert told == [(ANN, "failed", "PersonBudgetSpent"), (BEN, "failed", "PausedHere")]


@pytest.mark.thorough
async def test_what_is_asked_back_is_a_line(heart: Heart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_search, "UPLOAD_SECONDS", 0.05)
    heart.share("weather.csv")
    asked = await heart.ask("total of nowhere.csv")
    told = await line(heart, id=asked)
    assert (told["outcome"], told["what"]) == ("asked", "question")


@pytest.mark.thorough
async def test_words_to_the_bot_say_what_they_came_to(heart: Heart) -> None:
    first = await ask(heart)
    for word in ("mute", "unmute", "forget"):
        await heart.ask(word, thread=thread_of(first))
    await heart.ask("stop", channel=DIRECT)
    told = [(one["command"], one["told"]) for one in await lines(heart, what="command")]
    assert told == [("mute", "muted"), ("unmute", "unmuted"), ("forget", "forgotten"), ("stop", "nothing_to_stop")]


async def test_forget_leaves_a_line_of_who_and_where_and_that_it_is_gone_at_the_model(heart: Heart) -> None:
    first = await ask(heart)
    (thread,) = heart.assistant.threads
    await heart.ask("forget", thread=thread_of(first), user=BEN)
    told = await line(heart, command="forget")
    assert (told["what"], told["told"], told["user"]) == ("refusal", "forget_refused", BEN)
    assert await lines(heart, what="deletion") == []
    await heart.ask("forget", thread=thread_of(first))
    here, there = await lines(heart, what="deletion")
    assert (here["user"], here["about"], here["of"], here["why"]) == (ANN, first, "conversation", "forget")
    assert (there["about"], there["of"], there["thread"]) == (first, "assistant_thread", thread)
    assert "user" not in there
    assert await line(heart, id=first), "that it was asked stays"


@pytest.mark.thorough
async def test_forget_mine_leaves_a_line_for_the_request_and_for_each_conversation(heart: Heart) -> None:
    turns = [await ask(heart), await ask(heart, channel="C2")]
    await forget(heart, "mine")
    request, *told = [one for one in await lines(heart, why="forget_mine") if one["user"] == ANN]
    assert (request["of"], request.get("channel")) == ("request", None)
    assert {(one["of"], one["about"]) for one in told} == {("conversation", turn) for turn in turns}
    with pytest.raises(AssertionError):
        await asked(heart, "channel", user=BEN)
    assert (await line(heart, what="refusal"))["error"] == "ChannelNotYours"


@pytest.mark.thorough
async def test_the_end_of_a_workspace_leaves_lines(heart: Heart) -> None:
    await Installations(heart.database).put(Installed(TEAM, "", SECRET, BOT, "B1", time.time() - 100))
    heart.model(TextDelta(SECRET), asyncio.Event())
    turn = await heart.say(f"{SECRET}?")
    await heart.until(lambda: heart.prompts)
    await remove(heart)
    await heart.ended(turn)
    assert (await line(heart, what="question"))["outcome"] == "removed"
    assert (await line(heart, app="removed"))["team"] == TEAM
    await a_day_later(heart)
    assert {one["of"] for one in await lines(heart, what="deletion")} == {
        "conversation",
        "assistant_thread",
        "workspace",
    }


@pytest.mark.thorough
async def test_the_night_leaves_lines_and_the_audit_has_a_retention_of_its_own(idle: Heart) -> None:
    await idle.start(retention_days=10, audit_days=20)
    first = await ask(idle)
    await _age(idle, 30 * DAY)
    second = await ask(idle)
    await idle.conversations._clean()
    told = {one.get("of"): one for one in await lines(idle, what="deletion")}
    assert told.keys() == {"conversation", "assistant_thread", "questions"}
    assert (told["conversation"]["about"], told["conversation"]["why"]) == (first, "retention")
    assert told["questions"]["number"] == 1
    assert [one["id"] for one in await lines(idle, what="question")] == [second]


async def _age(heart: Heart, seconds: float) -> None:
    """Let everything so far be so much older."""

    def age(session: Any) -> None:
        for table, columns in {"audit": ["at"], "questions": ["accepted_at"], "conversations": ["used_at"]}.items():
            for column in columns:
                session.connection().exec_driver_sql(f"update {table} set {column} = {column} - {seconds}")

    await heart.database.run(age)


@pytest.mark.thorough
async def test_a_deleted_file_and_answer_are_lines(heart: Heart) -> None:
    file = heart.share(f"{SECRET}.csv")
    turn = await ask(heart, files=[file])
    job = await press(heart, PressKind.DELETE, turn, thread=thread_of(turn))
    told = await line(heart, of="answer")
    assert (told["id"], told["about"], told["user"]) == (job, turn, ANN)
    heart.replies.under_way.clear()  # what is retracted need not be closed
    await heart.conversations.changes.file_deleted(TEAM, file.id, heart.ts())
    await heart.settled()
    told = await line(heart, of="file")
    assert (told["file"], told["about"], "user" in told) == (file.id, turn, False)


@pytest.mark.thorough
async def test_what_a_channel_chooses_is_a_line(heart: Heart) -> None:
    heart.workplace.people["UBOT2"] = Person("UBOT2", SECRET, is_bot=True)
    heart.workplace.people[ANN] = Person(ANN, SECRET, team=TEAM, is_admin=True)
    await press(heart, PressKind.CHOOSE_CARD, "card off")
    await press(heart, PressKind.PAUSE, "pause")
    await press(heart, PressKind.PAUSE, "resume workspace")
    await press(heart, PressKind.CHOOSE_BOTS, "bots add <@UBOT2>", user=BEN)
    await press(heart, PressKind.CHOOSE_BOTS, f"bots remove {SECRET}", user=BEN)
    told = [
        [one[name] for name in ("user", "channel", "card", "pause", "bots", "bot") if name in one]
        for one in await lines(heart)
    ]
    assert told == [
        [ANN, CHANNEL, "off"],
        [ANN, CHANNEL, "on"],
        [ANN, "off"],
        [BEN, CHANNEL, "add", "UBOT2"],
        [BEN, CHANNEL, "remove", "UBOT2"],
    ]
    assert {one["what"] for one in await lines(heart)} == {"setting"}


async def test_a_press_that_is_not_followed_is_a_line(heart: Heart) -> None:
    turn = await ask(heart)
    await press(heart, PressKind.STOP, f"{TEAM}:C2:{SECRET}")
    await press(heart, PressKind.STOP, turn, thread=thread_of(turn), user="U9")
    told = [(one["press"], one["user"], one["error"]) for one in await lines(heart, what="refusal")]
    assert told == [("stop", ANN, "NotHere"), ("stop", "U9", "StrangerNotTaken")]


@pytest.mark.thorough
async def test_what_only_admins_may_is_a_line_when_others_try(heart: Heart) -> None:
    await press(heart, PressKind.PAUSE, "pause", user=BEN)
    await heart.conversations.slash.answer(Press(PressKind.COMMAND, TEAM, ANN, "drop", channel=CHANNEL), Modal())
    heart.workplace.people[GUEST] = Person(GUEST, SECRET, team=TEAM, is_guest=True)
    await heart.conversations.interactions.home(TEAM, GUEST)
    told = [(one["press"], one["user"], one["error"]) for one in await lines(heart, what="refusal")]
    assert told == [("pause", BEN, "AdminsOnly"), ("command", ANN, "AdminsOnly"), ("home", GUEST, "GuestNotTaken")]


@pytest.mark.thorough
async def test_cards_are_lines_also_those_that_nobody_gets(heart: Heart) -> None:
    heart.workplace.people[GUEST] = Person(GUEST, SECRET, team=TEAM, is_guest=True)
    shared = heart.written(SECRET, mentions_bot=False, files=[heart.share(f"{SECRET}.csv")])
    await heart.take(shared)
    card = f"{TEAM}:{CHANNEL}:{shared.ts}:card"
    await heart.ended(card)
    assert (await line(heart, what="card"))["about"] == card
    await heart.conversations.intake.deleted(TEAM, CHANNEL, shared.ts)
    await heart.settled()
    assert (await line(heart, of="card"))["about"] == card
    heart.replies.under_way.clear()
    guests = heart.written(SECRET, mentions_bot=False, user=GUEST, files=[heart.share(f"{SECRET}.csv")])
    await heart.take(guests)
    await heart.ended(f"{TEAM}:{CHANNEL}:{guests.ts}:card")
    told = await line(heart, what="refusal")
    assert (told["user"], told["job"], told["error"]) == (GUEST, "card", "GuestNotTaken")


@pytest.mark.thorough
async def test_what_is_dropped_by_an_admin_is_a_line(idle: Heart) -> None:
    await idle.start(admins=(ANN,))
    turn = await ask(idle)
    await idle.database.run(lambda db: idle.database.change(db, Question, turn, {"set_aside": 1.0}))
    command = Press(PressKind.COMMAND, TEAM, ANN, f"drop {turn}", channel=CHANNEL)
    await idle.conversations.slash.answer(command, Modal())
    told = await line(idle, what="setting")
    assert (told["user"], told["about"], told["set_aside"]) == (ANN, turn, "dropped")


async def test_after_a_crash_at_the_outcome_there_is_one_line(heart: Heart) -> None:
    stalled = heart.stall(heart.conversations._turns._outcomes._records, "close", after=True)
    turn = await heart.say("?", files=[heart.share("sales.csv")])
    await stalled.wait()
    await heart.die()
    await heart.ended(turn)
    assert len(await lines(heart, what="question")) == len(await lines(heart, what="file")) == 1


async def test_a_line_that_a_payload_has_made_up_holds_no_words(heart: Heart) -> None:
    foreign = Entry(f"#{SECRET}", "refusal", f"{SECRET} is here", "C1\n{}", "ü", "x" * 200, {"press": f"say {SECRET}"})
    await heart.database.run(lambda session: note(session, foreign))
    (told,) = await heart.database.scalars(select(AuditRow))
    assert [told.team, told.channel, told.user, told.about, told.facts] == ["?", "?", "?", "?", {"press": "?"}]
    assert SECRET not in as_line(vars(told))
    assert "\n" not in as_line(vars(told))
    await heart.database.run(lambda session: note(session, foreign))
    assert len(await lines(heart)) == 1


async def test_the_stream_tells_what_is_durable_once(heart: Heart, monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[str]()
    handler = logging.Handler()
    monkeypatch.setattr(handler, "emit", lambda record: told.append(record.getMessage()))
    monkeypatch.setattr(stream.log, "disabled", False)
    monkeypatch.setattr(stream.log, "level", logging.INFO)
    stream.log.addHandler(handler)
    try:
        first, second = Entry("1", "setting"), Entry("2", "setting")

        def fails(session: Any) -> None:
            note(session, second)
            raise ValueError

        done = [heart.database.run(lambda db: note(db, first)) for _ in range(2)]
        results = await asyncio.gather(*done, heart.database.run(fails), return_exceptions=True)
    finally:
        stream.log.removeHandler(handler)
    assert [type(result).__name__ for result in results] == ["NoneType", "NoneType", "ValueError"]
    assert [json.loads(one)["id"] for one in told] == ["1"]


@pytest.mark.thorough
async def test_an_export_reads_in_parts_from_since_until_of_a_team(
    heart: Heart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.audit.reading.AT_ONCE", 2)

    def write(session: Any) -> None:
        for number in range(7):
            note(session, Entry(f"{6 - number}", "setting", "T2" if number == 3 else TEAM, at=1000.0 + number // 2))

    await heart.database.run(write)

    def read(since: float, until: float, team: str = "") -> str:
        found = [json.loads(told) for told in read_audit(str(heart.database.url), since, until, team)]
        return "".join(one["id"] for one in found)

    assert await asyncio.to_thread(read, 0, 2000) == "5634120"
    assert await asyncio.to_thread(read, 1001, 1003) == "3412"
    assert await asyncio.to_thread(read, 1001, 1003, "T2") == "3"
