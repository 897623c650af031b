"""Takes words, names, addresses, code and outputs out of our tables. Ids, times and outcomes stay."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session

from conversations.database.models import (
    Check,
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
from conversations.ports.incoming import CHOICE
from conversations.privacy.scope import Scope
from conversations.store.choices import CHOSEN, KEPT_STEPS, SOURCES

_OPEN = select(Question.id).where(Question.state != "done")


def blank_conversation(session: Session, conversation: Conversation, before: str) -> None:
    """Blank what was said in a conversation before a ts, and let go of its assistant thread and files."""
    cut_tie(session, conversation.id, before)
    _blank_whole(session, conversation, Question.ts < before)


def blank_part(session: Session, conversation: Conversation, scope: Scope) -> None:
    """Blank what a scope has of a conversation, and let go of its assistant thread, which knows it.

    All is blanked where nobody but the scope's person has asked, or the scope is a channel.
    """
    here = Question.conversation == conversation.id
    last = session.scalar(select(func.max(Question.ts)).where(here, scope.questions)) or ""
    cut_tie(session, conversation.id, max(conversation.seen_ts, last))
    if scope.user and session.scalar(select(exists().where(here, _of_others(scope.user)))):
        _blank_persons(session, conversation, scope)
    else:
        _blank_whole(session, conversation, Question.accepted_at <= scope.until)


def blank_beside(session: Session, scope: Scope) -> None:
    """Blank what a scope has outside of conversations: file cards, reasons of feedback, questions without any."""
    alone = Question.conversation.not_in(select(Conversation.id))
    _blank_questions(session, scope.questions & alone & (Question.state == "done"))
    if scope.user:
        own = (Feedback.user == scope.user) & Feedback.turn.startswith(f"{scope.team}:", autoescape=True)
        session.execute(update(Feedback).where(own).values(reason=""))
    place = f"{scope.team}:{scope.channel}:" if scope.channel else f"{scope.team}:"
    whose = [Job.user == scope.user] if scope.user else []
    _blank_cards(session, Job.id.startswith(place, autoescape=True), Job.created_at <= scope.until, *whose)


def begin_anew(session: Session, conversation: Conversation, before: float) -> None:
    """Let a conversation go on in a new assistant thread, without the files that were shared before an epoch time.

    What was shared since is uploaded again when it is needed.
    """
    cut_tie(session, conversation.id, conversation.seen_ts)
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
    session.execute(delete(Check).where(Check.turn.in_(turns) | (Check.created_at < before)))
    questions = session.connection().execute(delete(Question).where(Question.accepted_at < before)).rowcount
    session.execute(delete(Made).where(Made.turn.not_in(_OPEN)))
    kept = StepRow.name.in_(KEPT_STEPS) & StepRow.turn.in_(select(Question.id))
    session.execute(delete(StepRow).where(StepRow.turn.not_in(_OPEN), ~kept))
    return questions


def cut_tie(session: Session, conversation: str, seen: str) -> None:
    """The next question opens a new assistant thread; the Slack thread is not read again up to ``seen``."""
    values = {"assistant_thread": "", "state": {}, "seen_ts": seen, "read_ts": ""}
    session.execute(update(Conversation).where(Conversation.id == conversation).values(values))


def _blank_whole(session: Session, conversation: Conversation, asked: ColumnElement[bool]) -> None:
    session.execute(delete(ConversationFile).where(ConversationFile.conversation == conversation.id))
    _blank_questions(session, (Question.conversation == conversation.id) & asked)
    _blank_thread_cards(session, conversation)


def _blank_persons(session: Session, conversation: Conversation, scope: Scope) -> None:
    """Blank what a person has asked among others, and what others have asked in the person's words."""
    files = (ConversationFile.conversation == conversation.id) & (ConversationFile.user == scope.user)
    session.execute(delete(ConversationFile).where(files))
    asked = session.scalars(select(Question).where(Question.conversation == conversation.id, scope.questions)).all()
    words = [question.text for question in asked if question.text]
    pressed = (Question.user != scope.user) & (Question.shown_to_thread | (Question.origin == CHOICE))
    others = session.scalars(select(Question).where(Question.conversation == conversation.id, pressed)).all()
    repeated = [other for other in others if any(f"{other.text}\n\n".startswith(f"{text}\n\n") for text in words)]
    _blank_questions(session, Question.id.in_([question.id for question in (*asked, *repeated)]))
    _blank_steps(session, conversation, scope.user, {question.id for question in asked})


def _blank_questions(session: Session, asked: ColumnElement[bool]) -> None:
    turns = session.scalars(select(Question.id).where(asked)).all()
    nothing = {"text": "", "files": [], "refused": {}, "run_id": "", "answer": "", "code": [], "forgotten": True}
    session.execute(update(Question).where(Question.id.in_(turns)).values(nothing))
    for table in (Check, Made, StepRow):
        session.execute(delete(table).where(table.turn.in_(turns)))
    session.execute(update(Feedback).where(Feedback.turn.in_(turns)).values(reason=""))


def _blank_steps(session: Session, conversation: Conversation, user: str, turns: set[str]) -> None:
    """Take a person out of others' questions: as who has chosen an answer to one, and as whose file was used."""
    here = StepRow.turn.in_(select(Question.id).where(Question.conversation == conversation.id))
    for step in session.scalars(select(StepRow).where(here, StepRow.name.in_((CHOSEN, SOURCES)))):
        job = str(step.result.get("job"))
        if step.name == SOURCES:
            step.result = {"files": [file for file in step.result["files"] if file.get("user") != user]}
        elif job in turns or job.endswith(f":{user}"):
            step.result = {**step.result, "by": "…"}


def _of_others(user: str) -> ColumnElement[bool]:
    return (Question.user != user) & ~Question.forgotten & (Question.outcome != "refused")


def _blank_thread_cards(session: Session, conversation: Conversation) -> None:
    in_thread: ColumnElement[bool] = Job.arguments["thread"].as_string() == conversation.thread
    here = Job.id.startswith(f"{conversation.team}:{conversation.channel}:", autoescape=True)
    _blank_cards(session, here, in_thread | (Job.ts == conversation.thread))


def _blank_cards(session: Session, *which: ColumnElement[bool]) -> None:
    """File cards keep the message that they stand under."""
    for card in session.scalars(select(Job).where(Job.id.endswith(f":{CARD}"), *which)).all():
        card.arguments = {**card.arguments, "text": "", "files": []}
