"""Forgets: what a person asks for, and what is past its retention. Here at once, in the engine, and at Azure."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import Select, exists, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from azure_assistant.assistant import Assistant
from conversations.access import ledger
from conversations.audit import log as audit
from conversations.audit.entry import Entry, as_time
from conversations.audit.log import note
from conversations.database.database import Database
from conversations.database.models import Conversation, Question
from conversations.database.scrubbing import scrub
from conversations.engine.engine import Engine
from conversations.ports.windows import Extent
from conversations.privacy import deletions, erasing
from conversations.privacy.deletions import Deletions
from conversations.privacy.scope import Scope
from conversations.store import conversations as threads
from conversations.store import heard
from conversations.store.questions import open_questions

log = logging.getLogger(__name__)

PAUSE = 9
"""After a database was rewritten, writers have it to themselves for so many times as long, whatever people ask for."""

DAY = 86_400.0
DEDUPE_DAYS = 2
"""Ids of questions are kept at least this long; Slack sends an event again for up to a day."""

AT_ONCE = 4
"""Conversations that are deleted at Azure at a time, when many are forgotten at once."""

Erase = Callable[[Session, Conversation], None]


class Forgetting:
    """Erases words and names, and deletes the copies at Azure."""

    def __init__(self, database: Database, engine: Engine, assistant: Assistant) -> None:
        self._database = database
        self._engine = engine
        self._assistant = assistant
        self._deletions = Deletions(database, assistant)
        self._few = asyncio.Semaphore(AT_ONCE)
        self._one_scrub = asyncio.Lock()
        self._next_scrub: asyncio.Task[None] | None = None
        self._rests_until = 0.0

    async def conversation(self, conversation: str, before: str, by: str) -> bool:
        """Forget what was said in a conversation before a ts, whose turns have ended; whether it is gone at Azure.

        ``by``: the id of who asks for it.
        """
        blank = partial(erasing.blank_conversation, before=before)
        await self._erase(conversation, blank, _entry(conversation, before, "forget", by), may_be_open=True)
        asked = select(Question.id).where(Question.conversation == conversation, Question.ts < before)
        await self._engine.forget(await self._database.scalars(asked))
        await self.scrubbed()
        return await self._deletions.carry_out(conversation)

    async def extent(self, scope: Scope) -> Extent:
        """How much of a scope is not forgotten yet."""
        counted = select(func.count(Question.conversation.distinct()), func.count())
        query = counted.where(scope.questions, Question.command == "")
        conversations, questions = await self._database.run(lambda session: session.execute(query).one())
        return Extent(conversations, questions)

    async def conversations_of(self, scope: Scope) -> Sequence[str]:
        """Conversations of which something is not forgotten yet."""
        return await self._database.scalars(select(Question.conversation).where(scope.questions).distinct())

    async def open_questions(self, scope: Scope) -> Sequence[Question]:
        """Questions of a scope that have no outcome yet."""
        is_open = (Question.state != "done") & (Question.command == "")
        return await self._database.scalars(select(Question).where(scope.questions, is_open))

    async def beside(self, scope: Scope) -> None:
        """Forget what a scope has outside of conversations."""
        await self._database.run(lambda session: erasing.blank_beside(session, scope))

    async def part(self, conversation: str, scope: Scope, by: str) -> None:
        """Forget what a scope has of a conversation, whose turns until then have ended. ``by``: who asks for it."""
        entry = _entry(conversation, f"{scope.until:.6f}", scope.why, by)
        await self._erase(conversation, partial(erasing.blank_part, scope=scope), entry, may_be_open=True)
        gone = select(Question.id).where(Question.conversation == conversation, Question.forgotten)
        await self._engine.forget(await self._database.scalars(gone))
        await self.scrubbed()
        async with self._few:
            await self._deletions.carry_out(conversation)

    async def is_gone(self, scope: Scope) -> bool:
        """Whether Azure has deleted all that was to be deleted of a scope's conversations."""
        return not await self._deletions.left_of(select(Question.conversation).where(scope.everything))

    async def clean(self, days: int, audit_days: int) -> None:
        """Forget what is older than some days (at least ``DEDUPE_DAYS``); active conversations begin anew at Azure."""
        now = time.time()
        before = now - max(days, DEDUPE_DAYS) * DAY
        night = f"{now:.6f}"
        old = await self._database.scalars(select(Conversation.id).where(Conversation.used_at < before))
        for conversation in old:
            await self._erase(conversation, erasing.delete_conversation, _entry(conversation, night, "retention"))
        reaching_back = await self._database.scalars(_reaching_back(before))
        for conversation in reaching_back:
            begin_anew = partial(erasing.begin_anew, before=before)
            await self._erase(conversation, begin_anew, _entry(conversation, night, "retention_in_use"))
        await self._database.run(partial(_delete_before, before=before, audit_before=now - audit_days * DAY))
        await self._deletions.carry_out()
        await self._engine.purge(before)
        if self._database.is_sqlite:
            await self._rewrite(whole=True)
        log.info("Housekeeping: %d conversations past their retention.", len(old) + len(reaching_back))

    async def delete(self, conversation: str) -> None:
        """Delete a conversation, whether it is in use or not; it is deleted at Azure with the next ``finish``."""
        entry = _entry(conversation, f"{time.time():.6f}", "removed")
        await self._erase(conversation, erasing.delete_conversation, entry, may_be_open=True)

    async def finish(self) -> None:
        """Delete at Azure what is still to be deleted there, and leave nothing of what was erased in the files."""
        await self._deletions.carry_out()
        await self.scrubbed()

    async def _erase(self, conversation: str, erase: Erase, entry: Entry, *, may_be_open: bool = False) -> None:
        """Erase in one transaction, with the notes of that, and that its assistant thread is to be deleted."""
        found = await self._database.run(lambda session: threads.find(session, conversation))
        thread = threads.thread_of(found) if found else None
        nameless = await self._assistant.without_names(thread) if thread else None

        def write(session: Session) -> None:
            row = threads.find(session, conversation)
            if row is None or found is None:
                return
            in_use = row.used_at != found.used_at or open_questions(session, conversation)
            if in_use and not may_be_open:
                return
            if nameless:
                deletions.note_deletion(self._database, session, conversation, nameless)
            erase(session, row)
            note(session, entry)

        await self._database.run(write)

    async def scrubbed(self) -> None:
        """Wait until nothing of what was erased is left in the files' bytes; those who wait meanwhile share the next.

        On PostgreSQL dead rows are the server's business (docs/reliability.md).
        """
        if self._database.is_sqlite:
            if self._next_scrub is None:
                self._next_scrub = asyncio.create_task(self._scrub())
            await asyncio.shield(self._next_scrub)

    async def _scrub(self) -> None:
        async with self._one_scrub:
            await asyncio.sleep(self._rests_until - time.monotonic())
            self._next_scrub, began = None, time.monotonic()
            await self._rewrite()
            ended = time.monotonic()
            self._rests_until = ended + PAUSE * (ended - began)

    async def _rewrite(self, *, whole: bool = False) -> None:
        for path in (self._database.path, Path(make_url(self._database.engine_url).database or "")):
            await asyncio.to_thread(scrub, path, whole=whole)


def _reaching_back(before: float) -> Select[str]:
    """Conversations in use whose assistant thread knows what was asked before an epoch time."""
    then = exists().where(Question.conversation == Conversation.id, Question.accepted_at < before)
    in_use = (Conversation.used_at >= before) & (Conversation.assistant_thread != "")
    return select(Conversation.id).where(in_use, then)


def _entry(conversation: str, key: str, why: str, by: str = "") -> Entry:
    team, channel = conversation.split(":")[:2]
    facts = {"of": "conversation", "why": why}
    return Entry(f"{conversation}:{key}:{why}", "deletion", team, channel, by, conversation, facts)


def _delete_before(session: Session, before: float, audit_before: float) -> None:
    questions = erasing.delete_before(session, before)
    deletions.drop_before(session, before)
    audit.drop_before(session, audit_before)
    facts: dict[str, str | float] = {
        "of": "questions",
        "why": "retention",
        "before": as_time(before),
        "number": questions,
    }
    note(session, Entry(f"retention:{before:.6f}", "deletion", facts=facts))
    heard.drop_before(session, time.time())
    ledger.drop_before(session, time.time())
