"""What turns have asked instead of an answer, and what was chosen first.

Both are steps of a closed turn, which stay while it is known. A choice is a press, or the next message in the thread.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.database.database import Database
from conversations.database.models import Post, Question, StepRow
from conversations.ports.incoming import CHOICE
from conversations.ports.replies import INQUIRY, Inquiry, Option
from conversations.store.questions import find
from conversations.store.results import Chosen, Offer, StepResult, known
from untrusted.characters import escaped, unescaped, visible, whole

OFFER = "offer"
CHOSEN = "chosen"
SOURCES = "sources"
KEPT_STEPS = (OFFER, CHOSEN, SOURCES)
"""Names of steps that outlive their turn."""

CHOICE_SECONDS = 24 * 60 * 60.0
"""How long something can be chosen."""

LONGEST_CHOICE = 75
"""Characters of what can be pressed, so that all of it is seen
(https://docs.slack.dev/reference/block-kit/block-elements/button-element)."""

_MOST_LATE = 100
"""Questions whose buttons go at a time."""

_OFFERING = Question.outcome.in_(("asked", "answered"))

Result = TypeVar("Result", bound=StepResult)


class Choices:
    """What turns have asked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def offer(self, turn: str) -> Offer | None:
        """What a turn has asked, if it has."""
        step = (StepRow.turn == turn) & (StepRow.name == OFFER)
        found = await self._database.scalars(select(StepRow.result).where(step))
        return Offer.from_json(found[0]) if found else None

    async def open_in(self, conversation: str, ts: str, at: float) -> Offer | None:
        """What a message may answer that has a ``ts`` and came ``at`` epoch seconds; None: nothing is asked there."""

        def read(session: Session) -> Offer | None:
            asked = _open_in(session, conversation, ts, at)
            return _step(session, asked.id, OFFER, Offer) if asked else None

        return await self._database.run(read)

    async def choose(self, turn: str, chosen: Chosen) -> Chosen:
        """Choose, unless somebody has already.

        Returns:
            The first choice.
        """
        return await self._database.run(lambda session: self._choose(session, turn, chosen))

    async def take(self, reply: Question, by: str) -> Question:
        """Let a message in a thread answer what was asked there, if it is the first one to do so.

        Args:
            reply: The message's question, whose turn has begun.
            by: Who has written it.

        Returns:
            It as it is to be answered: with what it answers before it, if it does.
        """

        def take(session: Session) -> Question:
            asked = _open_in(session, reply.conversation, reply.ts, reply.accepted_at)
            offer = _step(session, asked.id, OFFER, Offer) if asked else None
            if asked and offer:
                self._choose(session, asked.id, Chosen(by, _said(reply), reply.id))
                text = with_answer(asked.text, offer.words, reply.text)
                values = {"text": text, "files": [*asked.files, *reply.files], "via": CHOICE}
                self._database.change(session, Question, reply.id, values)
            return find(session, reply.id) or reply

        return await self._database.run(take)

    async def answered_by(self, question: Question) -> tuple[Question, Offer, Chosen] | None:
        """What a question of origin ``CHOICE`` has answered; None when it is asked once more."""

        def read(session: Session) -> tuple[Question, Offer, Chosen] | None:
            asked = select(Question).where(
                Question.conversation == question.conversation, _OFFERING, Question.ts < question.ts
            )
            for one in session.scalars(asked.order_by(Question.ts.desc())):
                chosen, offer = _step(session, one.id, CHOSEN, Chosen), _step(session, one.id, OFFER, Offer)
                if chosen and offer and f"{chosen.job}:".startswith(f"{question.id}:"):
                    return one, offer, chosen
            return None

        return await self._database.run(read)

    async def too_late(self) -> Sequence[str]:
        """Turns whose questions nobody has answered in time."""
        ids = select(StepRow.turn).where(StepRow.name == CHOSEN)
        before = time.time() - CHOICE_SECONDS
        old = _OFFERING & (Question.finished_at < before) & Question.id.not_in(ids)
        offered = select(StepRow.turn).where(StepRow.name == OFFER)
        query = select(Question.id).where(old, Question.id.in_(offered)).order_by(Question.ts).limit(_MOST_LATE)
        return await self._database.scalars(query)

    def _choose(self, session: Session, turn: str, chosen: Chosen) -> Chosen:
        self._database.upsert(session, StepRow, {"turn": turn, "name": CHOSEN, "result": chosen.to_json()})
        step = (StepRow.turn == turn) & (StepRow.name == CHOSEN)
        return Chosen.from_json(session.scalars(select(StepRow.result).where(step)).one())


def inquiry_of(offer: Offer) -> Inquiry:
    """What a turn asks, as it is shown."""
    if offer.words or offer.choices:
        options = [Option(**known(Option, choice)) for choice in offer.choices]
        return Inquiry(options, words=offer.words, is_below_answer=not offer.words)
    return Inquiry([Option(file["id"], file["name"]) for file in offer.files], missing=offer.missing)


def with_answer(question: str, words: str, answer: str) -> str:
    """A question with what was asked about it, and the answer to that; all in Slack's markup, but for the ``words``."""
    asked = "".join(f"{escaped(f'> {line}')}\n" for line in words.splitlines())  # none of another reading
    return f"{question}\n\n{asked}{answer}"


def on_button(text: str) -> str:
    """A text as it can be shown on a button: one line, nothing hidden, and no more than is seen."""
    return " ".join(visible(whole(text)).split())[:LONGEST_CHOICE].strip()


def _said(reply: Question) -> str:
    names = [file["name"] for file in reply.files]
    return on_button(unescaped(reply.text)) or on_button(", ".join(names)) or "…"


def _open_in(session: Session, conversation: str, ts: str, now: float) -> Question | None:
    """The last turn of a conversation that asked something, if a message with a ``ts`` stands below it in time."""
    asked = (Question.conversation == conversation) & (Question.outcome == "asked")
    query = select(Question).where(asked, Question.ts < ts).order_by(Question.ts.desc()).limit(1)
    last = session.scalars(query).one_or_none()
    if (
        last is None
        or last.forgotten
        or now - last.finished_at > CHOICE_SECONDS
        or _step(session, last.id, CHOSEN, Chosen)
    ):
        return None
    at = session.scalar(select(Post.ref).where(Post.turn == last.id, Post.part == INQUIRY))
    return last if at and float(at) < float(ts) else None


def _step(session: Session, turn: str, name: str, kind: type[Result]) -> Result | None:
    found = session.scalar(select(StepRow.result).where(StepRow.turn == turn, StepRow.name == name))
    return kind.from_json(found) if found is not None else None
