"""Slack thread ↔ assistant thread: the mapping, who takes part, and what the assistant has seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from azure_assistant.assistant import Thread
from conversations.database.database import Database
from conversations.database.models import Conversation, Deletion, Participant, Question
from conversations.ports.windows import Talk

T = TypeVar("T")


@dataclass(frozen=True)
class Joined:
    """How a person stands to a conversation: it exists, the person has asked in it, it is muted."""

    exists: bool = False
    takes_part: bool = False
    muted: bool = False


def conversation_id(team: str, channel: str, thread: str) -> str:
    """The key of a conversation: ``{team}:{channel}:{thread ts}``."""
    return f"{team}:{channel}:{thread}"


_ONE = select(Conversation).where(Conversation.id == bindparam("id"))
_CONVERSATIONS: Any = Conversation.__table__
_WRITE = update(_CONVERSATIONS).where(
    _CONVERSATIONS.c.id == bindparam("_conversation"),
    ~exists(select(Deletion.thread).where(Deletion.thread == bindparam("_thread"))),
)


class ConversationStore:
    """Conversations in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def join(self, session: Session, team: str, channel: str, thread: str, user: str) -> None:
        """Make the thread a conversation, and the person one who is answered there without a mention."""
        now = time.time()
        key = conversation_id(team, channel, thread)
        row = {"id": key, "team": team, "channel": channel, "thread": thread, "created_at": now, "used_at": now}
        self._database.upsert(session, Conversation, row, update=("used_at",))
        self._database.upsert(session, Participant, {"conversation": key, "user": user})

    def leave(self, session: Session, conversation: str, user: str) -> None:
        """Undo ``join`` for a person of whose questions none was taken; without anybody the thread is none of ours."""
        taken = (Question.conversation == conversation) & (Question.outcome != "refused")
        if not session.scalar(select(Question.id).where(taken, Question.user == user).limit(1)):
            here = (Participant.conversation == conversation) & (Participant.user == user)
            session.execute(delete(Participant).where(here))
        anybody = select(Participant.user).where(Participant.conversation == conversation).exists()
        unused = (Conversation.id == conversation) & (Conversation.assistant_thread == "") & ~anybody
        session.execute(delete(Conversation).where(unused))

    async def standing(self, conversation: str, user: str) -> Joined:
        """Whether a conversation exists, whether the person takes part, whether it is muted."""
        query = (
            select(Conversation.muted, Participant.user)
            .outerjoin(Participant, (Participant.conversation == Conversation.id) & (Participant.user == user))
            .where(Conversation.id == conversation)
        )
        row = await self._database.run(lambda session: session.execute(query).first())
        return Joined(True, row[1] is not None, row[0]) if row else Joined()

    async def assistant_thread(self, conversation: str) -> Thread | None:
        """The assistant thread behind a conversation, or None before its first run."""
        row = await self._database.run(lambda session: find(session, conversation))
        return thread_of(row) if row else None

    async def save(self, conversation: str, thread: Thread) -> None:
        """Store the assistant thread's id and state; of one that is to be deleted nothing is kept."""
        await self.save_with(conversation, thread.copy(), lambda _: None)

    async def save_with(self, conversation: str, thread: Thread, write: Callable[[Session], T], **values: Any) -> T:
        """The same with other columns, and with what ``write`` writes in the same transaction.

        ``thread`` must be a copy that nobody changes: it is written on another thread of the process.
        """

        def save(session: Session) -> T:
            state = {"assistant_thread": thread.id, "state": thread.state, "used_at": time.time()}
            session.connection().execute(_WRITE, values | state | {"_conversation": conversation, "_thread": thread.id})
            return write(session)

        return await self._database.run(save)

    async def mute(self, conversation: str, muted: bool) -> None:
        """Mute or unmute a conversation."""
        values = {"muted": muted}
        await self._database.run(lambda session: self._database.change(session, Conversation, conversation, values))

    async def active_places(self, since: float) -> Sequence[tuple[str, str, str]]:
        """``(team, channel, thread)`` of conversations used since an epoch time, newest first.

        The top level of a channel comes as ``(team, channel, "")``.
        """
        query = (
            select(Conversation.team, Conversation.channel, Conversation.thread)
            .where(Conversation.used_at >= since)
            .order_by(Conversation.used_at.desc())
        )
        rows = await self._database.run(lambda session: session.execute(query).all())
        places = (place for team, channel, thread in rows for place in ((team, channel, ""), (team, channel, thread)))
        return list(dict.fromkeys(places))

    async def talks_of(self, team: str, user: str, limit: int) -> Sequence[Talk]:
        """The conversations that a person has asked in, the last used first, each with the person's first question."""
        query = (
            select(Conversation)
            .join(Participant, Participant.conversation == Conversation.id)
            .where(Participant.user == user, Conversation.team == team)
            .order_by(Conversation.used_at.desc())
            .limit(limit)
        )

        def read(session: Session) -> tuple[Sequence[Conversation], dict[str, str]]:
            conversations = session.scalars(query).all()
            asked = (
                select(Question.conversation, Question.text)
                .where(Question.conversation.in_([row.id for row in conversations]), Question.user == user)
                .where(Question.command == "", Question.text != "")
                .order_by(Question.ts.desc())
            )
            return conversations, {row.conversation: row.text for row in session.execute(asked)}

        conversations, first = await self._database.run(read)
        return [Talk(row.channel, row.thread, first[row.id], row.used_at) for row in conversations if row.id in first]


def thread_of(conversation: Conversation) -> Thread | None:
    """The assistant thread behind a conversation, or None before its first run."""
    return Thread(conversation.assistant_thread, dict(conversation.state)) if conversation.assistant_thread else None


def find(session: Session, conversation: str) -> Conversation | None:
    """A conversation's row."""
    return session.scalars(_ONE, {"id": conversation}).one_or_none()
