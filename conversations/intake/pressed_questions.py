"""Questions that are pressed instead of written: "Try again", an answer to what we ask, a card's, "Analyse this"."""

from __future__ import annotations

import time
from dataclasses import replace

from conversations.errors import AlreadyChosen, ChoiceTooLate, NoDataOnMessage, NotHere, ReadRefused
from conversations.intake.intake import Intake
from conversations.intake.settling import Settling
from conversations.jobs.presses import Subject
from conversations.ports.incoming import CHOICE, Press, UserText
from conversations.ports.workplace import Message, SharedFile
from conversations.ports.workspaces import WorkplaceOf
from conversations.store.choices import CHOICE_SECONDS, Choices, inquiry_of, with_answer
from conversations.store.questions import shared_files
from conversations.store.results import Chosen
from tables import pasted_tables
from untrusted.characters import escaped

_BOT_IS_NOT_THERE = frozenset({"not_in_channel", "channel_not_found"})


class PressedQuestions:
    """Makes questions of presses; they go the way of written ones."""

    def __init__(self, intake: Intake, workplace: WorkplaceOf, choices: Choices, settling: Settling) -> None:
        self._intake = intake
        self._workplace = workplace
        self._choices = choices
        self._settling = settling

    async def again(self, press: Press, subject: Subject, _job: str) -> None:
        """The same text and files, asked by the presser."""
        old = subject.turn
        if old.forgotten:
            await self._intake.user_text(replace(_asked(press, subject), command="help"), repeats=old.id)
            return
        asked = replace(
            _asked(press, subject),
            text=old.text,
            files=shared_files(old),
            channel_type="im" if old.direct else "",
            origin=old.origin if old.origin in {"shortcut", CHOICE} else "",  # which say more than the words
        )
        await self._intake.user_text(asked, repeats=old.id)

    async def choose(self, press: Press, subject: Subject, job: str) -> None:
        """The same question, with what was chosen first of what it was answered with."""
        old, offer = subject.turn, await self._choices.offer(subject.turn.id)
        names = {option.key: option.name for option in inquiry_of(offer).options} if offer else {}
        if offer is None or (name := names.get(press.more)) is None:
            raise NotHere
        if time.time() - old.finished_at > CHOICE_SECONDS:
            await self._settling.close(old, offer)
            raise ChoiceTooLate
        person = await self._workplace(press.team).person(press.user)
        first = await self._choices.choose(old.id, Chosen(person.name or press.user, name, job))
        if first.job != job:
            raise AlreadyChosen(by=first.by, name=first.name)
        asked = replace(
            _asked(press, subject),
            text=with_answer(old.text, offer.words, escaped(name)) if offer.choices else old.text,
            files=[
                *shared_files(old),
                *(SharedFile.from_json(file) for file in offer.files if file["id"] == press.more),
            ],
            channel_type="im" if old.direct else "",
            shown_to_thread=False,  # it stands there, and so does the choice
            origin=CHOICE,
        )
        await self._intake.user_text(asked, repeats=old.id)

    async def sample(self, press: Press, subject: Subject, _job: str) -> None:
        """One of a card's questions, about its files and in its thread."""
        if (shared := subject.shared) is None:
            raise NotHere
        await self._intake.user_text(
            replace(_asked(press, subject), text=escaped(press.more), files=shared.files, origin="card")
        )

    async def analyse(self, press: Press, subject: Subject, _job: str) -> None:
        """The data on a message, described in its thread."""
        try:
            found = await self._workplace(press.team).message(subject.channel, press.value)
        except ReadRefused as error:
            if error.fields["error"] not in _BOT_IS_NOT_THERE:
                raise
            found = Message(press.value, "", "")  # the turn tells how to invite it
        else:
            if found is None or not (found.files or pasted_tables(found.text)):
                raise NoDataOnMessage
        asked = replace(
            _asked(press, subject),
            text="" if found.files else escaped(found.text),
            thread=found.thread_ts or found.ts,
            files=found.files,
            channel_type="im" if press.is_direct else "",
            origin="shortcut",
        )
        await self._intake.user_text(asked)


def _asked(press: Press, subject: Subject) -> UserText:
    return UserText(
        team=subject.team,
        channel=subject.channel,
        ts=press.at,
        user=press.user,
        text="",
        thread=subject.thread,
        mentions_bot=True,
        shown_to_thread=True,
    )
