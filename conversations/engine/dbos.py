"""The port to the engine for durable turns (DBOS Transact). Nothing else in the project knows it.

Three verbs: ``accept`` (durable, de-duplicated, ordered in its partition), ``interruptible`` (work that ``stop`` can
end) and ``stop``. What a turn's steps have come to is recorded with what they write
(``conversations/turns/records.py``). The settings below are not taste: without them DBOS loses the order inside a
thread and acks take seconds (docs/reliability.md has the figures).
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import Context
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID
from sqlalchemy.engine import make_url

from conversations.database.database import place
from conversations.database.sqlite import EngineConnection
from conversations.database.unusable import DATABASE_ERRORS, DatabaseUnusable, reason
from conversations.engine.keyed_queues import KeyedQueues
from conversations.engine.queue_worker import QueueWorker
from conversations.engine.replicas import Replicas

log = logging.getLogger(__name__)

T = TypeVar("T")
Turn = Callable[[str], Awaitable[None]]
Died = Callable[[str], Awaitable[None]]
StopsAmong = Callable[[Collection[str]], Awaitable[Collection[str]]]

QUEUE = "turns"
POLL_SECONDS = 1.0
"""How often the queue is looked at without being told to: for what other replicas accept, and what a crash has left."""

LEAVE_SECONDS = 5.0
"""How long turns that are left at the end may take to say so in their threads."""

HOUSEKEEPINGS = 1
"""How often a night's housekeeping is resumed that its process does not survive; the next night has its own."""

PURGE_BATCH = 500
ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
REMEMBERED = 2_000
"""Turns that this process knows to be recorded: the twin of a mention costs the database nothing."""


class Stopped(Exception):
    """The turn was stopped by a person."""


class Broken(Exception):
    """Work of the engine's broke; the type of the error is said, and nothing that it may quote."""


@contextmanager
def _wordless() -> Iterator[None]:
    """The engine records errors with their texts, which may hold words of a question or an answer."""
    try:
        yield
    except Exception as error:
        log.error("Work of the engine's broke: %s", type(error).__name__)  # noqa: TRY400 - a traceback ends with the words
        raise Broken(type(error).__name__) from None


class _Registry:
    """DBOS finds workflows by name at import time, so what they do is looked up here."""

    turn: Callable[[str, str], Awaitable[None]] | None = None
    ended: Callable[[], None] | None = None
    daily: Callable[[], Awaitable[None]] | None = None


@DBOS.workflow(name="turn", max_recovery_attempts=None)  # what ends its process is set aside by us
async def _turn(turn_id: str, partition: str = "") -> None:
    task, ended = asyncio.current_task(), _Registry.ended
    if _Registry.turn is None or ended is None or task is None:  # pragma: no cover - launch sets it
        raise RuntimeError("The engine is not launched.")
    task.add_done_callback(lambda _: ended())  # when DBOS has recorded the outcome of this function
    with _wordless():
        await _Registry.turn(turn_id, partition)


@DBOS.workflow(name="housekeeping", max_recovery_attempts=HOUSEKEEPINGS)
async def _housekeeping(_scheduled: datetime, _context: Any) -> None:
    await DBOS.run_step_async({"name": "daily"}, _daily)


async def _daily() -> None:
    if _Registry.daily:
        with _wordless():
            await _Registry.daily()


