"""Where transactions run: threads of their own, because a commit waits for the disk or for a server.

A transaction is a function of a session. SQLAlchemy's asyncio layer hops between loop and thread for every statement,
which costs several times the CPU of the statement itself (docs/performance.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread, local
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

T = TypeVar("T")
Work = Callable[[Session], Any]


class Transactions(Protocol):
    """Carries out transactions."""

    async def run(self, work: Callable[[Session], T]) -> T:
        """The result of a transaction: durable when this returns, without a trace when it raises."""
        ...

    async def close(self) -> None:
        """Finish what was begun; nothing can be run any more."""
        ...


@dataclass(frozen=True)
class _Job:
    work: Work
    done: asyncio.Future[Any]


class GroupCommit:
    """One thread and one connection, for SQLite: writers wait in line here, and not in SQLite's unfair busy handler.

    Transactions that wait at the same time are carried out one after the other and become durable with one fsync. When
    one of them raises, each is carried out again in a transaction of its own; so they must do nothing but read and
    write.
    """

    def __init__(self, engine: Engine) -> None:
        self._line = _Line(engine)
        self._waiting: SimpleQueue[_Job | None] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = Thread(target=self._serve, name="database", daemon=True)

    async def run(self, work: Callable[[Session], T]) -> T:
        """See ``Transactions``."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._thread.start()
        job = _Job(work, self._loop.create_future())
        self._waiting.put(job)
        result: T = await job.done
        return result

    async def close(self) -> None:
        """See ``Transactions``."""
        if self._loop:
            self._waiting.put(None)
            await asyncio.to_thread(self._thread.join)

    def _serve(self) -> None:
        while jobs := self._next():
            outcomes = self._together(jobs)
            if self._loop:
                self._loop.call_soon_threadsafe(_tell, jobs, outcomes)
        self._line.close()

    def _next(self) -> list[_Job]:
        """Everything that waits; nothing at the end."""
        first = self._waiting.get()
        jobs = [first] if first else []
        while jobs:
            try:
                job = self._waiting.get_nowait()
            except Empty:
                break
            if job is None:
                self._waiting.put(None)
                break
            jobs.append(job)
        return jobs

    def _together(self, jobs: Sequence[_Job]) -> list[Any]:
        try:
            return self._line.transact([job.work for job in jobs])
        except Exception as error:
            return [error] if len(jobs) == 1 else [self._together([job])[0] for job in jobs]


class ThreadPool:
    """As many connections as threads, for a database server."""

    def __init__(self, engine: Engine, threads: int) -> None:
        self._engine = engine
        self._lines: list[_Line] = []
        self._here = local()
        self._threads = ThreadPoolExecutor(threads, "database", self._begin)

    async def run(self, work: Callable[[Session], T]) -> T:
        """See ``Transactions``."""
        result: T = await asyncio.get_running_loop().run_in_executor(self._threads, self._transact, work)
        return result

    async def close(self) -> None:
        """See ``Transactions``."""
        await asyncio.to_thread(self._threads.shutdown)
        for line in self._lines:
            line.close()

    def _begin(self) -> None:
        self._here.line = line = _Line(self._engine)
        self._lines.append(line)

    def _transact(self, work: Work) -> Any:
        try:
            return self._here.line.transact([work])[0]
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return self._here.line.transact([work])[0]  # the server was restarted since the connection was used last


class _Line:
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
