"""H3: work that ends its process is found and set aside; innocent work never is, whoever else kills the bot."""

from __future__ import annotations

import asyncio
import json
import math
import os
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.doctor.database import database_findings
from conversations.access.admins import Admins
from conversations.access.rule_table import RuleTable
from conversations.access.rules import Access
from conversations.database.database import Database
from conversations.database.models import Job
from conversations.engine import gate
from conversations.engine.memory import MemoryEngine
from conversations.engine.suspects import PROOF, SUSPECT, after_death, alone, may_begin
from conversations.errors import AdminsOnly
from conversations.files.spool import Spool
from conversations.ports.incoming import Press
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.testing import FakeWorkplace, FakeWorkspaces
from conversations.ports.windows import Modal
from conversations.ports.workplace import Person
from conversations.service import Conversations, Ports
from conversations.slash.dropping import MOST, Dropping, drop_from, read_suspects
from conversations.slash.words import Said
from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.azure.server import LocalAzure
from tests.faults.bench import Bench
from tests.hostile.worker import Word, worker
from tests.support.budgets import examples
from tests.support.postgres import fresh_database

MANY = 100
TURNS = int(os.environ.get("TURNS", "0"))
"""So many of the real bot's, on both databases and killed by others as well: two minutes for a hundred."""


class History:
    """The lives of a bot, by the rules alone: which work begins, ends and kills, in any order.

    Args:
        works: How many there are at the beginning.
        poisoned: Those that kill their process when they run.
        kills: How often somebody else kills it.
        later: How many more come while others run.
        is_hasty: Whether what has to be alone may take too long.
        chance: Decides everything else.
    """

    def __init__(
        self, works: int, poisoned: set[int], kills: int, later: int, chance: random.Random, *, is_hasty: bool = False
    ) -> None:
        self.deaths = dict.fromkeys(range(works), 0)
        self.poisoned = poisoned
        self.aside = set[int]()
        self.died = Counter[str]()
        self._kills = kills
        self._later = later
        self._is_hasty = is_hasty
        self._chance = chance

    def run(self) -> None:
        """Until all is done or set aside."""
        while self.deaths:
            self._life(set(self.deaths))

    def _life(self, left: set[int]) -> None:
        begun, waiting = dict[str, int](), dict[str, int]()
        expected = {str(work): deaths for work, deaths in self.deaths.items() if deaths >= SUSPECT}
        while self.deaths:
            for work in may_begin(begun, waiting, expected):
                begun[work] = waiting.pop(work)
            acts = ["arrive"] * bool(left) + ["act"] * bool(begun) + ["kill"] * bool(self._kills and begun)
            acts += ["give up"] * bool(expected) + ["come"] * bool(self._later) + ["lose patience"] * self._is_hasty
            assert acts, f"nothing moves: {waiting}"
            match self._chance.choice(acts):
                case "arrive":
                    self._arrive(left, waiting, expected)
                case "come":
                    self._later -= 1
                    new = max(self.deaths, default=0) + max(self.poisoned, default=0) + 1
                    self.deaths[new] = 0
                    waiting[str(new)] = 0
                case "give up":
                    if not left:  # a living bot waits longer than a start takes
                        expected.clear()
                case "lose patience":
                    hasten(begun, waiting, alone(begun, waiting, expected))
                case "kill":
                    self._kills -= 1
                    return self._die(begun, "killed")
                case _:
                    acting = self._chance.choice(sorted(begun))
                    if int(acting) in self.poisoned:
                        return self._die(begun, "poisoned")
                    del begun[acting], self.deaths[int(acting)]
        return None

    def _arrive(self, left: set[int], waiting: dict[str, int], expected: dict[str, int]) -> None:
        arriving = self._chance.choice(sorted(left))
        left.discard(arriving)
        expected.pop(str(arriving), None)
        waiting[str(arriving)] = self.deaths[arriving]

    def _die(self, begun: dict[str, int], why: str) -> None:
        self.died[why] += 1
        counted, proven = after_death({work: self.deaths[int(work)] for work in begun})
        self.deaths |= {int(work): deaths for work, deaths in counted.items()}
        if proven:
            self.aside.add(int(proven))
            del self.deaths[int(proven)]


def hasten(begun: dict[str, int], waiting: dict[str, int], work: str) -> None:
    """What has to be alone, if anything, is waited for no longer."""
    for place in (begun, waiting):
        if work in place:
            place[work] = SUSPECT


@examples(150)
@given(st.integers(1, 120), st.integers(0, 5), st.integers(0, 20), st.randoms(use_true_random=False))
def test_h3_an_innocent_is_never_set_aside(works: int, kills: int, later: int, chance: random.Random) -> None:
    history = History(works, set(), kills, later, chance, is_hasty=True)
    history.run()
    assert not history.aside
    assert history.died["killed"] <= kills


