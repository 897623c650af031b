"""What people do with an answer: look at its code, post it, judge it, delete it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from conversations.audit.entry import Entry
from conversations.audit.log import note_alone
from conversations.database.database import Database
from conversations.files.sources import account_of, sources_of
from conversations.jobs.modals import Modals
from conversations.jobs.presses import Subject
from conversations.ports.incoming import Press, PressKind
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.windows import Modal
from conversations.ports.workspaces import RepliesOf, WindowsOf, WorkplaceOf
from conversations.store.feedback import FeedbackBox
from conversations.store.journal import TurnJournal
from conversations.store.questions import place_of


@dataclass(eq=False)
class AnswerButtons:
    """The buttons below an answer, and those of its modals."""

    _database: Database
    _modals: Modals
    _feedback: FeedbackBox
    _workplace: WorkplaceOf
    _replies: RepliesOf
    _windows: WindowsOf
    _journal: Callable[[str], TurnJournal]

    async def show_code(self, press: Press, modal: Modal, page: int = 0) -> None:
        """Show to the presser what lies behind an answer."""

        async def fill(shown: Modal, locale: str, subject: Subject) -> None:
            turn = subject.turn
            sources, account = await sources_of(self._database, turn.id), await account_of(self._database, turn.id)
            await self._windows(press.team).how(shown, locale, turn.id, sources, turn.code, page, account)

        await self._modals.open(press, modal, fill)

    async def ask_reason(self, press: Press, modal: Modal) -> None:
        """Ask the presser what was wrong with an answer."""

        async def fill(shown: Modal, locale: str, subject: Subject) -> None:
            await self._windows(press.team).reason(shown, locale, subject.turn.id)

        await self._modals.open(press, modal, fill)

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
