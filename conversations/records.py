"""What a turn reads and writes at each of its steps: one transaction each, because each waits for the disk.

The conversation's row is always written before the question's: transactions that meet on PostgreSQL would else wait for
each other (the twin of a mention may come while its turn has begun).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from sqlalchemy import bindparam, case, update
from sqlalchemy.orm import Session

from azure_assistant.assistant import Thread
from azure_assistant.errors import AnalystError
from conversations import inbox, threads
from conversations.attaching import held_files
from conversations.database import Database
from conversations.journal import drop_made, keep_made
from conversations.models import Conversation, ConversationFile, Question
from conversations.running import RunResult
from conversations.threads import Threads

_QUESTIONS: Any = Question.__table__
_CLOSE = (
    update(_QUESTIONS)
    .where(Question.id == bindparam("turn"))
    .values(
        state="done",
        finished_at=bindparam("now"),
        outcome=case((Question.outcome == "", bindparam("so")), else_=Question.outcome),
    )
)


@dataclass(frozen=True)
class TurnRecord:
    """A turn's rows as they stand now. ``files`` are those that Azure holds for the conversation."""

    question: Question
    conversation: Conversation
    files: Sequence[ConversationFile]


class TurnRecords:
    """The rows of turns.

    Args:
        database: Where.
        threads: Makes a conversation again whose rows are past their retention.
    """

    def __init__(self, database: Database, threads: Threads) -> None:
        self._database = database
        self._threads = threads

    async def load(self, turn: str) -> TurnRecord:
        """Read a turn's rows.

        Raises:
            AnalystError: There is no such turn.
        """
        return await self._database.run(partial(self._load, turn=turn))

    async def begin(self, turn: str) -> TurnRecord:
        """Read a turn's rows, and note that it runs, unless it has been stopped, refused or finished before.

        Raises:
            AnalystError: There is no such turn.
        """

        def begin(session: Session) -> TurnRecord:
            record = self._load(session, turn)
            question = record.question
            if question.state != "done" and not question.stopped_by and not question.refused:
                values = {"state": "running", "started_at": time.time()}
                self._database.change(session, Question, turn, values)
            return record

        return await self._database.run(begin)

    async def started(self, question: Question, run_id: str, seen: str, thread: Thread) -> None:
        """Note the run of a turn, what the assistant has seen with it, and its thread."""

        def write(session: Session) -> None:
            values = {"seen_ts": seen} | threads.columns(thread)
            self._database.change(session, Conversation, question.conversation, values)
            self._database.change(session, Question, question.id, {"run_id": run_id})

        await self._database.run(write)

    async def ended(self, question: Question, result: RunResult, thread: Thread | None, *, keep: bool) -> None:
        """Keep what a run came to: text, code, usage, and its charts and files until they are posted.

        Args:
            question: The turn's question.
            result: What came.
            thread: The assistant thread as it is now, if there is one.
            keep: Whether charts and files will be posted.
        """

        def write(session: Session) -> None:
            if thread:
                self._database.change(session, Conversation, question.conversation, threads.columns(thread))
            if keep and result.made:
                keep_made(session, question.id, result.made)
            values: dict[str, Any] = {"answer": result.text, "code": result.code, "usage": asdict(result.usage)}
            self._database.change(session, Question, question.id, values)

        await self._database.run(write)

    async def close(self, turn: str, outcome: str) -> None:
        """Note a turn's outcome; one that was dropped meanwhile stays so."""

        def write(session: Session) -> None:
            session.execute(_CLOSE, {"turn": turn, "now": time.time(), "so": outcome})
            drop_made(session, turn)

        await self._database.run(write)

    def _load(self, session: Session, turn: str) -> TurnRecord:
        question = inbox.find(session, turn)
        if question is None:
            raise AnalystError("question missing")
        conversation = threads.find(session, question.conversation)
        if conversation is None:
            self._threads.join(session, question.team, question.channel, question.thread, question.user)
            conversation = threads.find(session, question.conversation)
        if conversation is None:  # pragma: no cover - it was just made
            raise AnalystError("conversation missing")
        return TurnRecord(question, conversation, held_files(session, question.conversation))
