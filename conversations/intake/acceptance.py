"""Decides whether a message is for the bot, and records it as a question in one transaction."""

from __future__ import annotations

import asyncio
import time
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from weakref import WeakValueDictionary

from sqlalchemy.orm import Session

from conversations.access import pauses
from conversations.access.limits import Limits
from conversations.access.rule_book import RuleBook
from conversations.access.rule_table import rule_book
from conversations.audit.entry import Entry
from conversations.audit.log import note
from conversations.database.database import Database
from conversations.planning.replying import is_answer
from conversations.planning.smalltalk import is_bare_thanks, is_small_talk
from conversations.ports.incoming import UserText
from conversations.store.channel_settings import ChannelSettings
from conversations.store.choices import Choices
from conversations.store.conversations import ConversationStore, Joined, conversation_id
from conversations.store.heard import HeardEvents
from conversations.store.questions import Known, QuestionStore, count_by, known_and_open, open_by, question_id
from errors import AnalystError


@dataclass(frozen=True)
class Acceptance:
    """What became of a message: a repetition of an open question, or a question itself, new or known.

    ``rules``: those of its workspace, for a new question that gets a first sign.
    """

    is_double: bool = False
    is_new: bool = False
    refused: bool = False
    waits: bool = False
    rules: RuleBook | None = None


@dataclass(eq=False)
class Acceptor:
    """Accepts messages."""

    _database: Database
    _questions: QuestionStore
    _conversations: ConversationStore
    _limits: Limits
    _settings: ChannelSettings
    _choices: Choices
    _heard: HeardEvents
    _twins: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary, init=False)

    async def is_for_bot(self, message: UserText) -> bool:
        """Whether a message is a question for the bot, or a word to it."""
        if message.is_of_nobody:
            asks = message.mentions_bot and not message.thread
            return asks and message.user in await self._settings.bots(message.team, message.channel)
        direct = message.channel_type == "im"
        if not (message.text or message.files or message.mentions_bot):
            return False  # a picture, or a preview of a link
        if message.mentions_bot or not message.thread:
            return message.mentions_bot or direct
        if await self._questions.get(turn_of(message)):
            return True  # the twin of a mention that came first
        standing = await self._conversations.standing(conversation_of(message), message.user)
        if direct:
            return not standing.muted or message.command in {"stop", "unmute"}
        return _continues(message, standing) or await self._answers(message, standing)

    async def _answers(self, message: UserText, standing: Joined) -> bool:
        """Whether a message answers what was asked last in its thread: anybody's may."""
        if not standing.exists or standing.muted or message.for_others or message.command:
            return False
        offer = await self._choices.open_in(conversation_of(message), message.ts, time.time())
        text = "" if message.wordless else message.text
        return offer is not None and is_answer(offer, text, has_files=bool(message.files))

    async def lacks_mention(self, message: UserText) -> bool:
        """Whether somebody goes on with a conversation in which only others have asked yet."""
        if (
            not message.thread
            or message.is_of_nobody
            or message.for_others
            or message.wordless
            or is_small_talk(message.text)
        ):
            return False
        standing = await self._conversations.standing(conversation_of(message), message.user)
        talks = standing.exists and not standing.muted and not standing.takes_part
        return talks and not is_bare_thanks(message.text)

    async def is_in_conversation(self, message: UserText) -> bool:
        """Whether a message stands in a thread that the bot takes part in."""
        if not message.thread:
            return False
        return (await self._conversations.standing(conversation_of(message), message.user)).exists

    async def overhear(self, message: UserText) -> None:
        """Note that something was said in a thread that is not for the bot: the thread's next question may need it."""
        if message.thread:
            await self._heard.said(message.team, message.channel, message.thread, message.ts)

    async def accept(self, message: UserText, repeats: str) -> Acceptance:
        """Record a message that is for the bot: durable when this returns. ``repeats``: see ``Intake.user_text``."""
        async with self._beside_its_twin(turn_of(message)):
            return await self._database.run(lambda session: self._record(session, message, repeats), urgent=True)

    def _beside_its_twin(self, turn: str) -> AbstractAsyncContextManager[None]:
        """On a server the twins of a mention would both insert; the second one has next to nothing to do."""
        return nullcontext() if self._database.is_sqlite else self._twins.setdefault(turn, asyncio.Lock())

    def _record(self, session: Session, message: UserText, repeats: str) -> Acceptance:
        """Everything that accepting a message reads and writes."""
        known, waiting = known_and_open(session, turn_of(message), conversation_of(message))
        if known:
            self._questions.add(session, known, message)
            return Acceptance(refused=bool(known.refused))
        others = [question for question in waiting if question.id != repeats]
        if any(_same(message, question) for question in others):
            if message.complete:  # a mention without its files may look the same and not be
                self._questions.put(session, message, dropped=True)
                _note_double(session, message)
            return Acceptance(is_double=True)
        refused = None if message.command else self._refusal(session, message, len(waiting))
        self._conversations.join(session, message.team, message.channel, message.thread or message.ts, message.user)
        new = self._questions.put(session, message, refused)
        rules = rule_book(session, message.team) if new and not refused and not message.command else None
        return Acceptance(is_new=new, refused=bool(refused), waits=bool(waiting), rules=rules)

    def _refusal(self, session: Session, message: UserText, waiting: int) -> AnalystError | None:
        """Why a question is not taken, or None."""
        if paused := pauses.refusal(session, message.team, message.channel):
            return paused
        who = message.team, message.user
        asked_since, open_now = partial(count_by, session, *who), partial(open_by, session, *who)
        return self._limits.refusal(waiting, asked_since, open_now)

    async def edit(self, message: UserText) -> bool:
        """Update the text of a question that waits; whether the message is a question."""
        turn = turn_of(message)
        if await self._questions.get(turn) is None:
            return False
        await self._questions.edit(turn, message.text)
        return True


def turn_of(message: UserText) -> str:
    """The id of a message's question and turn."""
    return question_id(message.team, message.channel, message.ts)


def conversation_of(message: UserText) -> str:
    """The key of the conversation that a message continues or begins."""
    return conversation_id(message.team, message.channel, message.thread or message.ts)


def _note_double(session: Session, message: UserText) -> None:
    place = (message.team, message.channel, message.user, conversation_of(message))
    note(session, Entry(turn_of(message), "question", *place, facts={"outcome": "dropped"}))


def _same(message: UserText, question: Known) -> bool:
    """Whether a person says the same thing again while it is still being answered."""
    if message.user != question.user or message.text.strip() != question.text.strip():
        return False
    return {file.id for file in message.files} == {file["id"] for file in question.files}


def _continues(message: UserText, standing: Joined) -> bool:
    """Whether a message without a mention goes on with a conversation."""
    if not standing.exists or message.for_others:
        return False
    if message.command == "stop":
        return True
    if not standing.takes_part or standing.muted or (message.wordless and not message.files):
        return False
    return bool(message.files) or not is_bare_thanks(message.text)
