"""Notes what is done in the transaction that does it; and tells it as lines of a log, once that is durable."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import delete, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from conversations.audit import stream
from conversations.audit.entry import Entry, as_line
from conversations.database.database import Database
from conversations.database.models import AuditRow

_TABLE: Any = AuditRow.__table__
_INSERT = {
    dialect: insert(_TABLE).on_conflict_do_nothing(index_elements=["id"]).returning(_TABLE.c.id)
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_PENDING = "audit"


def note(session: Session, entry: Entry) -> None:
    """Note something in the transaction that does it; a known key is left alone."""
    connection, row = session.connection(), entry.row()
    is_new = connection.execute(_INSERT[connection.dialect.name], row).first() is not None
    if is_new and stream.log.isEnabledFor(logging.INFO):
        session.info.setdefault(_PENDING, []).append(as_line(row))


async def note_alone(database: Database, entry: Entry) -> None:
    """Note what was not done in our database: in a transaction of its own."""
    await database.run(lambda session: note(session, entry))


def drop_before(session: Session, before: float) -> None:
    """Delete what was noted before an epoch time."""
    session.execute(delete(AuditRow).where(AuditRow.at < before))


@event.listens_for(Session, "after_commit")
def _tell(session: Session) -> None:
    for line in session.info.pop(_PENDING, ()):
        stream.log.info("%s", line)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_PENDING, None)
