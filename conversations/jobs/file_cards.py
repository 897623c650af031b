"""File cards: what a data file holds, said under it when it is shared without a question."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass, field

from sqlalchemy import select

from conversations.access import pauses
from conversations.audit.entry import Entry
from conversations.audit.log import note_alone
from conversations.database.database import Database
from conversations.database.models import Job, Post
from conversations.jobs.card_looks import CardLooks
from conversations.jobs.jobs import Jobs
from conversations.ports.incoming import BATCH_SECONDS, OLD_SECONDS, UserText
from conversations.ports.replies import Place
from conversations.ports.workplace import SharedFile
from conversations.ports.workspaces import RepliesOf, WorkplaceOf
from conversations.store.channel_settings import ChannelSettings
from conversations.store.journal import TurnJournal
from conversations.store.questions import place_of_message
from conversations.store.results import known
from tables import is_data

CARD = "card"
WITHDRAWN = "withdrawn"
REACTION = "bar_chart"
MOST_FILES = 5
"""Files of a drop that are looked into; the others are named."""
AT_ONCE = 2
"""Cards that are made at a time, so that a heap of dropped files never stands in the way of questions."""


@dataclass(eq=False)
class FileCards:
    """Makes file cards, as jobs: one for each batch of files that a person drops."""

    _database: Database
    _jobs: Jobs
    _settings: ChannelSettings
    _workplace: WorkplaceOf
    _replies: RepliesOf
    _looks: CardLooks
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE), init=False)

    async def dropped(self, message: UserText) -> None:
        """Take note of files that were shared without a question: durable when this returns."""
        if not any(_may_be_data(file) for file in message.files) or time.time() - float(message.ts) > OLD_SECONDS:
            return
        if await self._settings.card(message.team, message.channel) == "off":
            return
        arguments = asdict(message) | {"files": [file.to_json() for file in message.files]}
        for later in ("shown_to_thread", "origin", "wordless"):  # which earlier versions do not know by these names
            del arguments[later]
        await self._jobs.accept(
            CARD,
            f"{message.team}:{message.channel}:{message.ts}",
            _partition(message),
            channel=message.channel,
            user=message.user,
            ts=message.ts,
            arguments=arguments,
        )

    async def withdrawn(self, team: str, channel: str, ts: str) -> None:
        """The message was deleted: its card goes too. Durable when this returns."""
        key = f"{team}:{channel}:{ts}"
        if card := await self._jobs.get(f"{key}:{CARD}"):
            await self._jobs.accept(
                WITHDRAWN, key, _partition(_message(card)), channel=channel, user=card.user, arguments={"card": card.id}
            )

    async def message_of(self, card: str) -> UserText | None:
        """The message that a card stands under; None when the id is no card's."""
        job = await self._jobs.get(card) if card.endswith(f":{CARD}") else None
        return _message(job) if job else None

    async def show(self, job: Job) -> None:
        """The job of ``dropped``."""
        message = _message(job)
        if await self._database.run(lambda session: pauses.refusal(session, message.team, message.channel)):
            return
        mode, replies = await self._settings.card(message.team, message.channel), self._replies(message.team)
        if mode == "reaction":
            await replies.react(message.channel, message.ts, REACTION)
        if mode != "card" or await self._has_card_already(job):
            return
        async with self._room:
            looked_at = [
                await self._looks.at(message.team, message.channel, file, look=position < MOST_FILES)
                for position, file in enumerate(message.files)
            ]
        if files := [file for file in looked_at if file]:
            await replies.card(await self._place(job), files, TurnJournal(self._database, job.id))
            facts = {"files": len(files)}
            await note_alone(self._database, Entry(f"{job.id}:shown", "card", *_where(job), facts=facts))

    async def withdraw(self, job: Job) -> None:
        """The job of ``withdrawn``."""
        card = await self._jobs.get(job.arguments["card"])
        if card:
            place, journal = await self._place(card), TurnJournal(self._database, card.id)
            await self._replies(place.team).answer(place, journal, recovering=True).retract()
            entry = Entry(f"{card.id}:withdrawn", "deletion", *_where(card), facts={"of": "card"})
            await note_alone(self._database, entry)

    async def _place(self, card: Job) -> Place:
        message = _message(card)
        person = await self._workplace(message.team).person(message.user)
        return place_of_message(message, card.id, person.locale)

    async def _has_card_already(self, job: Job) -> bool:
        """Whether the same drop, sent as several messages, has its card: they are looked at one after the other."""
        since = f"{float(job.ts) - BATCH_SECONDS:.6f}"
        here = f"{_message(job).team}:{job.channel}:"
        same = (Job.user == job.user) & Job.id.startswith(here, autoescape=True) & Job.id.endswith(f":{CARD}")
        query = select(Post.turn).join(Job, Job.id == Post.turn).where(same, Job.ts >= since, Job.ts < job.ts).limit(1)
        return bool(await self._database.scalars(query))


def _may_be_data(file: SharedFile) -> bool:
    """A file of another workspace comes as an id only; what it is shows later."""
    return not file.name or is_data(file.name, file.mimetype, file.filetype)


def _where(card: Job) -> tuple[str, str, str, str]:
    return card.id.split(":")[0], card.channel, card.user, card.id


def _partition(message: UserText) -> str:
    """Drops of one person in one channel are looked at one after the other."""
    return f"{CARD}:{message.team}:{message.channel}:{message.user}"


def _message(job: Job) -> UserText:
    arguments = job.arguments | {"channel": job.channel}  # which may have another id since
    return UserText(
        **(known(UserText, arguments) | {"files": [SharedFile.from_json(file) for file in arguments["files"]]})
    )
