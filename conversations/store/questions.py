"""Accepted questions, from the moment they are on disk until their outcome is known.

The engine is handed ids only. A turn reads its row when it starts, so that the files of the second twin event and an
edit of a waiting question are not lost.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from conversations.database.database import Database
from conversations.database.models import Question
from conversations.ports.incoming import UserText
from conversations.ports.replies import Place
from conversations.ports.workplace import Person, SharedFile
from conversations.store.conversations import conversation_id
from errors import AnalystError, error_to_json

REMOVED = "removed"
"""Outcome of a question that was open when the app was removed from its workspace; nothing of it can be shown."""

MOST_KNOWN = 50
"""Questions of a conversation whose code is looked at again."""


def question_id(team: str, channel: str, ts: str) -> str:
    """The key of a question, and its turn's id: ``{team}:{channel}:{ts}``."""
    return f"{team}:{channel}:{ts}"


def shared_files(question: Question) -> list[SharedFile]:
    """The files on the question's message."""
    return [SharedFile.from_json(file) for file in question.files]


class Known(NamedTuple):
    """What of a question its twin event, or one that says the same, is compared with."""

    id: str
    user: str
    text: str
    files: list[Any]
    complete: bool
    mentioned: bool
    refused: dict[str, Any]


class QuestionStore:
    """Questions in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self, session: Session, message: UserText, refused: AnalystError | None = None, *, dropped: bool = False
    ) -> bool:
        """Record a question; whether it is new.

        ``refused``: the limit that turns it away, if it is new; ``dropped``: it needs no turn, and is recorded so that
        a later delivery does not make one either.
        """
        key = question_id(message.team, message.channel, message.ts)
        thread = message.thread or message.ts
        conversation = conversation_id(message.team, message.channel, thread)
        row = {name: getattr(message, name) for name in _AS_WRITTEN} | {
            "id": key,
            "conversation": conversation,
            "thread": thread,
            "files": [file.to_json() for file in message.files],
            "direct": message.channel_type == "im",
            "mentioned": message.mentions_bot,
            "again": message.shown_to_thread,
            "via": message.origin,
            "accepted_at": time.time(),
            "refused": error_to_json(refused) if refused else {},
        }
        if dropped:
            row |= {"state": "done", "outcome": "dropped"}
        inserted = self._database.upsert(session, Question, row)
        if not inserted and (known := known_and_open(session, key, conversation)[0]):
            self.add(session, known, message)  # another replica was quicker
        return inserted

    def add(self, session: Session, known: Known, message: UserText) -> None:
        """Add to an open question what its twin event, or a later delivery, brings."""
        if message.complete or not known.complete:
            values = {
                "files": _merge(known.files, [file.to_json() for file in message.files]),
                "complete": known.complete or message.complete,
                "mentioned": known.mentioned or message.mentions_bot,
            }
            session.connection().execute(_ADD, values | {"_id": known.id})

    async def get(self, question: str) -> Question | None:
        """A question's row."""
        return await self._database.run(lambda session: find(session, question))

    async def set(self, question: str, **values: Any) -> None:
        """Change columns of a question."""
        await self._database.run(lambda session: self._database.change(session, Question, question, values))

    async def edit(self, question: str, text: str) -> None:
        """Take the newest text of a question that waits; a running or finished one stays as it was."""
        waiting = (Question.id == question) & (Question.state == "waiting")
        await self._database.execute(update(Question).where(waiting).values(text=text))

    async def stop(self, turns: Collection[str], user: str) -> None:
        """Note for all of some turns at once that a person has stopped them."""
        await self._database.execute(update(Question).where(Question.id.in_(turns)).values(stopped_by=user))

    async def drop(self, question: str) -> bool:
        """Note that a question was deleted, unless it has its outcome; whether it has none."""
        open_one = (Question.id == question) & (Question.state != "done")
        drop = update(Question).where(open_one).values(outcome="dropped").returning(Question.id)
        return bool(await self._database.scalars(drop))

    async def stopped_among(self, turns: Collection[str]) -> Collection[str]:
        """Those of some turns that somebody has stopped, or whose workspace is gone."""
        ended = (Question.stopped_by != "") | (Question.outcome == REMOVED)
        query = select(Question.id).where(Question.id.in_(turns), ended)
        return await self._database.scalars(query)

    async def open_in(self, conversation: str) -> Sequence[Question]:
        """Questions of a conversation without an outcome, oldest first."""
        return await self._database.run(lambda session: open_questions(session, conversation))

    async def open_in_channel(self, team: str, channel: str) -> Sequence[Question]:
        """Questions of a channel without an outcome."""
        here = (Question.team == team) & (Question.channel == channel) & (Question.state != "done")
        return await self._database.scalars(select(Question).where(here))

    async def open_counts(self) -> tuple[int, int]:
        """How many questions wait for their turn, and how many are being answered."""
        query = (
            select(Question.state, func.count().label("number"))
            .where(Question.state != "done")
            .group_by(Question.state)
        )
        counted = {row.state: row.number for row in await self._database.run(lambda db: db.execute(query).all())}
        return counted.get("waiting", 0), counted.get("running", 0)

    async def done_in(self, conversation: str, limit: int, characters: int) -> Sequence[Row[str, str]]:
        """The last answered questions of a conversation with their answers, oldest first; forgotten ones have none.

        Args:
            conversation: Which.
            limit: How many.
            characters: How many of each text.
        """
        texts = (func.substr(text, 1, characters, type_=text.type) for text in (Question.text, Question.answer))
        query = (
            select(*texts)
            .where(Question.conversation == conversation, Question.state == "done", Question.outcome == "answered")
            .where(Question.answer != "")  # words to the bot and mere files have none
            .order_by(Question.ts.desc())
            .limit(limit)
        )
        return (await self._database.run(lambda session: session.execute(query).all()))[::-1]

    async def known_in(self, conversation: str) -> Sequence[str]:
        """The texts of a conversation's last questions, and what their code has printed."""
        query = (
            select(Question.text, Question.code)
            .where(Question.conversation == conversation)
            .order_by(Question.ts.desc())
            .limit(MOST_KNOWN)
        )
        rows = await self._database.run(lambda session: session.execute(query).all())
        return [known for text, code in rows for known in (text, *(step["output"] for step in code))]

    async def asked_in(self, conversation: str, since: str, *, with_unread: bool) -> frozenset[str]:
        """The ts of the questions of a conversation after a ts.

        Args:
            conversation: Which.
            since: Only later ones.
            with_unread: Also those that no model has seen, because only "Which file?" was asked.
        """
        query = select(Question.ts).where(Question.conversation == conversation, Question.ts > since)
        if not with_unread:
            query = query.where((Question.outcome != "asked") | (Question.text == ""))
        return frozenset(await self._database.scalars(query))

    async def unread_in(self, conversation: str, since: str) -> bool:
        """Whether a question after a ts has been seen by no model, because only "Which file?" was asked."""
        here = (Question.conversation == conversation) & (Question.ts > since)
        asked = select(Question.id).where(here, Question.outcome == "asked", Question.text != "").limit(1)
        return bool(await self._database.scalars(asked))

    async def began(self, conversation: str) -> Question | None:
        """The first question of a conversation; words to the bot are none."""
        asked = (Question.conversation == conversation) & (Question.command == "") & (Question.outcome != "refused")
        return next(
            iter(await self._database.scalars(select(Question).where(asked).order_by(Question.ts).limit(1))), None
        )

    async def was_busy(self, question: Question) -> bool:
        """Whether a question came while an earlier one of its conversation had no outcome yet."""
        earlier = (Question.conversation == question.conversation) & (Question.accepted_at < question.accepted_at)
        then = select(Question.id).where(earlier, Question.finished_at > question.accepted_at).limit(1)
        return bool(await self._database.scalars(then))

    async def left(self, since: float, before: float, states: Collection[str]) -> Sequence[Question]:
        """Questions accepted between two epoch times that are in one of some states, oldest first."""
        then = Question.state.in_(states) & (Question.accepted_at >= since) & (Question.accepted_at < before)
        return await self._database.scalars(select(Question).where(then).order_by(Question.accepted_at, Question.ts))

    async def asked_by(self, team: str, user: str, since: float) -> int:
        """How many questions somebody has asked since an epoch time."""
        return await self._database.run(lambda session: count_by(session, team, user, since))

    async def last_accepted(self) -> float:
        """When the newest question was accepted; 0 when there is none."""
        (newest,) = await self._database.scalars(select(func.max(Question.accepted_at)))
        return float(newest or 0.0)


