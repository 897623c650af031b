"""The app is removed from a workspace: what is open there ends, and a day later nothing of the workspace is left."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from conversations.audit.entry import Entry
from conversations.audit.log import note
from conversations.database.database import Database
from conversations.database.models import Base, Conversation, Deletion, Installation, Job, Question
from conversations.engine.engine import Engine
from conversations.privacy.forgetting import Forgetting
from conversations.store import installations
from conversations.store.installations import Installations
from conversations.store.questions import REMOVED

log = logging.getLogger(__name__)

KEPT_SECONDS = 24 * 60 * 60.0
"""How long the data of a workspace stays after the app was removed there, in case that it is installed again."""

CLOCK_SECONDS = 60.0
"""Slack's clock and ours differ by less, and people take longer to install an app that they have just removed."""

_KEPT = frozenset({"audit", "deletions", "installations"})
"""Tables that have their own end: the audit its days, a deletion at Azure when it is done."""


class Removal:
    """Ends workspaces."""

    def __init__(self, database: Database, engine: Engine, forgetting: Forgetting) -> None:
        self._database = database
        self._engine = engine
        self._forgetting = forgetting
        self._installations = Installations(database)

    async def remove(self, installation: str, at: float, only: Collection[str] = ()) -> None:
        """End an installation, unless it is newer than an epoch time: durable when this returns.

        Args:
            installation: The id of the workspace, or of the organisation.
            at: When Slack said so.
            only: Some workspaces of the organisation, which itself keeps the app.
        """

        def end(session: Session) -> Sequence[str]:
            teams = installations.remove(session, installation, at + CLOCK_SECONDS, only)
            for team in teams:
                note(session, Entry(f"{team}:{at:.6f}:removed", "setting", team, facts={"app": "removed"}))
            return _end_questions(session, teams)

        for turn in await self._database.run(end):
            await self._engine.stop(turn)

    async def grant(self, enterprise: str, teams: Collection[str]) -> None:
        """An organisation's app may be used again in some of its workspaces; what of them is not deleted stays."""
        await self._installations.grant(enterprise, teams)

    async def end_questions(self, team: str) -> None:
        """Note that the open questions of a workspace cannot be answered any more."""
        await self._database.run(lambda session: _end_questions(session, [team]))

    async def clean(self) -> None:
        """Delete the data of what was removed a day ago."""
        for installation in await self._installations.removed_before(time.time() - KEPT_SECONDS):
            await self._erase(installation)

    async def _erase(self, team: str) -> None:
        here = select(Conversation.id).where(Conversation.team == team)
        for conversation in await self._database.scalars(here):
            if not await self._database.run(lambda session: installations.is_removed(session, team)):
                return
            await self._forgetting.delete(conversation)
        work: list[str] = []
        for ids in (select(Question.id).where(Question.team == team), select(Job.id).where(_begins(Job.id, team))):
            work += await self._database.scalars(ids)
        if not await self._database.run(lambda session: _delete_rows(session, team)):
            return
        await self._engine.forget(work)
        await self._forgetting.finish()
        done = delete(Deletion).where(Deletion.done, _begins(Deletion.conversation, team))
        await self._database.execute(done)
        log.info("All data of %s is deleted, from which the app was removed a day ago.", team)


def _end_questions(session: Session, teams: Sequence[str]) -> Sequence[str]:
    """Note the outcome of the open questions of some workspaces; their ids."""
    open_ones = Question.team.in_(teams) & (Question.state != "done")
    return session.scalars(update(Question).where(open_ones).values(outcome=REMOVED).returning(Question.id)).all()


def _delete_rows(session: Session, team: str) -> bool:
    """Delete every row of a workspace, by its column ``team``, or its key's beginning; False: it is installed again."""
    if not installations.is_removed(session, team):
        return False
    for table in reversed(Base.metadata.sorted_tables):
        if table.name not in _KEPT:
            key = next(iter(table.primary_key.columns))
            session.execute(delete(table).where(table.c.team == team if "team" in table.c else _begins(key, team)))
    session.execute(delete(Installation).where(Installation.id == team))
    facts = {"of": "workspace", "why": "removed"}
    note(session, Entry(f"{team}:{time.time():.6f}:erased", "deletion", team, facts=facts))
    return True


def _begins(key: Any, team: str) -> ColumnElement[bool]:
    begins: ColumnElement[bool] = key.startswith(f"{team}:", autoescape=True)
    return begins
