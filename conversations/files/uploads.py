"""Brings the files of a question from Slack to the assistant thread, each once per conversation and version."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, select, update
from sqlalchemy.orm import Session

from azure_assistant.assistant import Assistant, AssistantFile, PromptFile, Thread
from conversations.audit.entry import Entry
from conversations.audit.log import note
from conversations.database.database import Database
from conversations.database.models import ConversationFile, Deletion, Question
from conversations.errors import FileError, FileNotInspected
from conversations.files.known_columns import KnownColumns
from conversations.files.pasted import PASTED, table_bytes
from conversations.files.sources import facts_json
from conversations.files.spool import Spool, SpooledFile
from conversations.ports.inspector import Inspector
from conversations.ports.workplace import SharedFile
from conversations.ports.workspaces import WorkplaceOf
from conversations.store.kept_thread import KeptThread
from conversations.store.questions import is_open
from conversations.store.results import Attached
from errors import AnalystError
from receipts.naming import named
from receipts.telling import tables_of, told
from untrusted.side_by_side import side_by_side

TRANSFERS = 4
LOOKUPS = 8


_HELD = (
    select(ConversationFile)
    .where(ConversationFile.conversation == bindparam("conversation"), ConversationFile.azure_file != "")
    .order_by(ConversationFile.shared_at)
)


class Traffic:
    """What a turn's files share on their way: so many look-ups and transfers (Slack → spool → Azure) at a time.

    ``line``: one of them waits for the spool's room at a time, as long as if it were the turn's only one.
    """

    def __init__(self) -> None:
        self.lookups = asyncio.Semaphore(LOOKUPS)
        self.transfers = asyncio.Semaphore(TRANSFERS)
        self.line = asyncio.Lock()


@dataclass(eq=False)
class FileUploads:
    """Files of conversations."""

    _database: Database
    _workplace: WorkplaceOf
    _assistant: Assistant
    _spool: Spool
    _inspector: Inspector
    _columns: KnownColumns

    async def attach(self, question: Question, kept: KeptThread, file: SharedFile, traffic: Traffic) -> Attached:
        """Fetch a file from Slack and upload it, unless this version is there already.

        Args:
            question: Whose file it is.
            kept: The assistant thread, which is stored with the file's row.
            file: The file; one of kind ``PASTED`` stands in a message of the conversation.
            traffic: The turn's, which others of its files may share at the same time.

        Raises:
            FileError: The file cannot be used; the sentence names it.
            AssistantError: Azure refused it.
        """
        conversation, channel = question.conversation, question.channel
        row = await self._database.run(lambda session: session.get(ConversationFile, (conversation, file.id)))
        if row and row.azure_file and not row.stale and row.version == file.version:
            return Attached(row.name, row.user, row.shared_at, azure_file=row.azure_file)
        async with traffic.lookups:
            fresh = file if file.kind == PASTED else await self._workplace(question.team).resolve(channel, file)
        if not fresh.shared_at:
            fresh = replace(fresh, shared_at=file.shared_at)
        used = Attached(fresh.name, fresh.user, float(fresh.shared_at or fresh.created or time.time()))
        if row and row.azure_file and row.version == fresh.version:
            if row.stale:
                fresh_again = update(ConversationFile).where(_this(conversation, fresh.id)).values(stale=False)
                await self._database.execute(fresh_again)
            return replace(used, azure_file=row.azure_file)
        async with traffic.transfers:
            values, inspected = await self._transfer(question, kept.thread, fresh, traffic)
        values |= {"user": fresh.user, "shared_at": used.shared_at, "version": fresh.version, "name": fresh.name}
        values["stale"] = False
        await self._note(question, kept, fresh.id, values)
        if row and row.azure_file:
            await self._assistant.remove_file(kept.thread, row.azure_file)
            await kept.save()
        notes = [] if inspected else [FileNotInspected(name=fresh.name)]
        return replace(used, azure_file=values["azure_file"], notes=notes)

    async def _note(self, question: Question, kept: KeptThread, file: str, values: dict[str, Any]) -> None:
        """Store what the conversation has of a file, and the thread that has it at Azure, in one transaction."""
        row = values | {"conversation": question.conversation, "slack_file": file}
        facts = {"turn": question.id, "size": values["size"], "version": values["version"], "owner": values["user"]}
        place = (question.team, question.channel, question.user, file)
        entry = Entry(f"{question.id}:{file}:{values['azure_file']}", "file", *place, facts=facts)

        def keep(session: Session) -> None:
            note(session, entry)
            if session.get(Deletion, kept.thread.id) is None:
                self._database.upsert(session, ConversationFile, row, update=tuple(values))

        await kept.save_with(keep)

    async def attach_again(
        self, question: Question, kept: KeptThread, lost: Collection[str], traffic: Traffic
    ) -> list[AnalystError]:
        """Upload files once more that Azure has lost, by their ids there; what the asker is told of some of them."""
        conversation = question.conversation

        async def again(row: ConversationFile) -> Sequence[AnalystError]:
            await self._assistant.remove_file(kept.thread, row.azure_file)
            await self._database.execute(delete(ConversationFile).where(_this(conversation, row.slack_file)))
            try:
                return (await self.attach(question, kept, as_shared(row), traffic)).notes
            except FileError as error:
                return [error]

        held = await self._database.run(lambda session: held_files(session, conversation))
        unread = await side_by_side(*(again(row) for row in held if row.azure_file in lost))
        await kept.save()
        return [error for errors in unread for error in errors]

    async def is_news(self, question: Question, file: SharedFile) -> bool:
        """Whether a question is the first one in its thread that cannot use a file; noted with the file's id only."""
        key = {"conversation": question.conversation, "slack_file": file.id}
        unused = key | {"name": "", "version": question.ts, "shared_at": time.time()}

        def keep(session: Session) -> bool:
            if is_open(session, question.id):
                self._database.upsert(session, ConversationFile, unused)
            row = session.get(ConversationFile, tuple(key.values()))
            return row is None or bool(row.azure_file) or row.version == question.ts

        return await self._database.run(keep)

    async def _text_of(self, conversation: str, file: SharedFile) -> str:
        """The message that a pasted table stands in."""
        question = (Question.conversation == conversation) & (Question.ts == file.id.split(":")[1])
        return next(iter(await self._database.scalars(select(Question.text).where(question))), "")

    async def _transfer(
        self, question: Question, thread: Thread, file: SharedFile, traffic: Traffic
    ) -> tuple[dict[str, Any], bool]:
        """Upload a file; returns what the row says of it, and whether it could be looked into."""
        self._inspector.expect()
        async with self.spooled(question, file, traffic.line) as spooled:
            with spooled.open() as handle:
                uploading = self._assistant.add_file(thread, file.name, handle, spooled.size)
                inspecting = self._inspector.inspect(spooled.path, file.name)
                uploaded, facts, digest = await asyncio.gather(uploading, inspecting, spooled.digest())
        self._columns.note(question.team, file, facts)
        values = {
            "azure_file": uploaded.id,
            "azure_name": uploaded.name,
            "size": spooled.size,
            "remark": facts.remark(),
            "cjk": facts.has_cjk,
            "facts": facts_json(facts),
            "digest": digest,
            "tables": tables_of(facts),
        }
        return values, facts.inspected

    @asynccontextmanager
    async def spooled(
        self, question: Question, file: SharedFile, line: asyncio.Lock | None = None
    ) -> AsyncIterator[SpooledFile]:
        """A file of a question's conversation, on disk here for as long as it is needed.

        Args:
            question: Whose it is.
            file: As Slack shows it now, or as it was known.
            line: Held while it waits for room.

        Raises:
            FileError: It cannot be had.
        """
        async with AsyncExitStack() as stack:
            async with line or nullcontext():
                place = await stack.enter_async_context(self._spool.reserve(file.name, file.size))
            chunks = await stack.enter_async_context(self._bytes(question, file))
            yield await place.write(chunks)

    @asynccontextmanager
    async def _bytes(self, question: Question, file: SharedFile) -> AsyncIterator[AsyncIterator[bytes]]:
        if file.kind == PASTED:
            yield table_bytes(self._workplace(question.team), file, await self._text_of(question.conversation, file))
        else:
            async with self._workplace(question.team).open_file(question.channel, file) as chunks:
                yield chunks


