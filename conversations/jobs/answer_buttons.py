"""What people do with an answer: look at its code, post it, judge it, delete it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from conversations.audit.entry import Entry
from conversations.audit.log import note_alone
from conversations.database.database import Database
from conversations.database.models import Question
from conversations.jobs.presses import Presses, Subject
from conversations.ports.incoming import Press, PressKind
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.windows import Modal
from conversations.ports.workspaces import RepliesOf, WindowsOf, WorkplaceOf
from conversations.store.feedback import FeedbackBox
from conversations.store.journal import TurnJournal
from conversations.store.questions import place_of
from errors import AnalystError

QUICK_SECONDS = 0.5
"""How long a modal waits for what it shows; a press's trigger is good for 3 s (https://docs.slack.dev/surfaces/modals)."""

Fill = Callable[[Modal, str, Question], Awaitable[None]]
"""Shows a modal about a turn, in a language."""


@dataclass(eq=False)
class AnswerButtons:
    """The buttons below an answer, and those of its modals."""

    _database: Database
    _presses: Presses
    _feedback: FeedbackBox
    _workplace: WorkplaceOf
    _replies: RepliesOf
    _windows: WindowsOf
    _journal: Callable[[str], TurnJournal]

    async def show_code(self, press: Press, modal: Modal, page: int = 0) -> None:
        """Show the Python of a turn to the presser."""
        show = self._windows(press.team).code
        await self._open(press, modal, lambda shown, locale, turn: show(shown, locale, turn.id, turn.code, page))

    async def ask_reason(self, press: Press, modal: Modal) -> None:
        """Ask the presser what was wrong with an answer."""
        show = self._windows(press.team).reason
        await self._open(press, modal, lambda shown, locale, turn: show(shown, locale, turn.id))

    async def _open(self, press: Press, modal: Modal, fill: Fill) -> None:
        """Fill a modal once the presser is admitted; if that takes long it is opened before, and says so."""
        windows = self._windows(press.team)
        admitted = asyncio.ensure_future(self._presses.admit(press))
        locale = asyncio.ensure_future(self._locale(press))
        await asyncio.wait({admitted, locale}, timeout=QUICK_SECONDS)
        if not (admitted.done() and locale.done()) and not modal.view:
            modal = await windows.moment(modal, locale.result() if locale.done() else "")
        try:
            await fill(modal, await locale, (await admitted).turn)
        except AnalystError as error:
            if modal.view and await windows.refusal(modal, await locale, error):
                await self._presses.note_refusal(press, error)
            else:
                await self._presses.refuse(press, error)

    async def post_code(self, press: Press, subject: Subject, job: str) -> None:
        """Post an answer's Python into its thread."""
        question = subject.turn
        if not question.code:
            return
        person = await self._workplace(press.team).person(press.user)
        place = replace(place_of(question, person), turn=job, asker=press.user)
        await self._replies(press.team).post_code(place, person.name or press.user, question.code, self._journal(job))

    async def judge(self, press: Press, subject: Subject, _job: str) -> None:
        """Keep what a person thinks of an answer, and say thanks where nothing more is asked; the last word counts."""
        question = subject.turn
        is_up = press.name == PressKind.JUDGE and press.more == "up"
        reason = press.more if press.name == PressKind.GIVE_REASON else ""
        await self._feedback.put(question.id, press.user, "up" if is_up else "down", reason)
        if is_up or press.name == PressKind.GIVE_REASON:
            place = place_of(question, await self._workplace(press.team).person(press.user))
            await self._windows(press.team).whisper(replace(place, asker=press.user), Notice(NoticeKind.THANKS))

    async def delete(self, press: Press, subject: Subject, job: str) -> None:
        """Remove an answer; only its asker may, who alone sees the button."""
        question = subject.turn
        if question.user == press.user:
            place, journal = place_of(question, None), self._journal(question.id)
            answer = self._replies(press.team).answer(place, journal, recovering=True)
            await answer.retract()
            where = (question.team, question.channel, press.user, question.id)
            await note_alone(self._database, Entry(job, "deletion", *where, facts={"of": "answer"}))

    async def _locale(self, press: Press) -> str:
        return (await self._workplace(press.team).person(press.user)).locale
