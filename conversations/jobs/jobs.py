"""Durable work that is no question: file cards, posting code, removing a deleted file. Each kind brings its own body.

A job is on disk when ``accept`` returns and is done once, by the same engine as turns; its failure is logged and
never shown, because nobody has asked for an answer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.orm import Session

from conversations.audit.entry import Entry
from conversations.audit.log import note_alone
from conversations.database.database import Database
from conversations.database.models import Job
from conversations.engine.dispatcher import Dispatcher
from conversations.engine.engine import Engine
from conversations.engine.gate import Gate
from conversations.engine.suspects import SUSPECT
from conversations.errors import AccessError
from errors import AnalystError

log = logging.getLogger(__name__)

Work = Callable[[Job], Awaitable[None]]


class Jobs:
    """Accepts jobs and does them."""

    def __init__(self, database: Database, engine: Engine, dispatcher: Dispatcher, gate: Gate) -> None:
        self._database = database
        self._engine = engine
        self._dispatcher = dispatcher
        self._gate = gate
        self._kinds: dict[str, Work] = {}
        self._at_once: set[str] = set()

    def on(self, kind: str, work: Work, *, at_once: bool = False) -> None:
        """Let ``work`` do the jobs of a kind; ``at_once``: not even a suspect that has to be alone is waited for."""
        self._kinds[kind] = work
        if at_once:
            self._at_once.add(kind)

    def has(self, turn: str) -> bool:
        """Whether an id of the engine's is a job's."""
        return _kind(turn) in self._kinds

    def is_at_once(self, turn: str) -> bool:
        """Whether it is a job that waits for nothing: somebody may want to stop what it would wait for."""
        return _kind(turn) in self._at_once

    async def accept(
        self,
        kind: str,
        key: str,
        partition: str,
        *,
        channel: str,
        user: str = "",
        ts: str = "",
        about: str = "",
        arguments: dict[str, Any] | None = None,
    ) -> None:
        """Take a job: on disk when this returns, a known one is left alone.

        Its ``key`` is as of questions, so that jobs and turns of a partition keep their order; ``ts`` is of the message
        that it is about, if any; ``about`` tells several jobs of one key apart.
        """
        row: dict[str, Any] = {"id": f"{key}:{kind}:{about}".rstrip(":"), "channel": channel, "user": user, "ts": ts}
        row |= {"arguments": arguments or {}, "created_at": time.time()}
        await self._database.run(lambda session: self._database.upsert(session, Job, row))
        await self._dispatcher.before(partition)
        await self._engine.accept(row["id"], partition)

    async def get(self, job: str) -> Job | None:
        """A job's row."""
        return await self._database.run(lambda session: session.get(Job, job))

    async def blank(self, job: str) -> None:
        """Keep no longer what a job needed: it is done."""
        await self._set(job, arguments={})

    async def run(self, job_id: str) -> None:
        """Do a job; a repetition after a crash does it again, so its work must be idempotent."""
        is_tried = self._gate.is_tried(job_id)
        job = await self._begin(job_id, is_tried=is_tried)
        if job and job.deaths >= SUSPECT and not is_tried:
            await self._gate.enter(job_id, job.deaths)
            job = await self._begin(job_id, is_tried=True)
        if job is None:
            return
        try:
            if job.set_aside:
                log.warning("Job %s is not done: it is set aside.", job.id)
            else:
                await self._kinds[_kind(job.id)](job)
        except AnalystError as error:
            log.info("A job ended in %s: %s", type(error).__name__, error.detail)
            if isinstance(error, AccessError):
                await note_alone(self._database, _refusal(job, error))
        except Exception:
            log.exception("A job broke")
        await self._set(job_id, process="", deaths=job.deaths if job.set_aside else 0)

    async def _begin(self, job_id: str, *, is_tried: bool = False) -> Job | None:
        """Read a job's row, and note that it is open here; a suspect's only when it is being tried."""

        def begin(session: Session) -> Job | None:
            job = session.get(Job, job_id)
            if job and (job.deaths < SUSPECT or is_tried):
                self._database.change(session, Job, job_id, {"process": self._engine.process})
            return job

        return await self._database.run(begin)

    async def _set(self, job_id: str, **values: Any) -> None:
        await self._database.run(lambda session: self._database.change(session, Job, job_id, values))


def _refusal(job: Job, error: AccessError) -> Entry:
    facts = {"job": _kind(job.id), "error": type(error).__name__}
    return Entry(f"{job.id}:refused", "refusal", job.id.split(":")[0], job.channel, job.user, facts=facts)


def _kind(job: str) -> str:
    """``{team}:{channel}:{ts}:{kind}…``; the ids of turns end with the ts."""
    return job.split(":")[3] if job.count(":") > 2 else ""  # noqa: PLR2004 - the colons of a turn's id
