"""Budgets: what is reserved before a question's first call, what is settled, and who is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from azure_assistant.errors import RateLimited
from azure_assistant.events import CallsMade, Failed, Finished, FunctionCall, TextDelta, Usage
from conversations.access.budgets import NAMES, BudgetName, Budgets, Limit
from conversations.access.ledger import Ledger, drop_before
from conversations.database.database import Database
from conversations.database.models import BudgetUse, Question, Reservation
from conversations.errors import LimitError
from conversations.ports.incoming import Press, PressKind, UserText
from conversations.ports.notices import Notice
from conversations.ports.windows import Modal
from conversations.store.conversations import ConversationStore
from conversations.store.prices import Prices
from conversations.store.questions import QuestionStore, question_id
from tests.heart.heart import ANN, ANSWER, BEN, CHANNEL, TEAM, Heart, thread_of
from tests.support.postgres import fresh_database

PRICES = Prices(input=1_000_000.0, output=0.0)
"""A token that is read costs 1."""

COST = Usage(input_tokens=100, output_tokens=20)


def only(name: BudgetName, limit: Limit, estimate: int = 50) -> Budgets:
    return Budgets({name: limit}, estimate_tokens=estimate)


PERSON_DAY, PERSON_MONTH, CHANNEL_DAY, _, WORKSPACE_DAY, WORKSPACE_MONTH = NAMES


def error_of(heart: Heart, turn: str) -> LimitError:
    error = heart.outcome(turn).error
    assert isinstance(error, LimitError)
    return error


async def used(heart: Heart) -> list[tuple[int, int, float]]:
    """Questions, tokens and money of each budget."""
    rows = await heart.database.scalars(select(BudgetUse).order_by(BudgetUse.scope, BudgetUse.period))
    return [(row.questions, row.tokens, row.money) for row in rows]


async def a_period_later(heart: Heart) -> None:
    """What was used was used long ago."""
    await heart.database.execute(update(BudgetUse).values(period="2001-01"))


@pytest.mark.one_in(7)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("limit", [Limit(questions=1), Limit(tokens=120), Limit(money=100.0)])
async def test_each_budget_refuses_what_it_has_no_room_for_until_its_next_period(
    idle: Heart, name: BudgetName, limit: Limit
) -> None:
    await idle.start(budgets=only(name, limit), prices=PRICES)
    idle.model(Finished(ANSWER, COST))
    assert idle.outcome(await idle.ask("one?", files=[idle.share("own.csv")])).kind == "finished"
    turn = await idle.ask("two?", files=[idle.share("other.csv")])
    error = error_of(idle, turn)
    assert type(error).__name__.removesuffix("BudgetSpent").lower() == name.scope
    assert error.fields["until"] == Budgets().period(name.span, idle.now())[1]
    assert (len(idle.prompts), len(idle.assistant.files), len(idle.assistant.sandboxes)) == (1, 1, 1)
    row = await idle.row(turn)
    assert (row.state, bool(row.refused), row.text) == ("done", True, "two?"), "it can be tried again"
    await a_period_later(idle)
    assert idle.outcome(await idle.ask("three?")).kind == "finished"


@pytest.mark.thorough
async def test_of_several_budgets_the_one_that_begins_anew_last_says_when(idle: Heart) -> None:
    await idle.start(budgets=Budgets({PERSON_DAY: Limit(questions=1), WORKSPACE_MONTH: Limit(questions=1)}))
    await idle.ask("one?")
    error = error_of(idle, await idle.ask("two?"))
    assert error.fields["until"] == Budgets().period("month", idle.now())[1]


@pytest.mark.one_in(3)
@pytest.mark.parametrize(("name", "free"), [(PERSON_DAY, "person"), (CHANNEL_DAY, "channel"), (WORKSPACE_DAY, "team")])
async def test_others_have_budgets_of_their_own(idle: Heart, name: BudgetName, free: str) -> None:
    await idle.start(budgets=only(name, Limit(questions=1)))
    await idle.ask("one?")
    elsewhere = {"person": {"user": BEN}, "channel": {"channel": "C2"}, "team": {"team": "T2"}}
    outcomes = {who: idle.outcome(await idle.ask(f"{who}?", **more)).kind for who, more in elsewhere.items()}
    spared = {"team", free} if name is not WORKSPACE_DAY else {"team"}
    assert {who for who, kind in outcomes.items() if kind == "finished"} == spared


@pytest.mark.thorough
async def test_words_and_files_alone_use_nothing(idle: Heart) -> None:
    await idle.start(budgets=only(PERSON_DAY, Limit(questions=1)))
    await idle.ask("one?")
    assert idle.parts(await idle.ask("help")) == ["notice:help"]
    added = await idle.ask("", channel="D1", files=[idle.share("own.csv", channel="D1")])
    assert idle.parts(added) == ["notice:file_added"]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([Finished(ANSWER, COST)], (1, 120, 100.0)),
        ([TextDelta("The"), Failed(RateLimited("429"), usage=Usage(7, 0, 1))], (1, 8, 7.0)),
        ([TextDelta("The"), Failed(RateLimited("429"))], (1, 50, 50.0)),
    ],
    ids=["answered", "failed", "failed without a word"],
)
async def test_what_was_really_used_takes_the_estimates_place(
    idle: Heart, events: Sequence[object], expected: tuple[int, int, float]
) -> None:
    await idle.start(budgets=only(PERSON_DAY, Limit(10, 10_000)), prices=PRICES)
    idle.model(*events)
    await idle.ask("one?")
    assert await used(idle) == [expected]
    assert await idle.database.scalars(select(Reservation)) == []


async def test_what_began_no_run_used_nothing(idle: Heart) -> None:
    await idle.start(budgets=only(PERSON_DAY, Limit(10, 10_000)))
    stalled = idle.stall(idle.assistant, "open_sandbox")
    turn = await idle.say("two?")
    await asyncio.wait_for(stalled.wait(), 5)
    assert await used(idle) == [(1, 50, 0.0)]
    await idle.ended(await idle.say("stop", thread=thread_of(turn)), turn)
    assert idle.outcome(turn).kind == "stopped"
    assert await used(idle) == [(0, 0, 0.0)]


async def test_a_stopped_run_counts_as_estimated(idle: Heart) -> None:
    await idle.start(budgets=only(PERSON_DAY, Limit(10, 10_000)))
    idle.model(TextDelta("The"), asyncio.Event(), Finished(ANSWER, COST))
    turn = await idle.say("one?")
    await idle.until(lambda: idle.assistant.runs)
    await idle.ended(await idle.say("stop", thread=thread_of(turn)), turn)
    assert await used(idle) == [(1, 50, 0.0)]


async def test_calls_count_with_what_comes_after_them(idle: Heart) -> None:
    await idle.start(budgets=only(PERSON_DAY, Limit(10, 10_000)))
    idle.model(CallsMade([FunctionCall("1", "nothing", "{}")], usage=Usage(10, 0, 5)))
    idle.assistant.then = lambda *_: [Finished(ANSWER, Usage(20, 0, 7))]
    await idle.ask("one?")
    assert await used(idle) == [(1, 42, 0.0)]


async def test_a_turn_that_goes_on_after_a_crash_reserves_once(idle: Heart) -> None:
    await idle.start(budgets=only(PERSON_DAY, Limit(questions=1)))
    idle.model(Finished(ANSWER, COST))
    stalled = idle.stall(idle.assistant, "open_sandbox")
    turn = await idle.say("one?")
    await asyncio.wait_for(stalled.wait(), 5)
    assert await used(idle) == [(1, 50, 0.0)]
    await idle.die()
    await idle.ended(turn)
    assert idle.outcome(turn).text == ANSWER
    assert await used(idle) == [(1, 120, 0.0)]


@pytest.mark.thorough
async def test_what_a_run_uses_that_outlives_its_process_is_settled(idle: Heart) -> None:
    await idle.start(budgets=only(PERSON_DAY, Limit(questions=1)))
    idle.model(TextDelta("The"), go := asyncio.Event(), Finished(ANSWER, COST))
    turn = await idle.say("one?")
    await idle.until(lambda: idle.replies.under_way and idle.replies.under_way[0].live)
    await idle.die()
    assert await used(idle) == [(1, 50, 0.0)]
    go.set()
    await idle.ended(turn)
    assert await used(idle) == [(1, 120, 0.0)]


async def test_what_was_refused_stays_refused_when_its_process_dies(idle: Heart) -> None:
    await idle.start(budgets=only(PERSON_DAY, Limit(questions=1)))
    await idle.ask("one?")
    stalled = idle.stall(idle.replies, "post", after=True)
    turn = await idle.say("two?")
    await asyncio.wait_for(stalled.wait(), 5)
    await a_period_later(idle)
    await idle.die()
    await idle.ended(turn)
    assert type(error_of(idle, turn)).__name__ == "PersonBudgetSpent"
    assert await used(idle) == [(1, 50, 0.0)]


async def test_turns_at_once_go_beyond_by_what_their_estimates_lacked(idle: Heart) -> None:
    await idle.start(budgets=only(CHANNEL_DAY, Limit(tokens=1000), estimate=300))
    go = asyncio.Event()
    idle.model(TextDelta("The"), go, Finished(ANSWER, Usage(350, 0, 50)))
    turns = [await idle.say(f"{number}?") for number in range(8)]
    await idle.until(lambda: len([turn for turn in turns if turn in idle.replies.cleared]) == 5)
    go.set()
    await idle.ended(*turns)
    kinds = [idle.outcome(turn).kind for turn in turns]
    assert (kinds.count("finished"), kinds.count("failed")) == (3, 5)
    assert await used(idle) == [(3, 1200, 0.0)], "1000 and three times 100"


async def test_a_question_is_estimated_from_the_last_ones_of_its_channel(idle: Heart) -> None:
    await idle.start(budgets=only(PERSON_MONTH, Limit(tokens=9300), estimate=9000), prices=PRICES)
    for tokens in (20, 300, 10):
        idle.model(Finished(ANSWER, Usage(tokens)))
        await idle.ask("one?")
    stalled = idle.stall(idle.assistant, "open_sandbox")
    await idle.say("four?")
    await asyncio.wait_for(stalled.wait(), 5)
    assert await idle.database.scalars(select(Reservation.tokens)) == [20]
    error = error_of(idle, await idle.ask("elsewhere?", channel="C2"))
    assert type(error).__name__ == "PersonBudgetSpent", "9000 and 350 are too much"
    await idle.die()


def warnings(heart: Heart) -> list[tuple[str, str, list[object]]]:
    """Who was told of which budget, and what."""
    told = [what for verb, what in heart.windows.shown if verb == "tell"]
    return [(admin, notice.kind, [line.fields["used"] for line in notice.more]) for admin, _, notice in told]


async def test_admins_are_warned_once_of_each_budget(idle: Heart) -> None:
    await idle.start(budgets=only(CHANNEL_DAY, Limit(questions=5, tokens=10_000)), admins={ANN, BEN})
    for number in range(4):
        await idle.ask(f"{number}?")
    assert warnings(idle) == []
    for number in range(4, 7):
        await idle.ask(f"{number}?")
    await idle.until(lambda: len(warnings(idle)) == 2)
    assert warnings(idle) == [(ANN, "budget_low_channel", [4]), (BEN, "budget_low_channel", [4])]
    jobs = idle.watch("INSERT INTO chores")
    await idle.ask("refused?")
    assert jobs == []
    await idle.ask("elsewhere?", channel="C2")
    assert len(warnings(idle)) == 2


@pytest.mark.thorough
async def test_without_admins_the_log_says_it(idle: Heart, caplog: pytest.LogCaptureFixture) -> None:
    await idle.start(budgets=only(WORKSPACE_DAY, Limit(questions=1)))
    await idle.ask("one?")
    await idle.ask("two?")
    await idle.until(lambda: "BUDGET_WORKSPACE_DAY of T1 is nearly used up" in caplog.text)
    assert warnings(idle) == []


async def test_the_status_tells_what_is_used(idle: Heart) -> None:
    limits = {PERSON_DAY: Limit(questions=5), CHANNEL_DAY: Limit(tokens=1000), WORKSPACE_DAY: Limit(questions=9)}
    await idle.start(budgets=Budgets(limits))
    idle.model(Finished(ANSWER, COST))
    await idle.ask("one?")
    await idle.ask("two?", user=BEN, channel="C2")
    press = Press(PressKind.COMMAND, TEAM, ANN, "status", channel=CHANNEL, reply="x")
    await idle.conversations.slash.answer(press, Modal())
    [notice] = [what[2] for verb, what in idle.windows.shown if verb == "reply"]
    assert isinstance(notice, Notice)
    assert [(line.kind, line.fields["setting"], line.fields["used"], line.fields["limit"]) for line in notice.more] == [
        ("budget_tokens", "BUDGET_CHANNEL_DAY", 120, 1000),
        ("budget_questions", "BUDGET_PERSON_DAY", 1, 5),
        ("budget_questions", "BUDGET_WORKSPACE_DAY", 2, 9),
    ]


@pytest.mark.thorough
async def test_the_night_takes_what_is_over(idle: Heart) -> None:
    await idle.start(budgets=Budgets({PERSON_DAY: Limit(questions=5), PERSON_MONTH: Limit(questions=9)}))
    await idle.ask("one?")
    stalled = idle.stall(idle.assistant, "open_sandbox")
    turn = await idle.say("two?")
    await asyncio.wait_for(stalled.wait(), 5)
    gone = {"turn": "T1:C1:1.0", "uses": [], "tokens": 1, "money": 0.0}
    await idle.database.run(lambda session: idle.database.upsert(session, Reservation, gone))
    month = 31 * 24 * 60 * 60.0
    for later, left in ((0.0, 2), (month, 2), (3 * month, 0)):
        at = idle.now() + later
        await idle.database.run(lambda session, at=at: drop_before(session, at))  # type: ignore[misc]
        assert len(await used(idle)) == left
    assert await idle.database.scalars(select(Reservation.turn)) == [turn]
    await idle.die()


async def test_what_ran_before_there_was_a_budget_is_answered(idle: Heart) -> None:
    await idle.start()
    idle.model(TextDelta("The"), go := asyncio.Event(), Finished(ANSWER, COST))
    seen = idle.watch("reservations")
    turn = await idle.say("one?")
    await idle.until(lambda: idle.replies.under_way and idle.replies.under_way[0].live)
    assert seen == []
    limits = only(PERSON_DAY, Limit(questions=1))
    idle.policy = replace(idle.policy, budgets=limits)
    [key] = limits.keys(CHANNEL, ANN, idle.now())
    full = {"team": TEAM, **key._asdict(), "questions": 1}
    await idle.database.run(lambda session: idle.database.upsert(session, BudgetUse, full))
    await idle.die()
    go.set()
    await idle.ended(turn)
    assert idle.outcome(turn).kind == "finished"
    assert await idle.database.scalars(select(Reservation)) == []


async def test_an_estimate_is_the_median_of_the_last_fifty_or_what_is_set(idle: Heart) -> None:
    """Of 55 turns the 29 oldest ones were large; what is closed reserves nothing any more."""
    await idle.start()
    prices, limits = replace(PRICES, container=7.0), only(PERSON_DAY, Limit(tokens=10_000))
    store, conversations = QuestionStore(idle.database), ConversationStore(idle.database)
    asked = [UserText(TEAM, CHANNEL, f"{number}.0", ANN, "?") for number in range(56)]
    asked.append(UserText(TEAM, "C2", "1.0", ANN, "?"))

    def accept(session: Session) -> None:
        for number, message in enumerate(asked):
            conversations.join(session, TEAM, message.channel, message.ts, ANN)
            store.put(session, message)
            done = {
                "state": "done",
                "run_id": "r" if number else "",
                "usage": Usage(1000 if number < 29 else 10).to_json(),
            }
            key = question_id(TEAM, message.channel, message.ts)
            if number < 55:
                idle.database.change(session, Question, key, done | {"accepted_at": float(number)})

    await idle.database.run(accept)
    ledger = Ledger(idle.database, limits, prices)
    for message in asked[::55] + asked[56:]:  # the first one is closed
        await ledger.reserve(question_id(TEAM, message.channel, message.ts))
    rows = await idle.database.scalars(select(Reservation).order_by(Reservation.turn))
    assert [(row.tokens, row.money) for row in rows] == [(10, 10.0), (50, 57.0)]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.thorough)])
async def replicas(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Sequence[Database]]:
    """A database as two processes see it; SQLite is for one."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            made = [Database(f"sqlite:///{tmp_path / 'x.db'}")]
        else:
            url = stack.enter_context(fresh_database(request.getfixturevalue("postgres")))
            made = [Database(url), Database(url)]
        for database in made:
            await database.open()
        yield made
        for database in made:
            await database.close()


