"""A bot without Slack and Azure, as a process: it does jobs, and tells which it begins, ends and gives up.

All are forked from one that has imported everything, so that a life costs little more than what happens in it.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal, cast

from conversations.database.database import Database
from conversations.database.models import Job
from conversations.engine import replicas
from conversations.engine.dbos import DbosEngine
from conversations.files.spool import Spool
from conversations.ports.testing import FakeWorkspaces
from conversations.service import Conversations, Ports
from tests.support.forkserver import LATE

KIND = "work"
PATIENCE = 60.0

Word = Literal["begun", "done", "set aside"]
Words = Iterator[tuple[Word, int]]


@contextmanager
def worker(url: str, *, stays: bool = False, poisoned: int = -1, accepts: int = 0) -> Iterator[Words]:
    """A life: what it tells, until it dies, or is killed at the end of the block.

    Args:
        url: Of its database.
        stays: Its jobs never end.
        poisoned: The job that kills it.
        accepts: How many jobs it takes first.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *LATE])
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_live, args=(theirs, url, stays, poisoned, accepts))
    process.start()
    theirs.close()
    try:
        yield _told(ours)
    finally:
        process.kill()
        process.join()


def _told(words: Connection) -> Words:
    while words.poll(PATIENCE):
        try:
            yield words.recv()
        except EOFError:
            return
    raise TimeoutError


def _live(words: Connection, url: str, stays: bool, poisoned: int, accepts: int) -> None:
    asyncio.run(_work(words, url, stays, poisoned, accepts))


async def _work(words: Connection, url: str, stays: bool, poisoned: int, accepts: int) -> None:
    replicas.WATCH_SECONDS = 0.05
    logging.getLogger("conversations.jobs.jobs").addHandler(_Aside(words))
    nothing = cast(Any, None)
    database = Database(url)
    await database.open()
    conversations = Conversations(
        database,
        DbosEngine(database.engine_url),
        Ports(nothing, FakeWorkspaces(nothing, nothing, nothing), nothing, nothing),
        Spool(1000, Path()),
    )
    jobs, all_accepted = conversations._jobs, asyncio.Event()

    async def work(job: Job) -> None:
        words.send(("begun", number_of(job.id)))
        await (asyncio.Event() if stays else all_accepted).wait()
        await asyncio.sleep(0.05)
        if number_of(job.id) == poisoned:
            os.kill(os.getpid(), signal.SIGKILL)
        words.send(("done", number_of(job.id)))

    jobs.on(KIND, work)
    await conversations.open()
    for number in range(accepts):
        key = f"T1:C1:{number:03d}"
        await jobs.accept(KIND, key, key, channel="C1")
    all_accepted.set()
    await asyncio.Event().wait()


def number_of(job: str) -> int:
    """Which of those that were accepted."""
    return int(job.split(":")[2])


class _Aside(logging.Handler):
    """Tells what is not done because it is set aside: that is only logged."""

    def __init__(self, words: Connection) -> None:
        super().__init__()
        self._words = words

    def emit(self, record: logging.LogRecord) -> None:
        if "set aside" in record.getMessage() and isinstance(record.args, tuple):
            self._words.send(("set aside", number_of(str(record.args[0]))))