def find(session: Session, question: str) -> Question | None:
    """A question's row."""
    return session.scalars(_ONE, {"id": question}).one_or_none()


def is_open(session: Session, question: str) -> bool:
    """Whether a question has no outcome; on PostgreSQL it gets none before the transaction ends."""
    return session.scalar(_LOCK_OPEN, {"id": question}) is not None


def known_and_open(session: Session, question: str, conversation: str) -> tuple[Known | None, Sequence[Known]]:
    """A question, if it is known, and the others of its conversation that have no outcome, oldest first.

    Both with one statement, which costs little more than either: Slack waits for it.
    """
    rows = session.connection().execute(_KNOWN, {"id": question, "conversation": conversation}).all()
    found = [Known(*row) for row in rows]
    return next((one for one in found if one.id == question), None), [one for one in found if one.id != question]


def open_questions(session: Session, conversation: str) -> Sequence[Question]:
    """Questions of a conversation without an outcome, oldest first."""
    return session.scalars(_OPEN, {"conversation": conversation}).all()


def count_by(session: Session, team: str, user: str, since: float) -> int:
    """How many questions a person of a workspace has asked since an epoch time."""
    theirs = (Question.team == team) & (Question.user == user)
    return session.scalar(select(func.count()).where(theirs, Question.accepted_at >= since)) or 0


