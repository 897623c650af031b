"""What people press, choose and command: one gate for all of it, and one durable job for what must not be lost.

A payload says who pressed what, and where. None of that is believed: what it names is looked up, it must stand where it
was pressed, and the presser must be there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial

from sqlalchemy.orm import Session

from conversations.access.rules import Access
from conversations.audit.entry import Entry
from conversations.audit.log import note, note_alone
from conversations.database.database import Database
from conversations.database.models import Job, Question
from conversations.errors import AccessError, AskedByBot, NotHere
from conversations.jobs.file_cards import FileCards
from conversations.jobs.jobs import Jobs
from conversations.ports.incoming import Press, PressKind, UserText
from conversations.ports.replies import Place
from conversations.ports.workspaces import WindowsOf, WorkplaceOf
from conversations.store.questions import QuestionStore
from errors import AnalystError

log = logging.getLogger(__name__)

PRESS = "press"
ASKED = "forget_asked"
"""What the ids of rows end with that say who was asked in a modal whether to forget what: nothing is done for them."""

_OF_PLACES = frozenset(
    {
        PressKind.ANALYSE,
        PressKind.STOP_THREAD,
        PressKind.CHOOSE_CARD,
        PressKind.CHOOSE_BOTS,
        PressKind.PAUSE,
        PressKind.COMMAND,
        PressKind.FORGET_CHANNEL,
    }
)
_OF_PEOPLE = frozenset({PressKind.FORGET_MINE, PressKind.FORGET})
"""What somebody has asked, he may have forgotten from anywhere, and when he may ask no more."""


@dataclass(frozen=True)
class Subject:
    """What a press is about, looked up: a turn, a shared file's card, or only the place."""

    team: str
    channel: str
    thread: str
    question: Question | None = None
    shared: UserText | None = None

    @property
    def turn(self) -> Question:
        """The question; raises ``NotHere`` when there is none."""
        if self.question is None:
            raise NotHere
        return self.question


Effect = Callable[[Press, Subject, str], Awaitable[None]]
"""What a press does. It is called with the id of its job, and again after a crash, so it must be idempotent."""


@dataclass(eq=False)
class Presses:
    """Admits presses, and does the durable ones."""

    _database: Database
    _access: Access
    _questions: QuestionStore
    _cards: FileCards
    _jobs: Jobs
    _workplace: WorkplaceOf
    _windows: WindowsOf
    _effects: dict[str, Effect] = field(default_factory=dict, init=False)

    def on(self, kind: PressKind, effect: Effect) -> None:
        """Let presses of a kind have an effect."""
        self._effects[kind] = effect

    async def accept(self, press: Press) -> None:
        """Take a press: on disk when this returns; whether the presser may is asked afterwards."""
        if not press.user:
            return
        press = replace(press, at=press.at or f"{time.time():.6f}")
        await self._jobs.accept(
            PRESS,
            f"{press.team}:{press.channel}:{press.at}",
            f"{PRESS}:{press.user}:{press.channel}:{press.thread or press.value}",
            channel=press.channel,
            user=press.user,
            about=f"{press.name}:{press.user}",
            arguments=asdict(press),
        )

    async def admit(self, press: Press) -> Subject:
        """The one gate: what a press is about, if it stands where it was pressed and the presser may be there.

        Raises:
            AccessError: It does not, or the presser may not, or Slack does not tell.
        """
        subject = await self._find(press)
        if subject is None or not press.user:
            raise NotHere(f"{press.name} by {press.user or 'nobody'}")
        if subject.channel or press.name not in _OF_PEOPLE:
            await self._access.check(subject.team, press.user, subject.channel)
        return subject

    async def check(self, team: str, user: str) -> None:
        """Return if a person may have something done that no channel sees. Raises ``AccessError``."""
        await self._access.check(team, user)

    async def may_see(self, team: str, user: str, channel: str) -> bool:
        """Whether a person may have something done in a channel."""
        try:
            await self._access.check(team, user, channel)
        except AccessError:
            return False
        return True

    async def refuse(self, press: Press, error: AnalystError) -> None:
        """Tell a presser, and nobody else, why something is not done."""
        await self.note_refusal(press, error)
        if isinstance(error, AskedByBot):
            return
        person = await self._workplace(press.team).person(press.user)
        place = Place("", press.team, press.channel, press.thread, "", press.user, locale=person.locale)
        await self._windows(press.team).refuse(place, error, press.reply)

    async def note_refusal(self, press: Press, error: AnalystError) -> None:
        """Note that something is not done, where the presser is told already."""
        log.info("A press is not followed: %s: %s", type(error).__name__, error.detail)
        at = press.at or f"{time.time():.6f}"
        facts = {"press": press.name, "error": type(error).__name__}
        entry = Entry(f"{press.team}:{press.channel}:{at}:{press.name}:{press.user}:refused", "refusal", *_place(press))
        await note_alone(self._database, replace(entry, facts=facts))

    async def _find(self, press: Press) -> Subject | None:
        found = await self._look_up(press)
        if found is None or found.team != press.team:
            return None
        if press.name in _OF_PEOPLE:
            return found
        stands_there = press.in_modal or (found.channel, found.thread) == (press.channel, press.thread)
        return found if found.channel and stands_there else None

    async def _look_up(self, press: Press) -> Subject | None:
        if press.name in _OF_PLACES:
            return Subject(press.team, press.channel, press.thread)
        if press.name == PressKind.FORGET_MINE:
            return Subject(press.team, "", "")
        if press.name == PressKind.FORGET:
            asked = await self._jobs.get(press.value) if press.value.endswith(f":{ASKED}") else None
            return Subject(press.team, asked.channel, "") if asked and asked.user == press.user else None
        if press.name == PressKind.SAMPLE:
            shared = await self._cards.message_of(press.value)
            return Subject(shared.team, shared.channel, shared.thread or shared.ts, shared=shared) if shared else None
        question = await self._questions.get(press.value)
        return Subject(question.team, question.channel, question.thread, question) if question else None

    async def do(self, job: Job) -> None:
        """The job of ``accept``."""
        if not job.arguments:
            return  # it is done; words and addresses are not kept
        press = Press(**job.arguments)
        try:
            await self._effects[press.name](press, await self.admit(press), job.id)
        except AnalystError as error:
            await self.refuse(press, error)
        await self._jobs.blank(job.id)


def noting(press: Press, job: str, facts: Mapping[str, str]) -> Callable[[Session], None]:
    """Notes, within the transaction that it is called with, what the press of a job has set."""
    return partial(note, entry=Entry(f"{job}:set", "setting", *_place(press), facts=facts))


def _place(press: Press) -> tuple[str, str, str]:
    return press.team, press.channel, press.user
