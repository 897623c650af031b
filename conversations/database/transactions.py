"""Where transactions run: threads of their own, because a commit waits for the disk or for a server.

A transaction is a function of a session. SQLAlchemy's asyncio layer hops between loop and thread for every statement,
which costs several times the CPU of the statement itself (docs/performance.md).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread, local
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

T = TypeVar("T")
Work = Callable[[Session], Any]

AT_ONCE = 8
"""Transactions that only answers wait for; an urgent one that comes meanwhile waits for them all."""


@dataclass(frozen=True)
class _Job:
    work: Work
    done: asyncio.Future[Any]
    urgent: bool


class GroupCommit:
    """One thread and one connection, for SQLite: writers wait in line here, and not in SQLite's unfair busy handler.

    Transactions that wait at the same time are carried out one after the other and become durable with one fsync: all
    urgent ones, or else some of the others. When one of them raises, each is carried out again in a transaction of its
    own; so they must do nothing but read and write.
    """

    def __init__(self, engine: Engine) -> None:
        self._kept = _KeptSession(engine)
        self._waiting: SimpleQueue[_Job | None] = SimpleQueue()
        self._urgent: list[_Job] = []
        self._others: deque[_Job] = deque()
        self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = Thread(target=self._serve, name="database", daemon=True)

    async def run(self, work: Callable[[Session], T], *, urgent: bool = False) -> T:
        """See ``Database.run``."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._thread.start()
        job = _Job(work, self._loop.create_future(), urgent)
        self._waiting.put(job)
        result: T = await job.done
        return result

    async def close(self) -> None:
        """Finish what was begun; nothing can be run any more."""
        if self._loop:
            self._waiting.put(None)
            await asyncio.to_thread(self._thread.join)

    def _serve(self) -> None:
        while jobs := self._next():
            outcomes = self._together(jobs)
            if self._loop:
                self._loop.call_soon_threadsafe(_tell, jobs, outcomes)
        self._kept.close()

    def _next(self) -> list[_Job]:
        """What is carried out together; nothing at the end."""
        if not (self._urgent or self._others or self._closing):
            self._sort(self._waiting.get())
        with suppress(Empty):
            while True:
                self._sort(self._waiting.get_nowait())
        jobs, self._urgent = self._urgent, []
        return jobs or [self._others.popleft() for _ in range(min(AT_ONCE, len(self._others)))]

    def _sort(self, job: _Job | None) -> None:
        if job is None:
            self._closing = True
        elif job.urgent:
            self._urgent.append(job)
        else:
            self._others.append(job)

    def _together(self, jobs: Sequence[_Job]) -> list[Any]:
        try:
            return self._kept.transact([job.work for job in jobs])
        except Exception as error:
            return [error] if len(jobs) == 1 else [self._together([job])[0] for job in jobs]


class ThreadPool:
    """As many connections as threads, for a database server, and a few more threads for what is urgent."""

    def __init__(self, engine: Engine, threads: int) -> None:
        self._engine = engine
        self._all: list[_KeptSession] = []
        self._here = local()
        self._threads = ThreadPoolExecutor(threads, "database", self._begin)
        self._urgent = ThreadPoolExecutor(max(1, threads // 4), "database-urgent", self._begin)

    async def run(self, work: Callable[[Session], T], *, urgent: bool = False) -> T:
        """See ``Database.run``."""
        threads = self._urgent if urgent else self._threads
        result: T = await asyncio.get_running_loop().run_in_executor(threads, self._transact, work)
        return result

    async def close(self) -> None:
        """Finish what was begun; nothing can be run any more."""
        for threads in (self._urgent, self._threads):
            await asyncio.to_thread(threads.shutdown)
        for kept in self._all:
            kept.close()

    def _begin(self) -> None:
        self._here.kept = kept = _KeptSession(self._engine)
        self._all.append(kept)

    def _transact(self, work: Work) -> Any:
        try:
            return self._here.kept.transact([work])[0]
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return self._here.kept.transact([work])[0]  # the server was restarted since the connection was used last


class _KeptSession:
    """A connection and its session, kept: to make them costs more than a short transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._session = Session()

    def transact(self, works: Sequence[Work]) -> list[Any]:
        """Carry out some work as one transaction. After a failure of any kind the next one has a new connection."""
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
                self._session = Session(self._connection, expire_on_commit=False, autoflush=False)
            with self._session.begin():
                return [_carry_out(work, self._session) for work in works]
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the connection up."""
        connection, self._connection = self._connection, None
        if connection:
            with suppress(Exception):
                self._session.close()
            with suppress(Exception):
                connection.close()


def _carry_out(work: Callable[[Session], T], session: Session) -> T:
    result = work(session)
    session.flush()
    session.expunge_all()  # rows leave this thread
    return result


def _tell(jobs: Sequence[_Job], outcomes: Sequence[Any]) -> None:
    for job, outcome in zip(jobs, outcomes, strict=True):
        if job.done.cancelled():
            continue
        if isinstance(outcome, Exception):
            job.done.set_exception(outcome)
        else:
            job.done.set_result(outcome)
