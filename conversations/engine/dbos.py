# ruff: noqa: D102 - ``Engine`` says what its methods do
"""The engine of the bot, on DBOS Transact. Nothing else in the project knows it.

What a turn's steps have come to is recorded with what they write (``conversations/turns/records.py``). The settings
below are not taste: without them DBOS loses the order inside a thread and acks take seconds (docs/reliability.md has
the figures).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID
from sqlalchemy.engine import make_url

from conversations.database.database import place
from conversations.database.sqlite import EngineConnection, use_wal
from conversations.database.unusable import DATABASE_ERRORS, DatabaseUnusable, reason
from conversations.engine.engine import Body, Died, StopsAmong
from conversations.engine.local_turns import LocalTurns, remember, wordless
from conversations.engine.queue_worker import QueueWorker
from conversations.engine.replicas import Replicas

Workflow = Callable[..., Coroutine[Any, Any, None]]

TURN = "turn"
QUEUE = "turns"
POLL_SECONDS = 1.0
"""How often the queue is looked at without being told to: for what other replicas accept, and what a crash has left."""

HOUSEKEEPINGS = 1
"""How often housekeeping is resumed that its process does not survive; the next hour or night has its own."""

HOUR, NIGHT = "hour", "night"

LISTENER_SECONDS = 0.1
"""How long a thread of DBOS's sleeps that has nothing to do here, and is waited for at the end; by default a second."""

PURGE_BATCH = 500
ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


