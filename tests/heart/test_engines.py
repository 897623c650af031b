"""What every engine does: in order, once, stopped when a person says so, and taken up again by the next process.

Here with the engine in memory; test_engines_dbos.py has the same with DBOS, on both databases. Recovery after a kill,
of the whole bot and on both databases: tests/faults/test_kill.py and test_order.py.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection

import pytest

from conversations.engine.engine import Engine, Stopped
from conversations.engine.memory import MemoryEngine

PATIENCE = 20.0
HERE, ELSEWHERE = "T:C:thread", "T:C:other"
A, B, C = "T:C:1.0", "T:C:2.0", "T:C:3.0"


class Stage:
    """An engine, and turns that wait until they are let go on."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.died: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self.may_end = defaultdict[str, asyncio.Event](asyncio.Event)
        self.works: dict[str, Callable[[str], Awaitable[None]]] = {}
        self._changed = asyncio.Condition()

    async def launch(self) -> None:
        async def none_of(_: Collection[str]) -> Collection[str]:
            return ()

        async def died(process: str) -> None:
            self.died.append(process)

        await self.engine.launch(self._body, none_of, died)

    async def _body(self, turn: str) -> None:
        await self._note(self.begun, turn)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            if work := self.works.get(turn):
                await work(turn)
            else:
                await self.may_end[turn].wait()
            await self._note(self.ended, turn)
        finally:
            self.at_once -= 1

    async def _note(self, turns: list[str], turn: str) -> None:
        turns.append(turn)
        async with self._changed:
            self._changed.notify_all()

    async def until(self, turns: list[str], *wanted: str) -> None:
        """Wait until turns have begun or ended."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: set(wanted) <= set(turns))

    async def gone(self, turn: str) -> None:
        """Wait until the engine takes a turn for ended."""
        async with asyncio.timeout(PATIENCE):
            while self.engine.is_open(turn) is not False:  # noqa: ASYNC110 - engines tell nobody
                await asyncio.sleep(0.001)


Next = Callable[[Engine | None], Engine]
"""The engine of the next process, over what the one before has left."""


@pytest.fixture
def next_engine() -> Next:
    return lambda last: MemoryEngine(last.left if isinstance(last, MemoryEngine) else None)


@pytest.fixture
async def stage(next_engine: Next) -> AsyncIterator[Stage]:
    stage = Stage(next_engine(None))
    await stage.launch()
    yield stage
    await stage.engine.drain(0)
    await stage.engine.close()


async def test_a_partition_is_done_in_order_and_others_beside_it(stage: Stage) -> None:
    for turn in (A, B):
        await stage.engine.accept(turn, HERE)
    await stage.engine.accept(C, ELSEWHERE)
    await stage.until(stage.begun, A, C)
    assert B not in stage.begun
    assert stage.most_at_once == 2
    stage.may_end[A].set()
    await stage.until(stage.begun, B)
    assert stage.ended == [A]
    stage.may_end[B].set()
    stage.may_end[C].set()
    await stage.until(stage.ended, A, B, C)
    assert stage.ended.index(A) < stage.ended.index(B)


async def test_many_of_one_partition_keep_their_order(stage: Stage) -> None:
    turns = [f"T:C:{number}.0" for number in range(10, 22)]
    for turn in turns:
        stage.may_end[turn].set()
        await stage.engine.accept(turn, HERE)
    await stage.until(stage.ended, *turns)
    assert stage.begun == turns
    assert stage.most_at_once == 1


async def test_a_known_turn_is_left_alone_whatever_has_become_of_it(stage: Stage) -> None:
    await asyncio.gather(*(stage.engine.accept(A, HERE) for _ in range(5)))
    await stage.engine.accept(B, HERE)
    await stage.until(stage.begun, A)
    await stage.engine.accept(A, HERE)
    await stage.engine.accept(B, HERE)
    for turn in (A, B):
        stage.may_end[turn].set()
    await stage.until(stage.ended, A, B)
    await stage.gone(B)
    await stage.engine.accept(A, HERE)
    await stage.engine.accept(C, HERE)
    await stage.until(stage.begun, C)
    assert stage.begun == [A, B, C]


async def test_a_turn_that_breaks_has_ended_and_the_next_one_begins(stage: Stage) -> None:
    async def breaks(_: str) -> None:
        raise ValueError("words of a question")

    stage.works[A] = breaks
    await stage.engine.accept(A, HERE)
    await stage.engine.accept(B, HERE)
    await stage.until(stage.begun, B)
    assert stage.engine.is_open(A) is False
    await stage.engine.accept(A, HERE)
    assert stage.begun == [A, B]


async def test_a_turn_that_is_accepted_within_another_one_is_its_own(stage: Stage) -> None:
    """A press makes a question; as the press's child it would be refused in the moment in which the press ends."""

    async def accepts(_: str) -> None:
        await stage.engine.accept(B, B)

    stage.works[A] = accepts
    await stage.engine.accept(A, HERE)
    stage.may_end[B].set()
    await stage.until(stage.ended, A, B)


