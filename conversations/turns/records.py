"""What a turn reads and writes at each of its steps: one transaction each, because each waits for the disk.

The conversation's row is always written before the question's: transactions that meet on PostgreSQL would else wait for
each other (the twin of a mention may come while its turn has begun). Nothing is kept of a turn that is closed: a
process that was taken for dead may come back after its question was forgotten.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import bindparam, case, delete, func, select, update
from sqlalchemy.orm import Session

from azure_assistant.assistant import Thread
from conversations.database.database import Database
from conversations.database.models import Conversation, ConversationFile, Question, StepRow
from conversations.engine.suspects import SUSPECT
from conversations.files.answer_budget import KEPT_TEXT
from conversations.files.made import drop_made
from conversations.files.uploads import held_files
from conversations.store import conversations as threads
from conversations.store import questions
from conversations.store.conversations import Threads
from conversations.turns.run_follower import RunResult
from errors import AnalystError

Json = dict[str, Any]

_QUESTIONS: Any = Question.__table__
_SET = update(_QUESTIONS).where(  # what is set comes with the parameters
    _QUESTIONS.c.id == bindparam("turn"), _QUESTIONS.c.state != "done"
)
_DROP_STEPS = delete(StepRow).where(StepRow.turn == bindparam("turn"))
_STEPS = select(StepRow.name, StepRow.result).where(StepRow.turn == bindparam("turn"))
_CLOSE = (
    update(_QUESTIONS)
    .where(Question.id == bindparam("turn"))
    .values(
        state="done",
        finished_at=bindparam("now"),
        outcome=case((Question.outcome == "", bindparam("so")), else_=Question.outcome),
        answer=case(
            (func.length(Question.answer) > KEPT_TEXT, func.substr(Question.answer, 1, KEPT_TEXT)),
            else_=Question.answer,
        ),
        process="",
    )
    .returning(_QUESTIONS.c.outcome)
)


@dataclass
class TurnSnapshot:
    """A turn's rows as they stand now.

    ``files`` are those that Azure holds for the conversation, ``steps`` what the turn's steps have come to so far, by
    their names; ``is_new`` says that no process has begun the turn before.
    """

    question: Question
    conversation: Conversation
    files: Sequence[ConversationFile]
    steps: dict[str, Json]
    is_new: bool = False


class TurnRecords:
    """The rows of turns.

    Args:
        database: Where.
        threads: Makes a conversation again whose rows are past their retention.
        process: This one.
    """

    def __init__(self, database: Database, threads: Threads, process: str) -> None:
        self._database = database
        self._threads = threads
        self._process = process

    async def load(self, turn: str) -> TurnSnapshot:
        """Read a turn's rows.

        Raises:
            AnalystError: There is no such turn.
        """
        return await self._database.run(partial(self._load, turn=turn))

    async def refresh(self, record: TurnSnapshot) -> None:
        """Read a turn's rows again."""
        now = await self.load(record.question.id)
        record.question, record.conversation, record.files = now.question, now.conversation, now.files
        record.steps |= now.steps

    async def begin(self, turn: str, *, is_tried: bool = False) -> TurnSnapshot:
        """Read a turn's rows, and note that it is open here; a suspect's only when it is being tried.

        Args:
            turn: Which.
            is_tried: The gate has let it in as a suspect.

        Raises:
            AnalystError: There is no such turn.
        """

        def begin(session: Session) -> TurnSnapshot:
            record = self._load(session, turn)
            if record.question.deaths < SUSPECT or is_tried:
                values: Json = {"process": self._process}
                if record.question.state != "done":
                    values |= {"state": "running", "started_at": time.time()}
                self._database.change(session, Question, turn, values)
            return replace(record, is_new=record.question.state == "waiting")

        return await self._database.run(begin)

    async def left(self, turn: str) -> None:
        """Note that a turn is open no longer, which had its outcome before it was begun here."""
        await self._database.run(lambda session: self._database.change(session, Question, turn, {"process": ""}))

    async def keep(self, record: TurnSnapshot, name: str, result: Json) -> None:
        """Keep what a step came to, if ``started`` or ``ended`` has not yet.

        Args:
            record: The turn's.
            name: The step's.
            result: JSON.
        """

        def keep(session: Session) -> None:
            if questions.is_open(session, record.question.id):
                self._keep(session, record, name, result)

        if record.steps.get(name) != result:
            await self._database.run(keep)
            record.steps[name] = result

    async def started(self, record: TurnSnapshot, run_id: str, seen: str, thread: Thread, result: Json) -> None:
        """Note the run of a turn, what the assistant has seen with it, its thread, and what ``start`` came to."""
        question = record.question

        def write(session: Session) -> None:
            threads.write(session, question.conversation, thread, seen_ts=seen)
            if _set(session, question.id, run_id=run_id):
                self._keep(session, record, "start", result)

        await self._database.run(write)
        question.run_id = run_id
        record.steps["start"] = result

    async def ended(self, record: TurnSnapshot, ended: RunResult, thread: Thread | None, result: Json) -> None:
        """Keep what a run came to: text, code, usage.

        Args:
            record: The turn's.
            ended: What came.
            thread: The assistant thread as it is now, if there is one.
            result: What the step ``run`` came to.
        """
        question = record.question

        def write(session: Session) -> None:
            if thread:
                threads.write(session, question.conversation, thread)
            if not _set(session, question.id, answer=ended.text, code=ended.code, usage=asdict(ended.usage)):
                return
            self._keep(session, record, "run", result)

        await self._database.run(write)
        question.answer, question.code = ended.text, ended.code
        record.steps["run"] = result

    async def close(self, turn: str, outcome: str) -> bool:
        """Note a turn's outcome, and drop what only an open turn needs; one that was dropped meanwhile stays so.

        Args:
            turn: Which.
            outcome: What became of it.

        Returns:
            Whether it was dropped: its question was deleted, and what it has shown must go.
        """

        def write(session: Session) -> bool:
            noted = session.connection().execute(_CLOSE, {"turn": turn, "now": time.time(), "so": outcome}).scalar()
            session.connection().execute(_DROP_STEPS, {"turn": turn})
            drop_made(session, turn)
            if noted == "refused":
                self._leave(session, turn)
            return bool(noted == "dropped")

        return await self._database.run(write)

    def _leave(self, session: Session, turn: str) -> None:
        """A refused question leaves its id, and nothing else."""
        self._database.change(session, Question, turn, {"text": "", "files": []})
        if question := questions.find(session, turn):
            self._threads.leave(session, question.conversation, question.user)

    def _load(self, session: Session, turn: str) -> TurnSnapshot:
        question = questions.find(session, turn)
        if question is None:
            raise AnalystError("question missing")
        conversation = threads.find(session, question.conversation)
        if conversation is None:
            self._threads.join(session, question.team, question.channel, question.thread, question.user)
            conversation = threads.find(session, question.conversation)
        if conversation is None:  # pragma: no cover - it was just made
            raise AnalystError("conversation missing")
        steps: dict[str, Json] = {}
        if question.state != "waiting":
            steps.update(session.connection().execute(_STEPS, {"turn": turn}).all())
        return TurnSnapshot(question, conversation, held_files(session, question.conversation), steps)

    def _keep(self, session: Session, record: TurnSnapshot, name: str, result: Json) -> None:
        row = {"turn": record.question.id, "name": name, "result": result}
        self._database.upsert(session, StepRow, row, update=("result",))


def _set(session: Session, turn: str, **values: Any) -> bool:
    """Set columns of an open question; False when it was closed meanwhile, and perhaps forgotten."""
    return session.connection().execute(_SET, values | {"turn": turn}).rowcount > 0