class DbosEngine(LocalTurns):
    """Implements ``Engine``. DBOS is a singleton, so there is one in a process at a time.

    Args:
        url: ``sqlite:///x.engine.db`` for one process, ``postgresql://…`` for several replicas.
    """

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        super().__init__(is_alone=self._url.get_backend_name() == "sqlite")
        self.process = "local" if self._is_alone else uuid4().hex
        self._accepted: dict[str, asyncio.Task[None]] = {}
        self._queued: dict[str, str] = {}
        self._launched = asyncio.Event()
        self._dequeuing: QueueWorker | None = None
        self._replicas: Replicas | None = None
        self._body: Body | None = None
        self._stops: StopsAmong | None = None
        self._died: Died | None = None
        self._works: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {}

    async def launch(self, body: Body, stops: StopsAmong, died: Died) -> None:
        """See ``Engine``: on SQLite what this file has is resumed, on PostgreSQL what dead replicas have left."""
        self._body, self._stops, self._died = body, stops, died
        config = DBOSConfig(
            name="analyst",
            system_database_url=self._url.render_as_string(hide_password=False),
            executor_id=self.process,
            application_version="1",
            serializer=DBOSPortableJSONSerializer(),
            sys_db_pool_size=1 if self._is_alone else 10,
            db_engine_kwargs={"pool_pre_ping": False},  # a round trip for each transaction; DBOS tries again anyway
            max_executor_threads=16,
            notification_listener_polling_interval_sec=LISTENER_SECONDS,
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
        if self._is_alone:
            config["db_engine_kwargs"] = {"pool_pre_ping": False, "connect_args": {"factory": EngineConnection}}
            await asyncio.to_thread(use_wal, self._url.database or "")
            if self._died:
                await self._died(self.process)
        dbos = DBOS(config=config)
        self._turn, self._housekeeping = self._register()
        DBOS.listen_queues([])  # there is none on SQLite, and on PostgreSQL ``QueueWorker`` does
        DBOS.launch()
        if self._is_alone:
            await self._line_up()
        else:
            queue = await DBOS.register_queue_async(
                QUEUE, partition_concurrency=1, polling_interval_sec=POLL_SECONDS, on_conflict="always_update"
            )
            self._dequeuing = QueueWorker(queue, dbos)
            self._replicas = Replicas(self._url, self.process, self._stop_here, self._stop_missed, self._resume)
            await self._replicas.open()

    def _register(self) -> tuple[Workflow, Workflow]:
        """Tell DBOS what it runs, by names that stand in its tables."""

        @DBOS.workflow(name=TURN, max_recovery_attempts=None)  # what ends its process is set aside by us
        async def turn(turn_id: str, partition: str = "") -> None:
            if task := asyncio.current_task():  # which ends when DBOS has recorded the outcome of this function
                task.add_done_callback(lambda _: self._look(turn_id))
            await self._launched.wait()
            if self._body:
                await self._run(self._body, turn_id, partition)

        async def work(kind: str) -> None:
            if kind in self._works:
                with wordless():
                    await self._works[kind]()

        @DBOS.workflow(name="housekeeping", max_recovery_attempts=HOUSEKEEPINGS)
        async def housekeeping(_scheduled: datetime, context: Any) -> None:
            await DBOS.run_step_async({"name": "daily"}, work, HOUR if context == HOUR else NIGHT)

        return turn, housekeeping

    async def _line_up(self) -> None:
        """Give unfinished turns their places before new ones come. Until they run, DBOS's recovery takes a second."""
        open_turns = await DBOS.list_workflows_async(name=TURN, status=["PENDING", "ENQUEUED"], load_output=False)
        for turn in open_turns:
            arguments = turn.input["args"] if turn.input else ()
            partition = turn.queue_partition_key or (arguments[1] if len(arguments) > 1 else "")
            if partition:
                self._lines.join(partition, turn.workflow_id)
        if queued := [turn.workflow_id for turn in open_turns if turn.queue_name == QUEUE]:
            await DBOS.resume_workflows_async(queued)  # an earlier version used the queue on SQLite, too

    async def accept(self, turn_id: str, partition: str) -> None:
        """See ``Engine``: the twin of a mention costs the database nothing."""
        if not self._launched.is_set():
            raise RuntimeError("The engine is not launched, or closed.")
        task = self._accepted.get(turn_id)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            # In a context of its own: DBOS takes what is started within a turn for its child, refused once that ends.
            task = asyncio.create_task(self._record(turn_id, partition), context=Context())
            remember(self._accepted, turn_id, task)
        await asyncio.shield(task)

    async def _record(self, turn_id: str, partition: str) -> None:
        """Start the turn on SQLite, where it waits in a line of ours; enqueue it on PostgreSQL.

        DBOS's queue costs a look with several statements for each turn, a fifth of its CPU (docs/performance.md), and
        is needed only where another process may have a turn of the same partition.
        """
        with SetWorkflowID(turn_id):
            if self._is_alone:
                await DBOS.start_workflow_async(self._turn, turn_id, partition)
                return
            remember(self._queued, turn_id, partition)
            with SetEnqueueOptions(queue_partition_key=partition):
                await DBOS.enqueue_workflow_async(QUEUE, self._turn, turn_id)
        self._look()

    async def unknown_among(self, turns: Sequence[str]) -> Collection[str]:
        unknown = set(turns).difference(await _ids(workflow_ids=list(turns)))
        for turn in unknown:
            self._accepted.pop(turn, None)
        return unknown

    async def every_hour(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._works[HOUR] = work
        await self._schedule("hourly", "47 * * * *", HOUR)

    async def every_night(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._works[NIGHT] = work
        await self._schedule("housekeeping", "17 3 * * *", None)

    async def _schedule(self, name: str, schedule: str, context: str | None) -> None:
        await DBOS.apply_schedules_async(
            [{"schedule_name": name, "workflow_fn": self._housekeeping, "schedule": schedule, "context": context}]
        )

    async def purge(self, before: float) -> int:
        limit = datetime.fromtimestamp(before, UTC).isoformat()
        deleted = 0
        while old := await _ids(completed_before=limit, limit=PURGE_BATCH):
            await DBOS.delete_workflows_async(old)
            deleted += len(old)
        return deleted

    async def forget(self, turns: Sequence[str]) -> None:
        await DBOS.run_step_async({"name": "forget"}, _delete_ended, turns)  # DBOS would record what it lists

    async def stop(self, turn_id: str) -> None:
        self._stop_here(turn_id)
        if self._replicas:
            await self._replicas.tell_stop(turn_id)

    async def _stop_missed(self) -> None:
        if self._stops and (here := self._here):
            for turn in await self._stops(here):
                self._stop_here(turn)

    async def _resume(self, process: str, turns: Sequence[str]) -> None:
        if self._died:
            await self._died(process)
        await DBOS.resume_workflows_async(list(turns), queue_name=QUEUE)
        self._look()

    def _look(self, ended: str = "") -> None:
        """Look for turns to run; when one has ended, only if this process has queued another one of its partition.

        A look costs three transactions. What another replica has queued or begun is found a second later at most.
        """
        if self._dequeuing and (not ended or self._queued.pop(ended, None) in self._queued.values()):
            self._dequeuing.look()

    async def drain(self, seconds: float) -> frozenset[str]:
        if self._dequeuing:
            self._dequeuing.stop()
        return await super().drain(seconds)

    async def close(self) -> None:
        if self._replicas:
            await self._replicas.close()
        if self._dequeuing:
            await self._dequeuing.close()
        self._draining = True
        self._launched.clear()
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())


async def _delete_ended(turns: Sequence[str]) -> None:
    for begin in range(0, len(turns), PURGE_BATCH):
        some = list(turns[begin : begin + PURGE_BATCH])
        await DBOS.delete_workflows_async(await _ids(workflow_ids=some, status=ENDED))


async def _ids(**which: Any) -> list[str]:
    found = await DBOS.list_workflows_async(**which, load_input=False, load_output=False)
    return [turn.workflow_id for turn in found]