async def test_stop_ends_the_interruptible_work_of_that_turn_alone(stage: Stage) -> None:
    stopped, cleaned, working = list[str](), list[str](), defaultdict[str, asyncio.Event](asyncio.Event)

    async def work(turn: str) -> str:
        working[turn].set()
        try:
            await stage.may_end[turn].wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            cleaned.append(turn)
            raise
        return "done"

    async def interruptible(turn: str) -> None:
        try:
            assert await stage.engine.interruptible(turn, work(turn)) == "done"
        except Stopped:
            stopped.append(turn)
            assert stage.engine.is_stopped(turn)

    stage.works = {A: interruptible, B: interruptible}
    await stage.engine.accept(A, HERE)
    await stage.engine.accept(B, ELSEWHERE)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(working[A].wait(), working[B].wait())
    await stage.engine.stop(A)
    await stage.engine.stop(A)
    await stage.until(stage.ended, A)
    assert stopped == cleaned == [A]
    assert not stage.engine.is_stopped(B)
    stage.may_end[B].set()
    await stage.until(stage.ended, B)
    assert stopped == [A]


async def test_a_stop_that_comes_before_the_interruptible_work_ends_it_too(stage: Stage) -> None:
    began, stopped = list[str](), list[str]()

    async def work() -> None:
        began.append("work")

    async def late(turn: str) -> None:
        await stage.may_end[turn].wait()
        try:
            await stage.engine.interruptible(turn, work())
        except Stopped:
            stopped.append(turn)

    stage.works[A] = late
    await stage.engine.accept(A, HERE)
    await stage.until(stage.begun, A)
    await stage.engine.stop(A)
    assert stage.engine.is_stopped(A)
    stage.may_end[A].set()
    await stage.until(stage.ended, A)
    assert (began, stopped) == ([], [A])


async def test_a_stop_of_what_does_not_run_stops_nothing_later(stage: Stage) -> None:
    """A waiting turn reads the durable flag when it begins; the engine has nothing to end."""
    await stage.engine.stop(A)
    await stage.engine.accept(A, HERE)
    await stage.engine.accept(B, HERE)
    await stage.until(stage.begun, A)
    await stage.engine.stop(B)
    stage.may_end[A].set()
    await stage.until(stage.begun, B)
    assert not stage.engine.is_stopped(A)
    assert not stage.engine.is_stopped(B)


async def test_an_error_of_interruptible_work_is_the_turns(stage: Stage) -> None:
    raised = list[str]()

    async def breaks() -> None:
        raise ValueError("broken")

    async def catches(turn: str) -> None:
        try:
            await stage.engine.interruptible(turn, breaks())
        except ValueError:
            raised.append(turn)

    stage.works[A] = catches
    await stage.engine.accept(A, HERE)
    await stage.until(stage.ended, A)
    assert raised == [A]


async def test_a_turn_that_waits_for_leave_is_not_waited_for_and_can_be_stopped(stage: Stage) -> None:
    async def held(turn: str) -> None:
        await stage.engine.hold(turn, stage.may_end[turn].wait())

    stage.works = {A: held, B: held}
    await stage.engine.accept(A, HERE)
    await stage.engine.accept(B, ELSEWHERE)
    await stage.until(stage.begun, A, B)
    await stage.engine.stop(A)
    await stage.until(stage.ended, A)
    assert B not in stage.ended
    assert await stage.engine.drain(PATIENCE) == frozenset()


