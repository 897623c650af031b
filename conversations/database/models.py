"""Our tables. Every write to them inside a turn is an idempotent upsert, so that a repeated step does no harm.

The engine's own tables stand elsewhere (another file on SQLite, the schema ``dbos`` on PostgreSQL).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Float, Index, LargeBinary, String, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from conversations.database.columns import Name, Words


class Base(DeclarativeBase):
    """The tables' common base."""

    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012 - SQLAlchemy's own form


class Conversation(Base):
    """A Slack thread and its assistant thread. ``id`` is ``{team}:{channel}:{thread ts}``.

    ``seen_ts`` is up to where the model knows the thread; ``read_ts`` is the same as long as nothing else has to be
    read there again, such as a file that it could not be given, else "".
    """

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    team: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(32))
    thread: Mapped[str] = mapped_column(String(32))
    assistant_thread: Mapped[str] = mapped_column(String(128), default="")
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seen_ts: Mapped[str] = mapped_column(String(32), default="")
    read_ts: Mapped[str] = mapped_column(String(32), default="", server_default="")
    muted: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[float] = mapped_column(Float)
    used_at: Mapped[float] = mapped_column(Float, index=True)


class Participant(Base):
    """A person who has asked in a conversation, and is therefore answered there without a mention."""

    __tablename__ = "participants"

    conversation: Mapped[str] = mapped_column(String(128), primary_key=True)
    user: Mapped[str] = mapped_column(String(32), primary_key=True)


class Question(Base):
    """An accepted question: the inbox row that a turn reads when it starts, and then the record of its outcome.

    ``id`` is ``{team}:{channel}:{ts}``, which is the turn's id too. ``state`` is ``waiting``, ``running`` or ``done``;
    ``outcome`` is ``answered``, ``asked`` (which file is meant), ``failed``, ``stopped``, ``dropped``, ``refused``
    (the asker may not use the bot) or ``removed`` (so was the app, and nothing can be shown);
    the column ``refused`` is the error of a question that a limit turned away when it came; of a ``forgotten`` one only
    ids, times and the outcome are left. ``process`` has it open, ``deaths`` counts the processes that died with it
    open, ``set_aside`` is when it was found to be the cause: epoch seconds, 0 when it was not, −1 when it was dropped.
    """

    __tablename__ = "questions"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    conversation: Mapped[str] = mapped_column(String(128))
    team: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(32))
    thread: Mapped[str] = mapped_column(String(32))
    ts: Mapped[str] = mapped_column(String(32))
    user: Mapped[str] = mapped_column(String(32))
    user_team: Mapped[str] = mapped_column(String(32), default="")
    text: Mapped[str] = mapped_column(Words())
    command: Mapped[str] = mapped_column(String(16), default="")
    files: Mapped[list[Any]] = mapped_column(default=list)
    direct: Mapped[bool] = mapped_column(default=False)
    mentioned: Mapped[bool] = mapped_column(default=False)
    complete: Mapped[bool] = mapped_column(default=True)
    shown_to_thread: Mapped[bool] = mapped_column("again", default=False)
    origin: Mapped[str] = mapped_column("via", String(16), default="", server_default="")
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    outcome: Mapped[str] = mapped_column(String(16), default="")
    refused: Mapped[dict[str, Any]] = mapped_column(default=dict)
    stopped_by: Mapped[str] = mapped_column(String(32), default="")
    run_id: Mapped[str] = mapped_column(String(128), default="")
    answer: Mapped[str] = mapped_column(Words(), default="")
    code: Mapped[list[Any]] = mapped_column(default=list)
    usage: Mapped[dict[str, Any]] = mapped_column(default=dict)
    forgotten: Mapped[bool] = mapped_column(default=False, server_default=false())
    accepted_at: Mapped[float] = mapped_column(Float, index=True)
    started_at: Mapped[float] = mapped_column(Float, default=0.0)
    finished_at: Mapped[float] = mapped_column(Float, default=0.0)
    process: Mapped[str] = mapped_column(String(32), default="", server_default="")
    deaths: Mapped[int] = mapped_column(default=0, server_default="0")
    set_aside: Mapped[float] = mapped_column(Float, default=0.0, server_default="0")

    __table_args__ = (
        Index("questions_by_conversation", "conversation", "ts"),
        Index("questions_by_channel", "team", "channel", "accepted_at"),
    )