@examples(150)
@given(st.integers(1, 120), st.integers(0, 20), st.randoms(use_true_random=False))
def test_h3_the_poisoned_one_is_found_within_a_few_deaths(works: int, later: int, chance: random.Random) -> None:
    poisoned = {chance.randrange(works)}
    history = History(works, poisoned, 0, later, chance)
    history.run()
    assert history.aside == poisoned
    assert history.died["poisoned"] <= max(PROOF, SUSPECT + math.ceil(math.log2(works + later)) + 1)


@examples(150)
@given(st.integers(2, 60), st.integers(2, 4), st.randoms(use_true_random=False))
def test_h3_several_poisoned_ones_are_found_and_nothing_else(works: int, poisons: int, chance: random.Random) -> None:
    poisoned = set(chance.sample(range(works), min(poisons, works)))
    history = History(works, poisoned, 0, 10, chance)
    history.run()
    assert history.aside == poisoned


# ── the gate ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Waiters:
    """Work that goes through a gate; the engine's part is only to wait."""

    def __init__(self) -> None:
        self.inside = list[str]()
        self.came = defaultdict[str, asyncio.Event](asyncio.Event)
        self.held = dict[str, asyncio.Future[bool]]()
        self.gate = gate.Gate(self._hold)
        self._tasks = set[asyncio.Task[None]]()

    async def _hold(self, work: str, leave: Awaitable[bool]) -> None:
        self.held[work] = asyncio.ensure_future(leave)
        await asyncio.wait({self.held[work]})

    async def come(self, work: str, deaths: int) -> None:
        task = asyncio.create_task(self._enter(work, deaths))
        self._tasks.add(task)
        await settle()

    async def _enter(self, work: str, deaths: int) -> None:
        await self.gate.enter(work, deaths)
        self.inside.append(work)
        self.came[work].set()

    async def end(self, work: str) -> None:
        self.inside.remove(work)
        self.gate.leave(work)
        await settle()


