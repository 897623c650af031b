"""The rules that admins have made in Slack, for one workspace each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Literal

from sqlalchemy import delete, select

from conversations.access.rule_book import RuleBook
from conversations.database.database import Database
from conversations.database.models import AccessRule

Verdict = Literal["allow", "deny"]


class RuleTable:
    """Reads and changes them. Replicas read them each time, so that a change holds everywhere at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def book(self, team: str) -> RuleBook:
        """A workspace's rules."""
        rules = await self.all(team)
        return RuleBook(*(frozenset(r.subject for r in rules if r.verdict == verdict) for verdict in ("allow", "deny")))

    async def all(self, team: str) -> Sequence[AccessRule]:
        """A workspace's rules, with who has made them; what is allowed first."""
        query = select(AccessRule).where(AccessRule.team == team).order_by(AccessRule.verdict, AccessRule.subject)
        return await self._database.scalars(query)

    async def put(self, team: str, subject: str, verdict: Verdict, by: str) -> None:
        """Make a rule; another one about the same subject is replaced."""
        row = {"team": team, "subject": subject, "verdict": verdict, "by": by, "made_at": time.time()}
        await self._database.run(
            lambda session: self._database.upsert(session, AccessRule, row, update=("verdict", "by", "made_at"))
        )

    async def remove(self, team: str, subject: str) -> bool:
        """Take a rule back; whether there was one."""
        this = (AccessRule.team == team) & (AccessRule.subject == subject)
        if not await self._database.scalars(select(AccessRule).where(this)):
            return False
        await self._database.execute(delete(AccessRule).where(this))
        return True