async def test_replicas_reserve_and_settle_side_by_side(replicas: Sequence[Database]) -> None:
    """40 questions of two people in two channels meet at budgets with room for 10, none of which is there yet."""
    limits = {name: Limit(questions=100, tokens=1000) for name in NAMES} | {WORKSPACE_DAY: Limit(tokens=100)}
    budgets, first = Budgets(limits, estimate_tokens=10), replicas[0]
    store, conversations = QuestionStore(first), ConversationStore(first)
    asked = [
        UserText(TEAM, f"C{number % 2}", f"{number}.0", (ANN, BEN)[number // 2 % 2], "one?") for number in range(40)
    ]

    def accept(session: Session) -> None:
        for message in asked:
            conversations.join(session, TEAM, message.channel, message.ts, message.user)
            store.put(session, message)

    await first.run(accept)
    turns = [question_id(TEAM, message.channel, message.ts) for message in asked]
    ledgers = [Ledger(database, budgets, Prices()) for database in replicas]
    twice = [(ledgers[number % len(ledgers)], turn) for number, turn in enumerate([*turns, *reversed(turns)])]
    reserved = await asyncio.gather(*(ledger.reserve(turn) for ledger, turn in twice))
    kept = await first.scalars(select(Reservation.turn))
    assert len(kept) == 10
    assert len([1 for error, _ in reserved if error]) == 2 * 30, "in whichever order it is asked again"

    async def settle(number: int, turn: str) -> None:
        database = replicas[number % len(replicas)]
        await database.run(lambda session: ledgers[0].settle(session, turn))

    await asyncio.gather(*(settle(number, turn) for number, turn in enumerate([*kept, *kept])))
    assert {(use.questions, use.tokens) for use in await first.scalars(select(BudgetUse))} == {(0, 0)}


async def test_a_channel_that_moves_takes_along_what_it_has_used(idle: Heart) -> None:
    await idle.start(budgets=only(CHANNEL_DAY, Limit(questions=1)))
    await idle.ask("one?")
    await idle.conversations.changes.channel_moved(TEAM, CHANNEL, "C5")
    assert type(error_of(idle, await idle.ask("two?", channel="C5"))).__name__ == "ChannelBudgetSpent"