class ConversationFile(Base):
    """A Slack file that a conversation uses, and its copy at Azure.

    ``version`` changes when its content does; ``stale`` says that Slack has told of a change since. ``digest`` is the
    SHA-256 of the bytes that were uploaded; ``tables`` are those that queries of a receipt find in it;
    ``facts`` is what was found in it (``conversations/files/sources.py``).
    """

    __tablename__ = "conversation_files"

    conversation: Mapped[str] = mapped_column(String(128), primary_key=True)
    slack_file: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[str] = mapped_column(String(64), default="")
    name: Mapped[str] = mapped_column(Name(512))
    user: Mapped[str] = mapped_column(String(32), default="")
    shared_at: Mapped[float] = mapped_column(Float, default=0.0)
    remark: Mapped[str] = mapped_column(Words(), default="")
    cjk: Mapped[bool] = mapped_column(default=False)
    stale: Mapped[bool] = mapped_column(default=False, server_default=false())
    azure_file: Mapped[str] = mapped_column(String(128), default="")
    azure_name: Mapped[str] = mapped_column(Name(512), default="")
    size: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    tables: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")


class Post(Base):
    """A visible part of a turn: its key in the turn, and the Slack ts or file id that it became."""

    __tablename__ = "posts"

    turn: Mapped[str] = mapped_column(String(200), primary_key=True)
    part: Mapped[str] = mapped_column(String(128), primary_key=True)
    ref: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))


class StepRow(Base):
    """What a step of an open turn came to, so that it is not done again after a crash.

    Of a closed turn only ``conversations/store/choices.py:KEPT_STEPS`` are left.
    """

    __tablename__ = "steps"

    turn: Mapped[str] = mapped_column(String(128), primary_key=True)
    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    result: Mapped[dict[str, Any]] = mapped_column()


class Job(Base):
    """Durable work that is no question: a file card, posting code, removing a file.

    ``id`` is ``{team}:{channel}:{ts}:{kind}…``; ``process``, ``deaths`` and ``set_aside`` are as of questions.
    """

    __tablename__ = "chores"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    arguments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    channel: Mapped[str] = mapped_column(String(32))
    user: Mapped[str] = mapped_column(String(32), default="")
    ts: Mapped[str] = mapped_column(String(32), default="")
    created_at: Mapped[float] = mapped_column(Float, index=True)
    process: Mapped[str] = mapped_column(String(32), default="", server_default="")
    deaths: Mapped[int] = mapped_column(default=0, server_default="0")
    set_aside: Mapped[float] = mapped_column(Float, default=0.0, server_default="0")

    __table_args__ = (Index("chores_by_place", "channel", "user", "ts"),)


class ChannelSetting(Base):
    """What a channel has chosen: ``card`` is what happens when a data file is shared there."""

    __tablename__ = "channel_settings"

    team: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    card: Mapped[str] = mapped_column(String(16))


class ChannelBot(Base):
    """An app that is answered in a channel: by its bot's user, or the id of a bot that has none."""

    __tablename__ = "channel_bots"

    team: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    bot: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(Name(512))


class Pause(Base):
    """Whether a channel, or a workspace (``channel`` is ""), is paused, who has said so last and when (epoch s)."""

    __tablename__ = "pauses"

    team: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    is_on: Mapped[bool] = mapped_column()
    by: Mapped[str] = mapped_column(String(32))
    at: Mapped[float] = mapped_column(Float)


class AccessRule(Base):
    """What an admin of a workspace allows or denies (``verdict``); ``by``: who, by id. See ``RuleBook``."""

    __tablename__ = "access_rules"

    team: Mapped[str] = mapped_column(String(32), primary_key=True)
    subject: Mapped[str] = mapped_column(Name(128), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(8))
    by: Mapped[str] = mapped_column(String(32))
    made_at: Mapped[float] = mapped_column(Float)


