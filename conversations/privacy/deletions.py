"""Assistant threads that are deleted at Azure, now or when Azure answers again; their rows hold ids and no names."""

from __future__ import annotations

import logging
import time

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from azure_assistant.assistant import Assistant, Thread
from conversations.audit.entry import Entry
from conversations.audit.log import note
from conversations.database.database import Database
from conversations.database.models import Deletion

log = logging.getLogger(__name__)

MOST_FAILURES = 3
"""In a row, until it is left for the next night."""


class Deletions:
    """What is still to be deleted at Azure."""

    def __init__(self, database: Database, assistant: Assistant) -> None:
        self._database = database
        self._assistant = assistant

    async def carry_out(self, conversation: str = "") -> bool:
        """Delete what is noted, of one conversation or of all; whether nothing is left for the next time."""
        query = select(Deletion).where(Deletion.done.is_(False))
        if conversation:
            query = query.where(Deletion.conversation == conversation)
        failed, left = 0, False
        for row in await self._database.scalars(query):
            failed = 0 if await self._delete(row) else failed + 1
            left = left or failed > 0
            if failed >= MOST_FAILURES:
                break  # Azure is down: the next ones would wait for nothing
        return not left

    async def left_of(self, conversations: Select[str]) -> bool:
        """Whether something is still to be deleted of some conversations."""
        left = select(Deletion.thread).where(Deletion.done.is_(False), Deletion.conversation.in_(conversations))
        return bool(await self._database.scalars(left.limit(1)))

    async def _delete(self, row: Deletion) -> bool:
        try:
            await self._assistant.delete_thread(Thread(row.thread, dict(row.state)))
        except Exception as error:
            log.warning("A thread could not be deleted at Azure: %s", type(error).__name__)
            return False
        team, channel = row.conversation.split(":")[:2]
        facts = {"of": "assistant_thread", "thread": row.thread}
        entry = Entry(f"{row.thread}:deleted", "deletion", team, channel, about=row.conversation, facts=facts)

        def write(session: Session) -> None:
            session.execute(update(Deletion).where(Deletion.thread == row.thread).values(done=True, state={}))
            note(session, entry)

        await self._database.run(write)
        return True


def note_deletion(database: Database, session: Session, conversation: str, thread: Thread) -> None:
    """Note, in the transaction that lets go of it, that an assistant thread without names is to be deleted."""
    row = {"thread": thread.id, "conversation": conversation, "state": dict(thread.state)}
    database.upsert(session, Deletion, row | {"asked_at": time.time(), "done": False})


def drop_before(session: Session, before: float) -> None:
    """Delete the notes of what was deleted at Azure, and asked for before an epoch time."""
    session.execute(delete(Deletion).where(Deletion.done.is_(True), Deletion.asked_at < before))
