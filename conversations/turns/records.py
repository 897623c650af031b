"""Reads and writes the rows of turns: one transaction for each step, because each transaction waits for the disk.

The conversation's row is always written before the question's row. Otherwise concurrent transactions on PostgreSQL
could deadlock (the twin of a mention may arrive after its turn has begun). Nothing is saved for a closed turn: a
process that was taken for dead may come back after the question was forgotten.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import bindparam, case, delete, func, select, update
from sqlalchemy.orm import Session

from conversations.access import pauses
from conversations.access.ledger import Ledger
from conversations.audit.log import note
from conversations.audit.questions import closing, spent
from conversations.database.database import Database
from conversations.database.models import Question, StepRow
from conversations.engine.suspects import SUSPECT
from conversations.files.answer_budget import KEPT_TEXT
from conversations.files.shelf import drop_made
from conversations.files.sources import sources_json
from conversations.files.uploads import held_files
from conversations.ports.replies import Answer
from conversations.store import conversations, questions
from conversations.store.choices import KEPT_STEPS, SOURCES
from conversations.store.conversations import ConversationStore
from conversations.store.journal import TurnJournal
from conversations.store.kept_thread import KeptThread
from conversations.store.prices import Prices
from conversations.store.results import Json, Ran, Started
from conversations.turns.run_follower import RunResult
from conversations.turns.turn import Turn
from errors import AnalystError, error_to_json
from telemetry.metrics import turn_ended
from telemetry.traces import mark

_QUESTIONS: Any = Question.__table__
_SET = update(_QUESTIONS).where(  # what is set comes with the parameters
    _QUESTIONS.c.id == bindparam("turn"), _QUESTIONS.c.state != "done"
)
_DROP_STEPS = delete(StepRow).where(StepRow.turn == bindparam("turn"), StepRow.name.not_in(KEPT_STEPS))
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
    .returning(_QUESTIONS.c.outcome, _QUESTIONS.c.usage, _QUESTIONS.c.stopped_by)
)


class TurnRecords:
    """The rows of turns."""

    def __init__(
        self,
        database: Database,
        conversations: ConversationStore,
        ledger: Ledger,
        process: str,
        prices: Prices,
        open_answer: Callable[[Turn], Answer],
    ) -> None:
        self._database = database
        self._conversations = conversations
        self._ledger = ledger
        self._process = process
        self._prices = prices
        self._open_answer = open_answer

    async def back(self) -> None:
        """Wait until the database answers (again)."""
        await self._database.back()

    async def refresh(self, turn: Turn) -> None:
        """Read a turn's rows again. Raises ``AnalystError`` when there are none any more."""
        now = await self._database.run(partial(self._load, turn=turn.id))
        turn.question, turn.conversation, turn.files = now.question, now.conversation, now.files
        turn.steps |= now.steps

    async def begin(self, turn: str, *, is_tried: bool = False) -> Turn:
        """Read a turn's rows and mark it as open in this process; a suspect is marked only when it is being tried.

        Raises:
            AnalystError: There is no such turn.
        """

        def begin(session: Session) -> Turn:
            begun = self._load(session, turn)
            if begun.question.deaths < SUSPECT or is_tried:
                values: Json = {"process": self._process}
                if begun.question.state != "done":
                    _refuse_if_paused(session, begun.question)
                    values |= {"state": "running", "started_at": time.time()}
                self._database.change(session, Question, turn, values)
            return begun

        return await self._database.run(begin)

    async def left(self, turn: Turn) -> None:
        """Unmark a turn that already had its outcome when it was begun here."""
        await self._database.run(lambda session: self._database.change(session, Question, turn.id, {"process": ""}))

    async def keep(self, turn: Turn, rows: Mapping[str, Json]) -> None:
        """Save the rows of a step's result, unless ``started`` or ``ended`` has saved them already."""

        def keep(session: Session) -> None:
            if questions.is_open(session, turn.id):
                for name, result in rows.items():
                    self._keep(session, turn, name, result)

        if not rows.items() <= turn.steps.items():
            await self._database.run(keep)
            turn.steps |= rows

    async def started(self, turn: Turn, kept: KeptThread, step: str, result: Started) -> None:
        """Save a turn's run, its assistant thread, up to which ts that has seen Slack's, and the step of its start."""
        saved, had = result.to_json(), {file.slack_file for file in turn.files}
        has_all = not result.unread and all(file.id in had for file in turn.plan.files)

        def write(session: Session) -> None:
            if _set(session, turn.id, run_id=result.run_id):
                self._keep(session, turn, step, saved)

        await kept.save_with(write, seen_ts=turn.plan.seen, read_ts=turn.plan.read if has_all else "")
        turn.question.run_id = result.run_id
        turn.steps[step] = saved

    async def started_anew(self, turn: Turn, run_id: str) -> None:
        """Save the id of a run that the assistant itself has started again."""
        await self._database.run(lambda session: _set(session, turn.id, run_id=run_id))
        turn.question.run_id = run_id

    async def ended(self, turn: Turn, step: str, ended: RunResult, result: Ran) -> None:
        """Save what a run came to: text, code, usage, the state of its assistant thread, and the step that followed."""
        saved = result.to_json()

        def write(session: Session) -> None:
            if _set(session, turn.id, answer=ended.text, code=ended.code, usage=ended.usage.to_json()):
                self._keep(session, turn, step, saved)

        await (turn.thread.save_with(write) if turn.thread else self._database.run(write))
        turn.question.answer, turn.question.code = ended.text, ended.code
        turn.question.usage = ended.usage.to_json()
        turn.steps[step] = saved

    async def close(self, turn: Turn, outcome: str) -> bool:
        """Save a turn's outcome and delete what only an open turn needs; the outcome of a dropped question stays.

        Returns:
            Whether the question was dropped (deleted in Slack), so that what the turn has posted must be removed.
        """
        sources = sources_json(turn.files) if turn.files and turn.question.run_id else {}

        def write(session: Session) -> str:
            if sources and questions.is_open(session, turn.id):
                self._keep(session, turn, SOURCES, sources)
            closed = session.connection().execute(_CLOSE, {"turn": turn.id, "now": time.time(), "so": outcome}).first()
            session.connection().execute(_DROP_STEPS, {"turn": turn.id})
            made = drop_made(session, turn.id)
            if closed is None:
                return ""
            facts = {"outcome": closed.outcome, "stopped_by": closed.stopped_by, "made": made}
            facts |= spent(closed.usage, self._prices)
            note(session, closing(turn.question, turn.error, turn.steps.get("command", {}).get("notice", ""), facts))
            if closed.outcome == "refused":
                self._leave(session, turn.id)
            if self._ledger.is_kept:
                self._ledger.settle(session, turn.id)
            return str(closed.outcome)

        noted = await self._database.run(write)
        ended = noted if noted in ("dropped", questions.REMOVED) else outcome
        mark(**{"analyst.outcome": ended})
        turn_ended("refused" if ended == outcome and turn.question.refused else ended, turn.question.accepted_at)
        return noted == "dropped"

    def _leave(self, session: Session, turn: str) -> None:
        """Keep nothing of a refused question but its id."""
        self._database.change(session, Question, turn, {"text": "", "files": []})
        if question := questions.find(session, turn):
            self._conversations.leave(session, question.conversation, question.user)

    def _load(self, session: Session, turn: str) -> Turn:
        question = questions.find(session, turn)
        if question is None:
            raise AnalystError("question missing")
        conversation = conversations.find(session, question.conversation)
        if conversation is None:
            self._conversations.join(session, question.team, question.channel, question.thread, question.user)
            conversation = conversations.find(session, question.conversation)
        if conversation is None:  # pragma: no cover - it was just made
            raise AnalystError("conversation missing")
        is_new = question.state == "waiting"
        steps: dict[str, Json] = {}
        if not is_new:
            steps.update(session.connection().execute(_STEPS, {"turn": turn}).all())
        journal = TurnJournal(self._database, turn, is_fresh=is_new)
        files = held_files(session, question.conversation)
        return Turn(question, conversation, files, steps, journal, is_new, self._open_answer)

    def _keep(self, session: Session, turn: Turn, name: str, result: Json) -> None:
        row = {"turn": turn.id, "name": name, "result": result}
        self._database.upsert(session, StepRow, row, update=("result",))


def _refuse_if_paused(session: Session, question: Question) -> None:
    """Turn away a question that waited while the bot was paused; what is being answered already goes on."""
    if question.state == "waiting" and not (question.command or question.refused):
        error = pauses.refusal(session, question.team, question.channel)
        question.refused = error_to_json(error) if error else {}


def _set(session: Session, turn: str, **values: Any) -> bool:
    """Set columns of an open question; False when it was closed meanwhile, and perhaps forgotten."""
    return session.connection().execute(_SET, values | {"turn": turn}).rowcount > 0