class BudgetUse(Base):
    """What is used and reserved of a budget: by a person or in a channel (``subject``, "": the workspace), in a period.

    ``period`` is a day (``2026-11-30``) or a month (``2026-11``); ``is_warned``: the admins know that it is low.
    """

    __tablename__ = "budget_uses"

    team: Mapped[str] = mapped_column(String(32), primary_key=True)
    scope: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject: Mapped[str] = mapped_column(String(32), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    questions: Mapped[int] = mapped_column(BigInteger, default=0)
    tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    money: Mapped[float] = mapped_column(Float, default=0.0)
    is_warned: Mapped[bool] = mapped_column(default=False)


class Reservation(Base):
    """What an open turn has reserved: one question, tokens and money; ``uses`` are the keys of its ``BudgetUse``."""

    __tablename__ = "reservations"

    turn: Mapped[str] = mapped_column(String(128), primary_key=True)
    uses: Mapped[list[Any]] = mapped_column()
    tokens: Mapped[int] = mapped_column(BigInteger)
    money: Mapped[float] = mapped_column(Float)


class Installation(Base):
    """Where the app is installed: a workspace, or a whole organisation (``team`` is "").

    Of a workspace that only its organisation's installation covers, ``token`` is ""; all others are encrypted.
    ``removed_at`` is when the app was removed there (epoch seconds), 0 while it is installed.
    """

    __tablename__ = "installations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    team: Mapped[str] = mapped_column(String(32), default="")
    enterprise: Mapped[str] = mapped_column(String(32), default="", index=True)
    token: Mapped[str] = mapped_column(Words(), default="")
    bot_user: Mapped[str] = mapped_column(String(32))
    bot: Mapped[str] = mapped_column(String(32))
    installed_at: Mapped[float] = mapped_column(Float)
    removed_at: Mapped[float] = mapped_column(Float, default=0.0)


class Heard(Base):
    """When something happened last, as events tell: a message in a thread, a file shared in a channel or changed.

    ``place`` is ``{team}:{channel}:{thread ts}``, ``{team}:{channel}:{file}`` (shared) or ``{team}:{file}`` (changed).
    """

    __tablename__ = "heard"

    place: Mapped[str] = mapped_column(String(128), primary_key=True)
    ts: Mapped[str] = mapped_column(String(32))


class Feedback(Base):
    """What a person thinks of an answer: ``up`` or ``down``, and perhaps why."""

    __tablename__ = "feedback"

    turn: Mapped[str] = mapped_column(String(128), primary_key=True)
    user: Mapped[str] = mapped_column(String(32), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(Words(), default="")
    given_at: Mapped[float] = mapped_column(Float)


class Made(Base):
    """A chart or file that a run made, kept from the end of the run until it is posted.

    ``ref`` is where Azure has it; it is read again from there when it ``is_elsewhere``, not in ``data``. ``drawn`` is
    the JSON of what a chart shows (``receipts/charts.py``), or nothing.
    """

    __tablename__ = "made"

    turn: Mapped[str] = mapped_column(String(128), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(Name(512))
    title: Mapped[str] = mapped_column(Name(512), default="")
    alt: Mapped[str] = mapped_column(Words(), default="")
    media_type: Mapped[str] = mapped_column(String(128))
    ref: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    is_elsewhere: Mapped[bool] = mapped_column(default=False, server_default=false())
    drawn: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Deletion(Base):
    """An assistant thread that is to be deleted at Azure, or was (``done``). ``state`` has ids and no names."""

    __tablename__ = "deletions"

    thread: Mapped[str] = mapped_column(String(128), primary_key=True)
    conversation: Mapped[str] = mapped_column(String(128))
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asked_at: Mapped[float] = mapped_column(Float)
    done: Mapped[bool] = mapped_column(default=False)


class Check(Base):
    """The numbers of an answer, and what came of computing them again: see ``conversations/checks/records.py``.

    ``receipt`` is where Azure has it (``ref``), the model's ``text``, or its ``numbers`` once it was read; ``files``
    are those that the answer is from, with their digests; ``findings`` has one entry for each number; ``run_id`` is the
    run that was asked about differences.
    """

    __tablename__ = "checks"

    turn: Mapped[str] = mapped_column(String(128), primary_key=True)
    conversation: Mapped[str] = mapped_column(String(128), index=True)
    state: Mapped[str] = mapped_column(String(16))
    receipt: Mapped[dict[str, Any]] = mapped_column()
    files: Mapped[list[Any]] = mapped_column()
    findings: Mapped[list[Any]] = mapped_column(default=list)
    run_id: Mapped[str] = mapped_column(String(128), default="")
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[float] = mapped_column(Float)


class AuditRow(Base):
    """A line of the audit: see ``conversations/audit/entry.py``. It holds ids, numbers and words of ours."""

    __tablename__ = "audit"

    id: Mapped[str] = mapped_column(String(400), primary_key=True)
    at: Mapped[float] = mapped_column(Float)
    what: Mapped[str] = mapped_column(String(16))
    team: Mapped[str] = mapped_column(String(128))
    channel: Mapped[str] = mapped_column(String(128))
    user: Mapped[str] = mapped_column(String(128))
    about: Mapped[str] = mapped_column(String(128))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (Index("audit_by_time", "at", "id"),)