async def test_a_drain_waits_for_what_runs_begins_nothing_more_and_leaves_what_takes_too_long(stage: Stage) -> None:
    left = list[str]()

    async def long(turn: str) -> None:
        try:
            await stage.may_end[turn].wait()
        except asyncio.CancelledError:
            left.append(turn)
            raise

    stage.works[B] = long
    await stage.engine.accept(A, HERE)
    await stage.engine.accept(B, ELSEWHERE)
    await stage.engine.accept(C, HERE)
    await stage.until(stage.begun, A, B)
    draining = asyncio.create_task(stage.engine.drain(0.05))
    await asyncio.sleep(0)
    stage.may_end[A].set()
    await stage.until(stage.ended, A)
    assert await draining == frozenset({B})
    assert left == [B]
    assert C not in stage.begun
    assert stage.ended == [A]


async def test_what_is_recorded_is_known_until_it_is_forgotten_and_only_what_has_ended_is(stage: Stage) -> None:
    await stage.engine.accept(A, HERE)
    await stage.engine.accept(B, ELSEWHERE)
    stage.may_end[A].set()
    await stage.until(stage.ended, A)
    await stage.until(stage.begun, B)
    await stage.gone(A)
    await _recorded(stage.engine, A)
    assert set(await stage.engine.unknown_among([A, B, C])) == {C}
    await stage.engine.forget([A, B, C])
    assert set(await stage.engine.unknown_among([A, B, C])) == {A, C}


async def test_a_purge_deletes_what_ended_before(stage: Stage) -> None:
    await stage.engine.accept(A, HERE)
    await stage.engine.accept(B, ELSEWHERE)
    stage.may_end[A].set()
    await stage.until(stage.begun, A, B)
    await stage.until(stage.ended, A)
    await _recorded(stage.engine, A)
    assert await stage.engine.purge(time.time() - 60) == 0
    assert await stage.engine.purge(time.time() + 60) == 1
    assert set(await stage.engine.unknown_among([A, B])) == {A}


async def test_the_next_process_takes_up_what_was_left_in_order(stage: Stage, next_engine: Next) -> None:
    for turn in (A, B):
        await stage.engine.accept(turn, HERE)
    await stage.engine.accept(C, ELSEWHERE)
    stage.may_end[C].set()
    await stage.until(stage.begun, A, C)
    await stage.until(stage.ended, C)
    await _recorded(stage.engine, C)
    assert await stage.engine.drain(0) == frozenset({A})
    await stage.engine.close()
    last, stage.engine = stage.engine, next_engine(stage.engine)
    stage.died.clear()
    await stage.launch()
    assert stage.died in ([last.process], [])  # of a replica it is told when it is taken for dead
    await stage.engine.accept(A, HERE)
    stage.may_end[A].set()
    stage.may_end[B].set()
    await stage.until(stage.ended, A, B)
    assert sorted(stage.begun[:2]) == [A, C]  # which are of two conversations: either may begin first
    assert stage.begun[2:] == [A, B]
    assert stage.ended == [C, A, B]


async def test_nothing_is_taken_before_the_launch_nor_after_the_end(next_engine: Next) -> None:
    stage = Stage(next_engine(None))
    with pytest.raises(Exception, match="launch"):
        await stage.engine.accept(A, HERE)
    await stage.launch()
    await stage.engine.close()
    with pytest.raises(Exception, match="launch"):
        await stage.engine.accept(A, HERE)
    assert stage.begun == []


async def _recorded(engine: Engine, turn: str) -> None:
    """Wait until an engine has recorded that a turn has ended: it may do so a moment after the turn's own end."""
    async with asyncio.timeout(PATIENCE):
        while True:
            before = set(await engine.unknown_among([turn]))
            if before:
                return
            if isinstance(engine, MemoryEngine) or await _has_ended(turn):
                return
            await asyncio.sleep(0.005)


async def _has_ended(turn: str) -> bool:
    from dbos import DBOS

    (found,) = await DBOS.list_workflows_async(workflow_ids=[turn], load_input=False, load_output=False)
    return found.status == "SUCCESS"
