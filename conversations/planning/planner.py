"""Decides what a turn is going to do. The plan is made once and saved, so that a resumed turn does the same."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from conversations.access.limits import HOUR
from conversations.access.rules import Access
from conversations.database.models import Conversation, ConversationFile, Question
from conversations.errors import AskedByBot
from conversations.files.known_columns import KnownColumns
from conversations.files.uploads import as_shared
from conversations.planning.file_search import NAMES_NOTHING, FileSearch
from conversations.planning.nearby import as_told
from conversations.planning.replying import is_answer
from conversations.planning.surroundings import CONTEXT_MESSAGES, Look, Surroundings, is_whole
from conversations.ports.arrivals import Arrivals
from conversations.ports.incoming import CHOICE, OLD_SECONDS
from conversations.ports.workplace import Discussion, Message, Person, SharedFile
from conversations.store.channel_settings import ChannelSettings
from conversations.store.choices import Choices
from conversations.store.plan import Kind, Plan
from conversations.store.questions import QuestionStore
from errors import error_from_json
from tables import without_pasted
from untrusted.off_loop import aside

TWIN_SECONDS = 1.0
APP_PER_HOUR = 20
"""Questions of an app that are answered."""

CONTEXT_CHARACTERS = 12_000


class Planner:
    """Makes plans from the recorded question and from what Slack shows now."""

    def __init__(
        self,
        questions: QuestionStore,
        around: Surroundings,
        arrivals: Arrivals,
        access: Access,
        settings: ChannelSettings,
        choices: Choices,
        columns: KnownColumns,
    ) -> None:
        self._settings = settings
        self._questions = questions
        self._around = around
        self._workplace = around.workplace
        self._arrivals = arrivals
        self._search = FileSearch(around, arrivals)
        self._access = access
        self._choices = choices
        self._columns = columns

    async def plan(
        self,
        question: Question,
        conversation: Conversation,
        held: Sequence[ConversationFile] = (),
        *,
        admitted: Callable[[], Awaitable[object]],
    ) -> Plan:
        """Read the question, its thread and its files.

        Args:
            question: The row as it stood when the turn began.
            conversation: Its conversation.
            held: The conversation's files that Azure has.
            admitted: Called as soon as it is known that the asker may have it answered, while Slack is still read.

        Raises:
            AccessError: The asker may not have it answered.
            AnalystError: A limit turned the question away when it came.
        """
        if question.stopped_by:
            return Plan("stopped", asker=await self._workplace(question.team).person(question.user))
        if question.command or question.refused:
            return await self._obey(question)
        async with self._around.look(question, conversation) as look:
            await self._admit(question)
            if question.origin != "edit" and question.accepted_at - float(question.ts) > OLD_SECONDS:
                return Plan("too_old", asker=await self._workplace(question.team).person(question.user))
            await admitted()
            answer = await self._as_answer(await self._with_twin(question))
            return await self._read(answer, conversation, held, look)

    async def _obey(self, question: Question) -> Plan:
        """The plan for a word to the bot. Raises what a limit turned it, or a question, away with."""
        if question.command == "stop":
            asker = await self._workplace(question.team).person(question.user)  # which seldom asks Slack
            await self._access.check_known(question.team, asker, question.channel)
        else:
            await self._admit(question)
        if question.refused:
            raise error_from_json(question.refused)
        nameless = replace(
            await self._workplace(question.team).person(question.user), name=""
        )  # ``forget`` leaves no name
        return Plan(cast(Kind, question.command), asker=nameless)

    async def _admit(self, question: Question) -> None:
        """Return if the asker may ask.

        Apps may where a channel lets them; but only what begins a thread, and so often, lest two of them talk for ever.
        """
        try:
            await self._access.check(question.team, question.user, question.channel, is_there=True)
        except AskedByBot:
            begins = question.mentioned and question.thread == question.ts
            known = await self._settings.bots(question.team, question.channel) if begins else {}
            hour = time.time() - HOUR
            if (
                question.user not in known
                or await self._questions.asked_by(question.team, question.user, hour) > APP_PER_HOUR
            ):
                raise
            if not await self._access.takes_app(question.team, question.user, question.channel):
                raise

    async def _read(
        self, question: Question, conversation: Conversation, held: Sequence[ConversationFile], look: Look
    ) -> Plan:
        found = await look.thread
        thread = found or Discussion()
        asker = await self._workplace(question.team).person(question.user)
        told = await self._told(question, conversation) if thread.messages else frozenset()
        unseen = [
            message
            for message in thread.messages
            if not message.is_own and message.ts not in told and conversation.seen_ts < message.ts < question.ts
        ]
        written = await aside(len(question.text), without_pasted, question.text)
        text = (await self._workplace(question.team).as_seen([written]))[0]
        if not text and question.mentioned and question.origin != "shortcut":
            text, unseen = _unanswered(unseen)
        choice = await self._search.choose(question, text, thread, [as_shared(row) for row in held], look)
        kind = _kind(question, text, has_files=bool(choice.files or held))
        if kind == "ask" and not (choice.is_certain or question.origin in NAMES_NOTHING):
            return Plan("which_file", asker=asker, missing=choice.missing, offered=choice.offered)
        chosen = {file.id for file in choice.files}
        stale = [as_shared(row) for row in held if row.stale and row.slack_file not in chosen]
        seen, read = conversation.seen_ts, conversation.read_ts
        if found is not None:
            seen = max([question.ts, *(message.ts for message in unseen)])
            read = seen if is_whole(thread, {*chosen, *(row.slack_file for row in held)}) else ""
            self._around.has_read(conversation.id, read, look.period)
        context, nearby = await asyncio.gather(
            self._context(question.team, unseen), self._told_of(choice.others, question, asker)
        )
        return Plan(
            kind=kind,
            question=text,
            context=context,
            files=[*choice.files, *stale],
            reasons=choice.reasons,
            nearby=choice.others,
            told=nearby,
            seen=seen,
            read=read,
            asker=asker,
            shown_to_thread=question.shown_to_thread,
            origin=question.origin,
        )

    async def _with_twin(self, question: Question) -> Question:
        """Wait a moment for the message event, which brings the files and may come after the mention."""
        if question.complete or question.files:
            return question
        with self._arrivals.expect(question.id) as twin:
            latest = await self._questions.get(question.id) or question
            if not latest.complete:
                await twin.wait(TWIN_SECONDS)
        return await self._questions.get(question.id) or question

    async def _as_answer(self, question: Question) -> Question:
        """What was asked before, with this as the answer, when a thread's first message after it says so."""
        if question.origin or question.thread == question.ts:
            return question
        offer = await self._choices.open_in(question.conversation, question.ts, question.accepted_at)
        if offer is None or not is_answer(offer, question.text, has_files=bool(question.files)):
            return question
        return await self._choices.take(question, await self._name(question.team, question.user))

    async def _told_of(self, files: Sequence[SharedFile], question: Question, asker: Person) -> str:
        users = dict.fromkeys(file.user for file in files if file.user and not file.is_own)
        names = dict(
            zip(users, await asyncio.gather(*(self._name(question.team, user) for user in users)), strict=True)
        )
        return as_told(files, names, self._columns.of(question.team, files), float(question.ts), asker.timezone)

    async def _name(self, team: str, user: str) -> str:
        return (await self._workplace(team).person(user)).name or user

    async def _told(self, question: Question, conversation: Conversation) -> frozenset[str]:
        """The ts of messages that are no news to the model, because they were questions to it."""
        is_answer = question.origin == CHOICE
        return await self._questions.asked_in(question.conversation, conversation.seen_ts, with_unread=is_answer)

    async def _context(self, team: str, messages: Sequence[Message]) -> str:
        lines = await asyncio.gather(*(self._line(team, message) for message in messages[-CONTEXT_MESSAGES:]))
        kept: list[str] = []
        room = CONTEXT_CHARACTERS
        for line in reversed(lines):
            room -= len(line) + 1
            if room < 0:
                break
            kept.append(line)
        return "\n".join(reversed(kept))

    async def _line(self, team: str, message: Message) -> str:
        name = (await self._workplace(team).person(message.user)).name if message.user else "an app"
        when = datetime.fromtimestamp(float(message.ts), UTC).strftime("%Y-%m-%d %H:%M")
        names = [file.name for file in message.files if not file.forwarded]  # which the forward itself names
        files = f" [files: {', '.join(names)}]" if names else ""
        return f"[{when} UTC] {name}: {message.text}{files}"


def _unanswered(unseen: Sequence[Message]) -> tuple[str, list[Message]]:
    """A bare mention in a thread asks for an answer to the last message there."""
    for position in range(len(unseen) - 1, -1, -1):
        message = unseen[position]
        if message.text.strip() and not message.is_bot:
            return message.text.strip(), [*unseen[:position], *unseen[position + 1 :]]
    return "", list(unseen)


def _kind(question: Question, text: str, *, has_files: bool) -> Kind:
    is_quotation = all(line.startswith(">") for line in text.split("\n"))  # nothing was typed
    if not question.mentioned and question.files and (not text or (is_quotation and not question.direct)):
        return "add_files"
    if text:
        return "ask"
    return "describe" if has_files else "help"
