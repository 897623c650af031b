"""The rules that admins have made in Slack, for one workspace each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Set
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from conversations.access.rule_book import RuleBook
from conversations.audit.entry import Entry
from conversations.audit.log import note
from conversations.database.database import Database
from conversations.database.inspection import transact
from conversations.database.models import AccessRule

_RULES: Any = AccessRule.__table__
_OF_TEAM = select(_RULES.c.subject, _RULES.c.verdict).where(_RULES.c.team == bindparam("team"))
"""Without the ORM's overhead: every question asks for them."""


class RuleTable:
    """Reads and changes them. Replicas read them each time, so that a change holds everywhere at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def book(self, team: str) -> RuleBook:
        """A workspace's rules."""
        return await self._database.run(lambda session: rule_book(session, team))

    async def put(self, team: str, subjects: Iterable[str], verdict: str, by: str) -> None:
        """Make rules about subjects, in place of others: all of them at once.

        Args:
            team: Of which workspace.
            subjects: See ``RuleBook``.
            verdict: ``allow`` or ``deny``; ``remove`` for no rule.
            by: Who wants that.
        """
        now = time.time()

        def put_one(session: Session, subject: str) -> None:
            row = {"team": team, "subject": subject, "verdict": verdict, "by": by, "made_at": now}
            if verdict == "remove":
                session.execute(delete(AccessRule).where(AccessRule.team == team, AccessRule.subject == subject))
            else:
                self._database.upsert(session, AccessRule, row, update=("verdict", "by", "made_at"))
            key, facts = f"{team}:{now:.6f}:{by}:{subject}:access", {"access": verdict}
            note(session, Entry(key, "setting", team, user=by, about=subject, facts=facts))

        def put(session: Session) -> None:
            for subject in sorted({*subjects}):
                put_one(session, subject)

        await self._database.run(put)


def rule_book(session: Session, team: str) -> RuleBook:
    """A workspace's rules, in a transaction."""
    rules = session.connection().execute(_OF_TEAM, {"team": team}).all()
    return RuleBook(*(frozenset(name for name, said in rules if said == verdict) for verdict in ("allow", "deny")))


async def read_groups(url: str) -> Set[str]:
    """The groups that rules are about, in a database that a bot may be using. Raises ``DatabaseUnusable``."""
    query = select(AccessRule.subject).where(AccessRule.subject.startswith("S"))
    return await asyncio.to_thread(transact, url, lambda session: frozenset(session.scalars(query)))
