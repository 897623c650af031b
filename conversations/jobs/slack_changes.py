"""What changes at Slack after it was used here: files that change or are deleted, channels that get another id."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from azure_assistant.assistant import Assistant
from conversations.audit.entry import Entry
from conversations.audit.log import note
from conversations.database.database import Database
from conversations.database.models import (
    AccessRule,
    BudgetUse,
    ChannelBot,
    ChannelSetting,
    Conversation,
    ConversationFile,
    Job,
    Participant,
    Pause,
    Question,
)
from conversations.jobs.jobs import Jobs
from conversations.store.conversations import ConversationStore, conversation_id
from errors import AnalystError

log = logging.getLogger(__name__)

GONE = "gone"
SETTINGS = "settings"
"""Who denies a channel that the settings name by an id that it had before."""


class Changes:
    """Keeps conversations in step with Slack. Everything is durable when the methods return."""

    def __init__(
        self,
        database: Database,
        jobs: Jobs,
        conversations: ConversationStore,
        assistant: Assistant,
        denied: Collection[str],
    ) -> None:
        """``denied``: by the settings, which do not change when a channel's id does."""
        self._database = database
        self._jobs = jobs
        self._conversations = conversations
        self._assistant = assistant
        self._denied = denied

    async def file_changed(self, team: str, file: str) -> None:
        """A file may have new content: the next question of each conversation looks, and uploads it again."""
        there = ConversationFile.conversation.startswith(f"{team}:", autoescape=True)
        changed = update(ConversationFile).where(ConversationFile.slack_file == file, there).values(stale=True)
        await self._database.execute(changed)

    async def file_deleted(self, team: str, file: str, when: str) -> None:
        """A file is gone: its copies at Azure go too, after the turns that came before."""
        query = (
            select(Conversation)
            .join(ConversationFile, ConversationFile.conversation == Conversation.id)
            .where(ConversationFile.slack_file == file, Conversation.team == team)
        )
        for conversation in await self._database.scalars(query):
            await self._jobs.accept(
                GONE,
                f"{conversation.team}:{conversation.channel}:{when}",
                conversation.id,
                channel=conversation.channel,
                about=f"{conversation.thread}:{file}",
                arguments={"conversation": conversation.id, "file": file},
            )

    async def channel_moved(self, team: str, old: str, new: str) -> None:
        """A channel has another id now (it was shared with another workspace, or was a group)."""
        rule = {"team": team, "subject": new, "verdict": "deny", "by": SETTINGS, "made_at": time.time()}

        def move(session: Session) -> None:
            _move(session, team, old, new)
            if old in self._denied:
                self._database.upsert(session, AccessRule, rule, update=("verdict", "by"))

        await self._database.run(move)

    async def remove(self, job: Job) -> None:
        """The job of ``file_deleted``."""
        conversation, file = job.arguments["conversation"], job.arguments["file"]
        row = await self._database.run(lambda session: session.get(ConversationFile, (conversation, file)))
        if row is None:
            return
        facts = {"of": "file", "file": file}
        thread = await self._conversations.assistant_thread(conversation)
        if thread and row.azure_file:
            try:
                await self._assistant.remove_file(thread, row.azure_file)
            except AnalystError as error:
                log.warning("A deleted file could not be removed at Azure: %s; it expires there.", type(error).__name__)
                facts["error"] = type(error).__name__
            await self._conversations.save(conversation, thread)
        this = (ConversationFile.conversation == conversation) & (ConversationFile.slack_file == file)
        team, channel = conversation.split(":")[:2]
        entry = Entry(f"{job.id}:deleted", "deletion", team, channel, about=conversation, facts=facts)

        def write(session: Session) -> None:
            session.execute(delete(ConversationFile).where(this))
            note(session, entry)

        await self._database.run(write)


def _move(session: Session, team: str, old: str, new: str) -> None:
    here = (Conversation.team == team) & (Conversation.channel == old)
    for thread in session.scalars(select(Conversation.thread).where(here)).all():
        before, now = conversation_id(team, old, thread), conversation_id(team, new, thread)
        if session.get(Conversation, now):
            continue
        for table, column in ((Conversation, Conversation.id), (ConversationFile, ConversationFile.conversation)):
            session.execute(update(table).where(column == before).values({column: now}))
        for other in (Participant, Question):
            session.execute(update(other).where(other.conversation == before).values(conversation=now))
    session.execute(update(Conversation).where(here).values(channel=new, read_ts=""))  # what was heard stays there
    asked_there = (Question.team == team) & (Question.channel == old)
    session.execute(update(Question).where(asked_there).values(channel=new))
    session.execute(update(Job).where(Job.channel == old, Job.id.startswith(f"{team}:")).values(channel=new))
    note(session, Entry(f"{team}:{old}:{new}:moved", "setting", team, new, about=old, facts={"moved": "channel"}))
    if not session.get(AccessRule, (team, new)):
        rule = (AccessRule.team == team) & (AccessRule.subject == old)
        session.execute(update(AccessRule).where(rule).values(subject=new))
    used = (BudgetUse.team == team) & (BudgetUse.scope == "channel")
    known = select(BudgetUse.period).where(used, BudgetUse.subject == new)
    here = used & (BudgetUse.subject == old) & BudgetUse.period.not_in(known)
    session.execute(update(BudgetUse).where(here).values(subject=new))
    for setting in (ChannelSetting, ChannelBot, Pause):
        if not session.scalars(select(setting).where(setting.team == team, setting.channel == new).limit(1)).first():
            chosen = (setting.team == team) & (setting.channel == old)
            session.execute(update(setting).where(chosen).values(channel=new))