async def settle() -> None:
    """Let everything that can go on go on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_h3_suspects_wait_for_each_other_and_nobody_else_waits() -> None:
    waiters = Waiters()
    waiters.gate.expect(dict.fromkeys("abc", SUSPECT))
    for work in "ab":
        await waiters.come(work, 0)  # what it is charged with is known before its row is read
    await waiters.come("new", 0)
    assert waiters.inside == ["new"], "c is still to come"
    await waiters.come("c", 0)
    assert waiters.inside == ["new", "a", "b"]
    assert waiters.gate.is_tried("a")
    assert not waiters.gate.is_tried("new")
    await waiters.end("a")
    assert "c" not in waiters.inside
    await waiters.end("b")
    assert waiters.inside == ["new", "c"]


async def test_h3_what_may_be_set_aside_is_alone() -> None:
    waiters = Waiters()
    await waiters.come("early", 0)
    await waiters.come("suspect", PROOF - 1)
    await waiters.come("late", 0)
    assert waiters.inside == ["early"]
    await waiters.end("early")
    assert waiters.inside == ["suspect"]
    await waiters.end("suspect")
    assert waiters.inside == ["late"]


async def test_h3_what_has_to_be_alone_is_waited_for_some_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "ALONE_SECONDS", 0.01)
    waiters = Waiters()
    await waiters.come("early", 0)
    await waiters.come("suspect", PROOF - 1)
    await waiters.come("late", 0)
    await asyncio.wait_for(waiters.came["late"].wait(), 5)
    assert waiters.inside == ["early", "suspect", "late"]
    await waiters.come("other", PROOF - 1)
    assert "other" not in waiters.inside, "suspects wait for each other all the same"


async def test_h3_a_suspect_that_is_stopped_does_not_wait() -> None:
    waiters = Waiters()
    await waiters.come("a", SUSPECT)
    await waiters.come("b", SUSPECT)
    assert waiters.inside == ["a"]
    waiters.held["b"].cancel()
    await settle()
    assert waiters.inside == ["a", "b"]


async def test_h3_a_press_does_not_wait_for_what_is_alone(tmp_path: Path) -> None:
    """It may be the one on Stop."""
    nothing = cast(Any, None)
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    await database.open()
    bot = Conversations(
        database,
        MemoryEngine(),
        Ports(nothing, FakeWorkspaces(nothing, nothing, nothing), nothing, nothing),
        Spool(1000, tmp_path),
    )
    suspect, other, press = "T1:C1:1:work", "T1:C1:2:work", "T1:C1:3:at once"
    begun, come, end = list[str](), defaultdict[str, asyncio.Event](asyncio.Event), asyncio.Event()

    async def work(job: Job) -> None:
        begun.append(job.id)
        come[job.id].set()
        await end.wait()

    bot._jobs.on("work", work)
    bot._jobs.on("at once", work, at_once=True)
    for name in (suspect, other, press):
        row = {"id": name, "channel": "C1", "created_at": 1.0, "deaths": PROOF - 1 if name == suspect else 0}
        await database.run(lambda session, row=row: database.upsert(session, Job, row))  # type: ignore[misc]
    running = [asyncio.create_task(bot._run(suspect))]
    await asyncio.wait_for(come[suspect].wait(), 5)
    running += [asyncio.create_task(bot._run(name)) for name in (other, press)]
    await asyncio.wait_for(come[press].wait(), 5)
    assert begun == [suspect, press]
    end.set()
    await asyncio.gather(*running)
    assert begun == [suspect, press, other]
    await database.close()


# ── a hundred jobs, as processes that are killed ──────────────────────────────────────────────────────────────────


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'analyst.db'}"
    else:
        with fresh_database(request.getfixturevalue("postgres")) as made:
            yield made


def test_h3_killed_five_times_at_the_same_step(url: str) -> None:
    """What was open twice is tried in halves; nothing is set aside, and all is done in the end."""
    for accepts, begins in ((MANY, MANY), (0, MANY), (0, 50), (0, 25), (0, 13)):
        with worker(url, stays=True, accepts=accepts) as told:
            assert len(set(islice(told, begins))) == begins
    with worker(url) as told:
        words = Counter(islice(told, 2 * MANY))
    assert words == Counter((what, job) for what in ("begun", "done") for job in range(MANY))


def test_h3_one_poisoned_among_a_hundred(url: str) -> None:
    poisoned, lives = 41, 0
    known: dict[Word, set[int]] = {"begun": set(), "done": set(), "set aside": set()}
    while not known["set aside"] or len(known["done"]) < MANY - 1:
        lives += 1
        assert lives < 12
        with worker(url, poisoned=poisoned, accepts=0 if lives > 1 else MANY) as told:
            for what, job in told:
                known[what].add(job)
                if known["set aside"] and len(known["done"]) == MANY - 1:
                    break
    assert known["set aside"] == {poisoned}
    assert known["done"] == set(range(MANY)) - {poisoned}


# ── who may drop ────────────────────────────────────────────────────────────────────────────────────────────────────


def admins(database: Database, *named: str) -> Admins:
    """One is an admin here, one elsewhere."""
    people = [Person("U1", team="T1"), Person("U1NAMED", team="T1"), Person("U1GONE", team="T1", is_deactivated=True)]
    people += [Person("U1ADMIN", team="T1", is_admin=True), Person("U2ADMIN", team="T2", is_admin=True)]
    return Admins(Access(lambda _: FakeWorkplace(*people), RuleTable(database)), named)


@pytest.mark.parametrize(
    ("user", "is_admin"), [("U1ADMIN", True), ("U1NAMED", True), ("U2ADMIN", False), ("U1", False), ("U1GONE", False)]
)
async def test_h3_an_admin_is_the_workspaces_or_named(user: str, is_admin: bool, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    assert await admins(database, "U1NAMED", "U1GONE").is_admin(user, "T1") == is_admin


OF_ANOTHER_WORKSPACE = [(f"T0:C1:{number}:card", SUSPECT) for number in range(MOST)] + [("T2:C1:1:card", SUSPECT)]


async def test_h3_only_an_admin_drops_and_only_in_the_own_workspace(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    await database.open()
    stopped = list[str]()

    async def stop(turn: str) -> None:
        stopped.append(turn)

    dropping = Dropping(database, admins(database), stop)
    for name, deaths in (("T1:C1:1:card", SUSPECT), ("T1:C1:2:card", 1), *OF_ANOTHER_WORKSPACE):
        row = {"id": name, "channel": "C1", "created_at": 1.0, "deaths": deaths}
        await database.run(lambda session, row=row: database.upsert(session, Job, row))  # type: ignore[misc]

    async def answer(user: str, *work: str) -> Notice:
        return await dropping.answer(Said(Press("command", "T1", user), work, "en-US", Modal()))

    async def said(user: str, work: str) -> NoticeKind:
        return (await answer(user, work)).kind

    with pytest.raises(AdminsOnly):
        await said("U1", "T1:C1:1:card")
    listed = await answer("U1ADMIN")
    assert listed.fields == {"listed": "`T1:C1:1:card`"}
    for name in ("T2:C1:1:card", "T1:C1:2:card", "T1:C1:3:card", "T1", "%", "T1:C1:1:card' or 1=1"):
        assert await said("U1ADMIN", name) == NoticeKind.NOTHING_TO_DROP
    assert stopped == []
    assert await said("U1ADMIN", "T1:C1:1:card") == NoticeKind.DROPPED
    assert stopped == ["T1:C1:1:card"], "it does not wait for its turn to be tried"
    assert await said("U1ADMIN", "T1:C1:1:card") == NoticeKind.NOTHING_TO_DROP
    await database.close()


# ── the real bot ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def bench(url: str, tmp_path: Path) -> AsyncIterator[Bench]:
    async with Bench(tmp_path, ScriptedModel(), ScriptedInterpreter(), retry_delays=(0.0, 30.0, 60.0)) as made:
        made.settings = {"SLACK_RATE_SHARE": "1000"}
        made.database_url = url
        yield made


async def asked(bench: Bench, number: int, gate: str) -> dict[str, str]:
    """So many questions that wait at a gate, each in a channel of its own, by channel."""
    channels = [bench.new_channel() for _ in range(number)]
    found = {
        channel: await bench.ask(f"[[wait {gate}]] [[say I am {channel}]]", channel=channel) for channel in channels
    }
    await bench.azure.wait(lambda azure: len(azure.requests.of("POST", "/responses")) >= number, 60)
    return found


def resumed(number: int, azure: LocalAzure) -> bool:
    """Whether so many runs were asked for again."""
    return len(azure.requests.of("GET", "/responses/*")) >= number


async def answered(bench: Bench, questions: dict[str, str]) -> None:
    """Each has its one answer."""
    for channel, ts in questions.items():
        await bench.outcomes(channel, ts, timeout=120)
        await bench.without_button(channel, ts)
        assert f"I am {channel}" in bench.one_outcome(ts, channel=channel)


@pytest.mark.parametrize("url", ["sqlite", "postgres"] if TURNS else ["sqlite"], indirect=True)
async def test_h3_the_bot_sets_the_poisoned_question_aside_and_answers_all_others(bench: Bench) -> None:
    """A call to Azure for that question kills the bot, whenever it comes."""

    def is_poisoned(body: object) -> bool:
        return "poison" in json.dumps(body)

    kills = bench.azure.faults.add("kill", path="/responses", times=None, where=is_poisoned, callback=bench.kill_now)
    await bench.start_bot()
    held = bench.gate()
    innocent = await asked(bench, TURNS or 5, held)
    ts = await bench.ask("poison")
    await bench.bot.wait()
    while not bench.slack.bot_messages(bench.channel, ts) and kills.hits < 20:
        if kills.hits == SUSPECT:
            bench.open(held)  # until now all were open at each death
        bot = await bench.start_bot(wait=False)
        told = asyncio.create_task(bench.live(bench.channel, ts, 120))
        died = asyncio.create_task(bot.wait())
        await asyncio.wait({told, died}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        died.cancel()
    await bench.outcomes(bench.channel, ts)
    assert "I break down each time" in bench.one_outcome(ts)
    assert "try_again" not in str(bench.slack.bot_messages(bench.channel, ts))
    assert PROOF <= kills.hits <= max(PROOF, SUSPECT + math.ceil(math.log2(len(innocent) + 1)) + 1)
    await answered(bench, innocent)
    (suspect,) = await read_suspects(bench.database_url)
    turn = bench.turn(ts)
    assert (suspect.id, suspect.is_set_aside) == (turn, True)

    listed = {finding.name: finding async for finding in database_findings(bench.database_url)}
    assert turn in listed["set aside"].detail
    assert f"python bot.py drop {turn}" in listed["set aside"].fix
    assert await drop_from(bench.database_url, turn)
    assert not await drop_from(bench.database_url, turn), "it is gone from the list"
    assert not [suspect for suspect in await read_suspects(bench.database_url) if suspect.is_set_aside]


@pytest.mark.skipif(not TURNS, reason="TURNS is not set; the worker shows the same in a tenth of the time")
async def test_h3_the_bot_is_killed_five_times_by_others(bench: Bench) -> None:
    await bench.start_bot()
    held = bench.gate()
    innocent = await asked(bench, TURNS or 5, held)
    for life in range(5):
        await bench.kill_all()
        before = len(bench.azure.requests.of("GET", "/responses/*"))
        await bench.start_bot()
        if life < 4:  # after five deaths one may be alone
            await bench.azure.wait(partial(resumed, before + 3), 60)
    assert len(await read_suspects(bench.database_url)) > 0
    bench.open(held)
    await answered(bench, innocent)
    assert not [suspect for suspect in await read_suspects(bench.database_url) if suspect.is_set_aside]
