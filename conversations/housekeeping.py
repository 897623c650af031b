"""What is done once a night: what has outlived ``RETENTION_DAYS`` is deleted, here, in the engine and at Azure."""

from __future__ import annotations

import logging
import time

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from azure_assistant.assistant import Assistant, Thread
from azure_assistant.errors import AnalystError
from conversations.database import Database
from conversations.engine import Engine
from conversations.models import (
    Chore,
    Conversation,
    ConversationFile,
    Feedback,
    Made,
    Participant,
    Post,
    Question,
    Recorded,
)

log = logging.getLogger(__name__)

DAY = 86_400.0
DEDUPE_DAYS = 2
"""Ids of questions are kept at least this long; Slack sends an event again for up to a day."""


class Housekeeping:
    """Deletes what is old.

    Args:
        days: Retention in days; at least ``DEDUPE_DAYS``.
    """

    def __init__(self, database: Database, engine: Engine, assistant: Assistant, days: int) -> None:
        self._database = database
        self._engine = engine
        self._assistant = assistant
        self._days = max(days, DEDUPE_DAYS)

    async def clean(self) -> None:
        """Delete questions, answers and conversations past retention, with their copies at Azure."""
        before = time.time() - self._days * DAY
        query = select(Conversation).where(Conversation.used_at < before)
        old = await self._database.scalars(query)
        for conversation in old:
            await self._forget(conversation)
        await self._database.run(lambda session: _delete_before(session, before))
        turns_deleted = await self._engine.purge(before)
        log.info("Housekeeping: %d conversations and %d turns deleted.", len(old), turns_deleted)

    async def _forget(self, conversation: Conversation) -> None:
        if conversation.assistant_thread:
            try:
                await self._assistant.delete_thread(Thread(conversation.assistant_thread, dict(conversation.state)))
            except AnalystError as error:
                log.warning("A thread could not be deleted at Azure: %s", type(error).__name__)
                return  # again tomorrow
        await self._database.run(lambda session: _delete_conversation(session, conversation.id))


def _delete_before(session: Session, before: float) -> None:
    turns = select(Question.id).where(Question.accepted_at < before)
    for table in (Post, Made, Feedback, Recorded):
        session.execute(delete(table).where(table.turn.in_(turns)))
    chores = select(Chore.id).where(Chore.created_at < before)
    session.execute(delete(Post).where(Post.turn.in_(chores)))
    session.execute(delete(Chore).where(Chore.created_at < before))
    session.execute(delete(Question).where(Question.accepted_at < before))


def _delete_conversation(session: Session, key: str) -> None:
    session.execute(delete(ConversationFile).where(ConversationFile.conversation == key))
    session.execute(delete(Participant).where(Participant.conversation == key))
    session.execute(delete(Conversation).where(Conversation.id == key))