class Engine:
    """Runs turns.

    Args:
        url: ``sqlite:///x.engine.db`` for one process, ``postgresql://…`` for several replicas.
    """

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._is_sqlite = self._url.get_backend_name() == "sqlite"
        self.process = "local" if self._is_sqlite else uuid4().hex
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._running: dict[str, asyncio.Task[Any] | None] = {}
        self._held: dict[str, asyncio.Future[Any]] = {}
        self._stopped: set[str] = set()
        self._accepted: dict[str, asyncio.Task[None]] = {}
        self._ended: dict[str, None] = {}
        self._lines = KeyedQueues()
        self._launched = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._dequeuing: QueueWorker | None = None
        self._replicas: Replicas | None = None
        self._body: Turn | None = None
        self._stops: StopsAmong | None = None
        self._died: Died | None = None
        self._draining = False

    async def launch(self, turn: Turn, stops: StopsAmong, died: Died) -> None:
        """Start taking turns; unfinished ones of this SQLite file, or of dead replicas, are resumed.

        Args:
            turn: What a turn does; called with the turn's id, and again after a crash. Cancelled, it must leave what it
                shows fit to be taken up again.
            stops: Which of some turns carry the durable flag of ``stop``; asked when such news may have been missed.
            died: Called before what a process has left is resumed; also when it has ended as it should.

        Raises:
            DatabaseUnusable: The engine cannot use its tables.
        """
        self._body = turn
        self._stops = stops
        self._died = died
        _Registry.turn, _Registry.ended = self._run, self._look
        config = DBOSConfig(
            name="analyst",
            system_database_url=self._url.render_as_string(hide_password=False),
            executor_id=self.process,
            application_version="1",
            serializer=DBOSPortableJSONSerializer(),
            sys_db_pool_size=1 if self._is_sqlite else 10,
            max_executor_threads=16,
            log_level="ERROR",
            console_log_level="ERROR",
        )
        words = logging.getLogger("dbos")
        words.disabled = True  # it logs what keeps it from starting, with a traceback
        try:
            await self._open(config)
        except DATABASE_ERRORS as error:
            raise DatabaseUnusable(reason(error, place(self._url))) from error
        finally:
            words.disabled = False
        self._launched.set()

    async def _open(self, config: DBOSConfig) -> None:
        if self._is_sqlite:
            config["db_engine_kwargs"] = {"connect_args": {"factory": EngineConnection}}
            await asyncio.to_thread(_use_wal, self._url.database or "")
            await self._note_death(self.process)
        dbos = DBOS(config=config)
        DBOS.listen_queues([])  # there is none on SQLite, and on PostgreSQL ``QueueWorker`` does
        DBOS.launch()
        if self._is_sqlite:
            await self._line_up()
        else:
            queue = await DBOS.register_queue_async(
                QUEUE, partition_concurrency=1, polling_interval_sec=POLL_SECONDS, on_conflict="always_update"
            )
            self._dequeuing = QueueWorker(queue, dbos)
            self._replicas = Replicas(self._url, self.process, self._stop_here, self._stop_missed, self._resume)
            await self._replicas.open()

    async def _line_up(self) -> None:
        """Give unfinished turns their places before new ones come. Until they run, DBOS's recovery takes a second."""
        open_turns = await DBOS.list_workflows_async(name="turn", status=["PENDING", "ENQUEUED"], load_output=False)
        for turn in open_turns:
            arguments = turn.input["args"] if turn.input else ()
            partition = turn.queue_partition_key or (arguments[1] if len(arguments) > 1 else "")
            if partition:
                self._lines.join(partition, turn.workflow_id)
        if queued := [turn.workflow_id for turn in open_turns if turn.queue_name == QUEUE]:
            await DBOS.resume_workflows_async(queued)  # an earlier version used the queue on SQLite, too

    async def accept(self, turn_id: str, partition: str) -> None:
        """Record that a turn is to be run. Returns when it is on disk; a known id is left alone.

        Args:
            turn_id: ``{team}:{channel}:{ts}``; sorts in time, which settles the order of equal milliseconds.
            partition: ``{team}:{channel}:{thread}``; one turn of a partition runs at a time, in order.
        """
        task = self._accepted.get(turn_id)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            # In a context of its own: DBOS takes what is started within a turn for its child, refused once that ends.
            task = asyncio.create_task(self._record(turn_id, partition), context=Context())
            _remember(self._accepted, turn_id, task)
        await asyncio.shield(task)

    async def _record(self, turn_id: str, partition: str) -> None:
        """Start the turn on SQLite, where it waits in a line of ours; enqueue it on PostgreSQL.

        DBOS's queue costs a look with several statements for each turn, a fifth of its CPU (docs/performance.md), and
        is needed only where another process may have a turn of the same partition.
        """
        with SetWorkflowID(turn_id):
            if self._is_sqlite:
                await DBOS.start_workflow_async(_turn, turn_id, partition)
                return
            with SetEnqueueOptions(queue_partition_key=partition):
                await DBOS.enqueue_workflow_async(QUEUE, _turn, turn_id)
        self._look()

    async def unknown_among(self, turns: Sequence[str]) -> Collection[str]:
        """Those of some turns that are not on disk; what this process remembers of them is forgotten."""
        known = await DBOS.list_workflows_async(workflow_ids=list(turns), load_input=False, load_output=False)
        unknown = set(turns) - {turn.workflow_id for turn in known}
        for turn in unknown:
            self._accepted.pop(turn, None)
        return unknown

    async def every_night(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do some work once a night, whatever the number of replicas."""
        _Registry.daily = work
        await DBOS.apply_schedules_async(
            [{"schedule_name": "housekeeping", "workflow_fn": _housekeeping, "schedule": "17 3 * * *", "context": None}]
        )

    async def purge(self, before: float) -> int:
        """Delete the record of turns that ended before an epoch time.

        Returns:
            How many.
        """
        limit = datetime.fromtimestamp(before, UTC).isoformat()
        deleted = 0
        while True:
            old = await DBOS.list_workflows_async(
                completed_before=limit, limit=PURGE_BATCH, load_input=False, load_output=False
            )
            if not old:
                return deleted
            await DBOS.delete_workflows_async([turn.workflow_id for turn in old])
            deleted += len(old)

    async def forget(self, turns: Sequence[str]) -> None:
        """Delete the record of those of some turns that have ended."""
        await DBOS.run_step_async({"name": "forget"}, self._delete_ended, turns)  # DBOS would record what it lists

    @staticmethod
    async def _delete_ended(turns: Sequence[str]) -> None:
        for begin in range(0, len(turns), PURGE_BATCH):
            some = list(turns[begin : begin + PURGE_BATCH])
            ended = await DBOS.list_workflows_async(
                workflow_ids=some, status=ENDED, load_input=False, load_output=False
            )
            await DBOS.delete_workflows_async([turn.workflow_id for turn in ended])

    async def interruptible(self, turn_id: str, work: Coroutine[Any, Any, T]) -> T:
        """Await work that ``stop`` may end.

        Raises:
            Stopped: A person stopped it; the work has been cancelled and has ended.
        """
        task = asyncio.ensure_future(work)
        self._tasks[turn_id] = task
        if turn_id in self._stopped:
            task.cancel()
        try:
            await asyncio.wait({task})
            return task.result()
        except asyncio.CancelledError:
            if task.cancelled() and not _own_task_cancelled():
                raise Stopped from None
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
            raise
        finally:
            self._tasks.pop(turn_id, None)

    async def stop(self, turn_id: str) -> None:
        """End a turn's interruptible work, wherever it runs. The durable flag is the caller's."""
        self._stop_here(turn_id)
        if self._replicas:
            await self._replicas.tell_stop(turn_id)

    async def hold(self, turn_id: str, leave: Awaitable[Any]) -> None:
        """Let a turn wait for leave to go on. ``stop`` ends the waiting, and ``drain`` does not wait for the turn."""
        task = self._running.pop(turn_id, None)
        self._note_idle()
        self._held[turn_id] = held = asyncio.ensure_future(leave)
        if turn_id in self._stopped:
            held.cancel()
        try:
            await asyncio.wait({held})
        finally:
            held.cancel()
            del self._held[turn_id]
        await self._take_up(turn_id, task)

    def _stop_here(self, turn_id: str) -> None:
        if turn_id in self._stopped or not (turn_id in self._running or turn_id in self._held):
            return
        self._stopped.add(turn_id)
        if held := self._held.get(turn_id):
            held.cancel()
        if task := self._tasks.get(turn_id):
            task.cancel()  # once: a second cancel would end the turn's own cleaning up

    async def _stop_missed(self) -> None:
        if self._stops and (here := (*self._running, *self._held)):
            for turn in await self._stops(here):
                self._stop_here(turn)

    async def _resume(self, process: str, turns: Sequence[str]) -> None:
        await self._note_death(process)
        await DBOS.resume_workflows_async(list(turns), queue_name=QUEUE)
        self._look()

    async def _note_death(self, process: str) -> None:
        if self._died:
            await self._died(process)

    def _look(self) -> None:
        if self._dequeuing:
            self._dequeuing.look()

    def is_open(self, turn_id: str) -> bool | None:
        """Whether an accepted turn has not ended; None when that is not known here, because another replica runs it."""
        if turn_id in self._running:
            return True
        if turn_id in self._ended:
            return False
        return True if self._is_sqlite else None

    def is_stopped(self, turn_id: str) -> bool:
        """Whether a turn that runs in this process has been stopped meanwhile."""
        return turn_id in self._stopped

    async def drain(self, seconds: float) -> frozenset[str]:
        """Begin no more turns, wait for the running ones, and leave those that take too long.

        What is left is neither done nor failed: it is resumed after a restart, or by another replica.

        Returns:
            The turns that are left.
        """
        self._draining = True
        if self._dequeuing:
            self._dequeuing.stop()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), seconds)
        left = dict(self._running)
        tasks = [task for task in left.values() if task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=LEAVE_SECONDS)
        return frozenset(left)

    async def close(self) -> None:
        """Stop the engine. HTTP clients must be closed before: the loop's thread pool goes with it."""
        if self._replicas:
            await self._replicas.close()
        if self._dequeuing:
            await self._dequeuing.close()
        self._draining = True
        await asyncio.to_thread(DBOS.destroy)
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())

    async def _run(self, turn_id: str, partition: str) -> None:
        await self._launched.wait()
        if partition:
            self._lines.join(partition, turn_id)
        await self._lines.wait(turn_id)
        await self._take_up(turn_id, asyncio.current_task())
        try:
            if self._body:
                await self._body(turn_id)
        finally:
            self._lines.leave(turn_id)
            self._running.pop(turn_id, None)
            self._stopped.discard(turn_id)
            _remember(self._ended, turn_id, None)
            self._note_idle()

    async def _take_up(self, turn_id: str, task: asyncio.Task[Any] | None) -> None:
        if self._draining:
            await asyncio.Event().wait()  # stays PENDING, so the next process runs it; raising would end the turn
        self._running[turn_id] = task
        self._idle.clear()

    def _note_idle(self) -> None:
        if not self._running:
            self._idle.set()


def _remember(turns: dict[str, T], turn_id: str, value: T) -> None:
    turns[turn_id] = value
    if len(turns) > REMEMBERED:
        del turns[next(iter(turns))]


def _own_task_cancelled() -> bool:
    task = asyncio.current_task()
    return bool(task and task.cancelling())


def _use_wal(path: str) -> None:
    """WAL is a property of the file; DBOS does not set it, and without it readers and writers wait for each other."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
