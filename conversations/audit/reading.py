"""Reads the audit from a database that a bot may be using: without a lock, and in parts, so that nobody waits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from conversations.audit.entry import as_line
from conversations.database.inspection import transact
from conversations.database.models import AuditRow

AT_ONCE = 1000
"""Lines in memory, and in one transaction."""


def read_audit(url: str, since: float, until: float, team: str = "") -> Iterator[str]:
    """The lines of JSON from one epoch time until before another, oldest first; of one workspace, or of all.

    Raises:
        DatabaseUnusable: The database cannot be read, or has no such table yet.
    """
    after = (since, "")
    while rows := transact(url, partial(_read, after=after, until=until, team=team)):
        yield from (as_line(vars(row)) for row in rows)
        after = (rows[-1].at, rows[-1].id)


def _read(session: Session, after: tuple[float, str], until: float, team: str) -> list[AuditRow]:
    query = select(AuditRow).where(tuple_(AuditRow.at, AuditRow.id) > after, AuditRow.at < until)
    if team:
        query = query.where(AuditRow.team == team)
    rows = session.scalars(query.order_by(AuditRow.at, AuditRow.id).limit(AT_ONCE)).all()
    session.expunge_all()
    return list(rows)
