"""Shows that a message was accepted, by the status line or a reaction; or says that it lacks a mention."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace

from conversations.access.rule_book import RuleBook
from conversations.access.rules import Access
from conversations.database.models import Job
from conversations.engine.dispatcher import Dispatcher
from conversations.errors import AccessError
from conversations.intake.acceptance import conversation_of, turn_of
from conversations.jobs.jobs import Jobs
from conversations.ports.incoming import OLD_SECONDS, UserText
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.replies import Activity, Place
from conversations.ports.workspaces import RepliesOf, WindowsOf, WorkplaceOf
from conversations.store.questions import place_of_message
from telemetry.metrics import reached

log = logging.getLogger(__name__)

ALREADY_AT_IT = "eyes"
HINT = "hint"


@dataclass(eq=False)
class FirstSigns:
    """Shows first signs."""

    _dispatcher: Dispatcher
    _jobs: Jobs
    _workplace: WorkplaceOf
    _replies: RepliesOf
    _windows: WindowsOf
    _access: Access
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    def double(self, message: UserText) -> None:
        """React to a message that repeats an open question."""
        self._spawn(self._react(message))

    def question(self, message: UserText, rules: RuleBook, *, waits: bool) -> None:
        """Show the status of a new question, if the rules admit it; it may wait for others of its thread."""
        self._spawn(self._show(message, rules, Activity.QUEUED if waits else Activity.THINKING, time.time()))

    async def _react(self, message: UserText) -> None:
        person = await self._workplace(message.team).person(message.user)
        await self._access.check_known(message.team, person, message.channel)
        await self._replies(message.team).react(message.channel, message.ts, ALREADY_AT_IT)

    async def mention_wanted(self, message: UserText) -> None:
        """Tell somebody, once in a thread, how to be answered there."""
        if time.time() - float(message.ts) > OLD_SECONDS:
            return
        conversation = conversation_of(message)
        await self._jobs.accept(
            HINT, conversation, f"{HINT}:{conversation}", channel=message.channel, user=message.user, about=message.user
        )

    async def hint(self, job: Job) -> None:
        """The job of ``mention_wanted``."""
        team, _, thread = job.id.split(":")[:3]
        locale = (await self._workplace(team).person(job.user)).locale
        place = Place("", team, job.channel, thread, "", job.user, locale=locale)
        await self._windows(team).whisper(place, Notice(NoticeKind.MENTION_ME))

    async def _show(self, message: UserText, rules: RuleBook, step: Activity, accepted_at: float) -> None:
        workplace = self._workplace(message.team)
        person = await workplace.person(message.user)
        try:
            await self._access.check_known(message.team, person, message.channel, rules)
        except AccessError:
            return  # the turn says so
        turn = turn_of(message)
        if not await self._dispatcher.is_open(turn):
            return  # the answer was quicker; a sign after it would stay
        is_direct = message.channel_type == "im"
        place = replace(place_of_message(message, turn, person.locale), is_direct=is_direct)
        title = ""
        if is_direct and place.thread == place.question:
            [title] = await workplace.as_seen([message.text])
        with self._dispatcher.showing():
            await self._replies(message.team).first_sign(place, step, title)
        reached("first_sign", accepted_at)
        await self._access.expect(message.team, message.user)

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _quietly(work: Coroutine[object, object, None]) -> None:
    try:
        await work
    except Exception as error:
        log.debug("The first sign could not be shown: %s", type(error).__name__)
