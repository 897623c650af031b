"""Decides what a message is: a question for the bot, a word to it (stop, mute…), or none of its business.

Whatever is accepted is on disk when these methods return; only then does Slack get its ack.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from conversations.access.limits import Limits
from conversations.access.rules import Access
from conversations.database.database import Database
from conversations.engine.dbos import Engine
from conversations.engine.dispatcher import Dispatcher
from conversations.errors import AccessError
from conversations.jobs.file_cards import FileCards
from conversations.ports.arrivals import Arrivals, upload_key
from conversations.ports.incoming import UserText
from conversations.ports.replies import Activity, Place, Replies
from conversations.ports.workplace import Workplace
from conversations.store.conversations import Joined, Threads, conversation_id
from conversations.store.questions import Known, QuestionStore, known_and_open, question_id
from conversations.turns.commands import Commands
from conversations.turns.smalltalk import is_bare_thanks

log = logging.getLogger(__name__)

ALREADY_AT_IT = "eyes"


@dataclass(frozen=True)
class _Acceptance:
    """What became of a message: a double of one that is at work, or a question, new or known."""

    is_double: bool = False
    is_new: bool = False
    refused: bool = False
    waits: bool = False


class Intake:
    """Takes what people write."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        questions: QuestionStore,
        threads: Threads,
        arrivals: Arrivals,
        workplace: Workplace,
        replies: Replies,
        limits: Limits,
        commands: Commands,
        cards: FileCards,
        dispatcher: Dispatcher,
        access: Access,
    ) -> None:
        self._database = database
        self._engine = engine
        self._questions = questions
        self._threads = threads
        self._arrivals = arrivals
        self._workplace = workplace
        self._replies = replies
        self._limits = limits
        self._commands = commands
        self._cards = cards
        self._dispatcher = dispatcher
        self._access = access
        self._tasks: set[asyncio.Task[None]] = set()

    async def user_text(self, message: UserText, *, repeats: str = "") -> None:
        """Accept a message when it is for the bot: durable when this returns, a twin or a retry changes nothing.

        Args:
            message: What was written.
            repeats: The turn that it asks again by a button; that one is no double of it.
        """
        with self._dispatcher.arriving():
            await self._take(message, repeats)

    async def _take(self, message: UserText, repeats: str) -> None:
        if message.files:
            self._arrivals.arrived(upload_key(message.channel, message.user))
        if not await self._is_for_bot(message):
            if message.files and not await self._is_in_conversation(message):
                await self._cards.dropped(message)
            return
        turn = question_id(message.team, message.channel, message.ts)
        recorded = await self._database.run(lambda session: self._record(session, turn, message, repeats), urgent=True)
        if recorded.is_double:
            self._spawn(self._replies.react(message.channel, message.ts, ALREADY_AT_IT))
            return
        if recorded.is_new and not recorded.refused and not message.command:
            self._spawn(self._first_sign(message, Activity.QUEUED if recorded.waits else Activity.THINKING))
        conversation = conversation_id(message.team, message.channel, message.thread or message.ts)
        self._dispatcher.dispatch(turn, conversation, message.command, refused=recorded.refused)
        if message.command == "forget":
            await self._commands.make_way(turn)
        self._arrivals.arrived(turn)

    def _record(self, session: Session, turn: str, message: UserText, repeats: str) -> _Acceptance:
        """Everything that accepting a message writes, and what it must look at for that."""
        conversation = conversation_id(message.team, message.channel, message.thread or message.ts)
        known, waiting = known_and_open(session, turn, conversation)
        if known:
            self._questions.add(session, known, message)
            return _Acceptance(refused=bool(known.refused))
        others = [question for question in waiting if question.id != repeats]
        if any(_same(message, question) for question in others):
            if message.complete:  # a mention without its files may look the same and not be
                self._questions.put(session, message, dropped=True)
            return _Acceptance(is_double=True)
        refused = None if message.command else self._limits.refusal(session, message.user, len(waiting))
        self._threads.join(session, message.team, message.channel, message.thread or message.ts, message.user)
        new = self._questions.put(session, message, refused)
        return _Acceptance(is_new=new, refused=bool(refused), waits=bool(waiting))

    async def edited(self, message: UserText, *, asks_now: bool) -> None:
        """A waiting question takes its newest text; an edit that first mentions the bot is a question.

        Args:
            message: As it stands now.
            asks_now: The edit added the mention.
        """
        turn = question_id(message.team, message.channel, message.ts)
        if await self._questions.get(turn):
            await self._questions.edit(turn, message.text)
        elif asks_now:
            await self.user_text(replace(message, via="edit"))

    async def deleted(self, team: str, channel: str, ts: str) -> None:
        """A question was deleted: dropped while it waits, cancelled while it runs."""
        await self._cards.withdrawn(team, channel, ts)
        turn = question_id(team, channel, ts)
        question = await self._questions.get(turn)
        if question and await self._questions.drop(turn):
            await self._commands.cancel(turn, question.user)

    async def _is_for_bot(self, message: UserText) -> bool:
        direct = message.channel_type == "im"
        if message.mentions_bot or not message.thread:
            return message.mentions_bot or direct
        if await self._questions.get(question_id(message.team, message.channel, message.ts)):
            return True  # the twin of a mention that came first
        standing = await self._threads.standing(
            conversation_id(message.team, message.channel, message.thread), message.user
        )
        if direct:
            return not standing.muted or message.command in {"stop", "unmute"}
        return _continues(message, standing)

    async def _is_in_conversation(self, message: UserText) -> bool:
        if not message.thread:
            return False
        key = conversation_id(message.team, message.channel, message.thread)
        return (await self._threads.standing(key, message.user)).exists

    async def _first_sign(self, message: UserText, activity: Activity) -> None:
        person = await self._workplace.person(message.user)
        try:
            self._access.check_person(person)
        except AccessError:
            return  # the turn says so
        turn = question_id(message.team, message.channel, message.ts)
        is_open = self._dispatcher.is_pending(turn) or self._engine.is_open(turn)
        if is_open is None:
            question = await self._questions.get(turn)
            is_open = question is not None and question.state != "done"
        if not is_open:
            return  # the answer was quicker; a sign after it would stay
        place = Place(
            turn=turn,
            team=message.team,
            channel=message.channel,
            thread=message.thread or message.ts,
            question=message.ts,
            asker=message.user,
            asker_team=message.user_team,
            locale=person.locale,
            is_direct=message.channel_type == "im",
        )
        title = message.text if place.is_direct and place.thread == place.question else ""
        await self._replies.first_sign(place, activity, title)
        await self._access.expect(message.user)

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


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
    if not standing.takes_part or standing.muted:
        return False
    return bool(message.files) or not is_bare_thanks(message.text)


async def _quietly(work: Coroutine[object, object, None]) -> None:
    try:
        await work
    except Exception as error:
        log.debug("The first sign could not be shown: %s", type(error).__name__)