def open_by(session: Session, team: str, user: str) -> int:
    """How many questions of a person of a workspace have no outcome yet."""
    theirs = (Question.team == team) & (Question.user == user)
    return session.scalar(select(func.count()).where(theirs, Question.state != "done")) or 0


_QUESTIONS: Any = Question.__table__
_ADD = update(_QUESTIONS).where(_QUESTIONS.c.id == bindparam("_id"), _QUESTIONS.c.state != "done")
_LOCK_OPEN = (
    select(_QUESTIONS.c.id)
    .where(_QUESTIONS.c.id == bindparam("id"), _QUESTIONS.c.state != "done")
    .with_for_update(read=True)
)
_ONE = select(Question).where(Question.id == bindparam("id"))
_IN_ORDER = (Question.accepted_at, Question.ts)
_IS_OPEN = (Question.conversation == bindparam("conversation")) & (Question.state != "done")
_OPEN = select(Question).where(_IS_OPEN).order_by(*_IN_ORDER)
_KNOWN = (
    select(*(getattr(Question, name) for name in Known._fields))
    .where((Question.id == bindparam("id")) | _IS_OPEN)
    .order_by(*_IN_ORDER)
)

_AS_WRITTEN = ("team", "channel", "ts", "user", "user_team", "text", "command", "complete")


def _merge(old: Sequence[Any], new: Sequence[Any]) -> list[Any]:
    return list({file["id"]: file for file in [*old, *new]}.values())


def place_of(question: Question, asker: Person | None) -> Place:
    """Where a question's answer goes."""
    return Place(
        turn=question.id,
        team=question.team,
        channel=question.channel,
        thread=question.thread,
        question=question.ts,
        asker=question.user,
        asker_team=(asker.team if asker else "") or question.user_team,
        locale=asker.locale if asker else "en-US",
        is_direct=question.direct,
        has_sign=not question.command,
    )


def place_of_message(message: UserText, turn: str, locale: str) -> Place:
    """Where something about a message is shown before, or without, its being a question."""
    return Place(
        turn=turn,
        team=message.team,
        channel=message.channel,
        thread=message.thread or message.ts,
        question=message.ts,
        asker=message.user,
        asker_team=message.user_team,
        locale=locale,
    )
