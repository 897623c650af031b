"""The durable work of ``/analyst forget``: a job for each conversation, behind the turns that run there."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass, replace
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from conversations.audit.entry import Entry
from conversations.audit.log import note
from conversations.database.database import Database
from conversations.database.models import Job, Question
from conversations.jobs.jobs import Jobs
from conversations.jobs.presses import ASKED
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.workspaces import WindowsOf, WorkplaceOf
from conversations.privacy.forgetting import Forgetting
from conversations.privacy.scope import Scope

FORGET = "forget"
AGAIN_AFTER = 3600.0
"""Seconds after which a job that is still there has broken: no turn before it takes so long."""

Stop = Callable[[Iterable[Question], str], Awaitable[None]]


@dataclass(eq=False)
class ForgetWork:
    """Forgets many conversations at once.

    The rows of its jobs say what is left to be done, so each goes when its work is done, and the last one reports.
    """

    _database: Database
    _jobs: Jobs
    _forgetting: Forgetting
    _stop: Stop
    _workplace: WorkplaceOf
    _windows: WindowsOf

    async def ask(self, scope: Scope, user: str) -> str:
        """Note what a person is asked about; the id of the note, which the modal carries."""
        key = f"{scope.team}:{scope.channel}:{uuid4().hex}:{ASKED}"
        row = {"id": key, "channel": scope.channel, "user": user, "arguments": {}, "created_at": time.time()}
        await self._database.run(lambda session: self._database.upsert(session, Job, row))
        return key

    async def begin(self, scope: Scope, user: str, job: str) -> None:
        """Have what a scope has until now forgotten; repeated after a crash, it does what is left.

        Args:
            scope: What.
            user: Who has asked for it, and is told when it is done.
            job: The request's id.
        """
        request, asked = job.split(":")[2], await self._jobs.get(job)
        scope = replace(scope, until=asked.created_at if asked else 0.0)
        first = f"{scope.team}::{request}:{FORGET}"
        row = {"id": first, "channel": scope.channel, "user": user, "created_at": scope.until}
        row |= {"arguments": asdict(scope) | {"by": user}}
        facts = {"of": "request", "why": scope.why}

        def write(session: Session) -> None:
            self._database.upsert(session, Job, row)
            note(session, Entry(first, "deletion", scope.team, scope.channel, user, facts=facts))

        await self._database.run(write)
        await self._spread(first, scope, user)

    async def _spread(self, first: str, scope: Scope, user: str) -> None:
        """Stop what runs of a scope, and accept a job for each conversation."""
        request = first.split(":")[2]
        await self._stop(await self._forgetting.open_questions(scope), user)
        await self._forgetting.beside(scope)
        for conversation in await self._forgetting.conversations_of(scope):
            team, channel, thread = conversation.split(":")
            await self._jobs.accept(
                FORGET,
                f"{team}:{channel}:{request}",
                conversation,
                channel=channel,
                user=user,
                about=thread,
                arguments=asdict(scope) | {"by": user, "conversation": conversation},
            )
        await self._forgetting.scrubbed()
        await self._done(first, scope, user)

    async def part(self, job: Job) -> None:
        """The job of one conversation."""
        told = dict(job.arguments)
        conversation, by = told.pop("conversation", ""), told.pop("by")
        scope = Scope(**told)
        if not conversation:
            await self._spread(job.id, scope, by)
            return
        await self._forgetting.part(conversation, scope, by)
        await self._done(job.id, scope, by)

    async def at_night(self, days: int, audit_days: int) -> None:
        """Do what an outage has broken, and forget what is older than some days."""
        old = Job.id.contains(f":{FORGET}") & (Job.created_at < time.time() - AGAIN_AFTER)
        for job in await self._database.scalars(select(Job).where(old)):
            if job.id.split(":")[3] == FORGET:
                await self.part(job)
        await self._forgetting.clean(days, audit_days)

    async def _done(self, job: str, scope: Scope, user: str) -> None:
        """Tell the person when this was the last; the first row is locked, so that only one finds that it was."""
        _, _, request, *_ = job.split(":")
        parts = Job.id.startswith(f"{scope.team}:", autoescape=True) & Job.id.contains(
            f":{request}:{FORGET}", autoescape=True
        )

        def end(session: Session) -> bool:
            left = session.scalars(select(Job.id).where(parts).order_by(Job.id).with_for_update()).all()
            session.execute(delete(Job).where(Job.id == job))
            return list(left) == [job]

        if await self._database.run(end):
            locale = (await self._workplace(scope.team).person(user)).locale
            await self._windows(scope.team).tell(user, locale, await self._report(scope))

    async def _report(self, scope: Scope) -> Notice:
        if not await self._forgetting.is_gone(scope):
            return Notice(NoticeKind.FORGOTTEN_BUT_AT_AZURE)
        if scope.channel:
            return Notice(NoticeKind.FORGOTTEN_CHANNEL, {"channel": scope.channel})
        return Notice(NoticeKind.FORGOTTEN_MINE)
