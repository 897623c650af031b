"""Takes words, names, addresses, code and outputs out of our tables. Ids, times and outcomes stay."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from conversations.database.models import (
    Conversation,
    ConversationFile,
    Feedback,
    Job,
    Made,
    Participant,
    Post,
    Question,
    StepRow,
)
from conversations.jobs.file_cards import CARD
from conversations.store.choices import KEPT_STEPS

_OPEN = select(Question.id).where(Question.state != "done")


def blank_conversation(session: Session, conversation: Conversation, before: str) -> None:
    """Blank what was said in a conversation before a ts, and let go of its assistant thread and files."""
    _cut_tie(session, conversation.id, before)
    session.execute(delete(ConversationFile).where(ConversationFile.conversation == conversation.id))
    asked = (Question.conversation == conversation.id) & (Question.ts < before)
    nothing = {"text": "", "files": [], "refused": {}, "run_id": "", "answer": "", "code": []}
    session.execute(update(Question).where(asked).values(nothing | {"forgotten": True}))
    turns = select(Question.id).where(asked)
    for table in (Made, StepRow):
        session.execute(delete(table).where(table.turn.in_(turns)))
    session.execute(update(Feedback).where(Feedback.turn.in_(turns)).values(reason=""))
    _blank_cards(session, conversation)


def begin_anew(session: Session, conversation: Conversation, before: float) -> None:
    """Let a conversation go on in a new assistant thread, without the files that were shared before an epoch time.

    What was shared since is uploaded again when it is needed.
    """
    _cut_tie(session, conversation.id, conversation.seen_ts)
    old = (ConversationFile.conversation == conversation.id) & (ConversationFile.shared_at < before)
    session.execute(delete(ConversationFile).where(old))


def delete_conversation(session: Session, conversation: Conversation) -> None:
    """Delete a conversation's row, and its people and files."""
    session.execute(delete(Conversation).where(Conversation.id == conversation.id))
    session.execute(delete(ConversationFile).where(ConversationFile.conversation == conversation.id))
    session.execute(delete(Participant).where(Participant.conversation == conversation.id))


def delete_before(session: Session, before: float) -> int:
    """Delete questions and jobs that were accepted before an epoch time, with all that belongs to them.

    What closed turns have left goes, too: earlier versions kept it. Returns how many questions that were.
    """
    turns = select(Question.id).where(Question.accepted_at < before)
    jobs = select(Job.id).where(Job.created_at < before)
    session.execute(delete(Post).where(Post.turn.in_(turns) | Post.turn.in_(jobs)))
    session.execute(delete(Feedback).where(Feedback.turn.in_(turns) | (Feedback.given_at < before)))
    session.execute(delete(Job).where(Job.created_at < before))
    questions = session.connection().execute(delete(Question).where(Question.accepted_at < before)).rowcount
    session.execute(delete(Made).where(Made.turn.not_in(_OPEN)))
    kept = StepRow.name.in_(KEPT_STEPS) & StepRow.turn.in_(select(Question.id))
    session.execute(delete(StepRow).where(StepRow.turn.not_in(_OPEN), ~kept))
    return questions


def _cut_tie(session: Session, conversation: str, seen: str) -> None:
    """The next question opens a new assistant thread; the Slack thread is not read again up to ``seen``."""
    values = {"assistant_thread": "", "state": {}, "seen_ts": seen, "read_ts": ""}
    session.execute(update(Conversation).where(Conversation.id == conversation).values(values))


def _blank_cards(session: Session, conversation: Conversation) -> None:
    """File cards keep the message that they stand under."""
    in_thread: ColumnElement[bool] = Job.arguments["thread"].as_string() == conversation.thread
    cards = select(Job).where(
        Job.id.startswith(f"{conversation.team}:{conversation.channel}:", autoescape=True),
        Job.id.endswith(f":{CARD}"),
        in_thread | (Job.ts == conversation.thread),
    )
    for card in session.scalars(cards).all():
        card.arguments = {**card.arguments, "text": "", "files": []}