def as_shared(row: ConversationFile) -> SharedFile:
    """A file that Azure holds, to be looked at again in Slack."""
    file = SharedFile(row.slack_file, row.name, shared_at=f"{row.shared_at:.6f}", created=int(row.shared_at))
    pasted = row.slack_file.startswith(f"{PASTED}:")
    return replace(file, kind=PASTED, size=row.size, user=row.user) if pasted else file


def held_files(session: Session, conversation: str) -> Sequence[ConversationFile]:
    """The files that Azure holds for a conversation, in the order they were shared."""
    return session.scalars(_HELD, {"conversation": conversation}).all()


def _this(conversation: str, file: str) -> ColumnElement[bool]:
    return (ConversationFile.conversation == conversation) & (ConversationFile.slack_file == file)


def prompt_files(rows: Sequence[ConversationFile]) -> list[PromptFile]:
    """Files of a conversation as the model is told about them: of several with one name, the last is the newest."""
    newest = {row.name.lower(): row.slack_file for row in rows}
    tables = [told(name.table, row.tables) for name, row in zip(named(row.name for row in rows), rows, strict=True)]
    return [
        PromptFile(
            file=AssistantFile(row.azure_file, row.azure_name, row.size),
            original_name=row.name,
            remark=row.remark,
            newest=newest[row.name.lower()] == row.slack_file,
            tables=phrase,
        )
        for row, phrase in zip(rows, tables, strict=True)
    ]
