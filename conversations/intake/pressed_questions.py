"""Questions that are pressed instead of written: "Try again", a file of "Which file?", a card's, "Analyse this"."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from conversations.errors import AlreadyChosen, ChoiceTooLate, NoDataOnMessage, NotHere, ReadRefused
from conversations.intake.intake import Intake
from conversations.jobs.presses import Subject
from conversations.ports.incoming import CHOICE, Press, UserText
from conversations.ports.replies import FileQuestion, Replies
from conversations.ports.workplace import Message, SharedFile, Workplace
from conversations.store.choices import FileChoices
from conversations.store.journal import TurnJournal
from conversations.store.questions import place_of, shared_files
from conversations.store.results import Chosen
from tables import pasted_tables
from untrusted.characters import escaped

CHOICE_SECONDS = 24 * 60 * 60.0
"""How long a file can be chosen by its button."""

_BOT_IS_NOT_THERE = frozenset({"not_in_channel", "channel_not_found"})


class PressedQuestions:
    """Makes questions of presses; they go the way of written ones."""

    def __init__(
        self,
        intake: Intake,
        workplace: Workplace,
        replies: Replies,
        choices: FileChoices,
        journal: Callable[[str], TurnJournal],
    ) -> None:
        self._intake = intake
        self._workplace = workplace
        self._replies = replies
        self._choices = choices
        self._journal = journal

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
        """The same question about the file that was chosen first."""
        old, offer = subject.turn, await self._choices.offer(subject.turn.id)
        files = {file["id"]: SharedFile.from_json(file) for file in offer.files} if offer else {}
        if offer is None or (file := files.get(press.more)) is None:
            raise NotHere
        if time.time() - old.finished_at > CHOICE_SECONDS:
            raise ChoiceTooLate
        person = await self._workplace.person(press.user)
        first = await self._choices.choose(old.id, Chosen(person.name or press.user, file.name, job))
        if first.job != job:
            raise AlreadyChosen(by=first.by, name=first.name)
        asked = replace(
            _asked(press, subject),
            text=old.text,
            files=[*shared_files(old), file],
            channel_type="im" if old.direct else "",
            shown_to_thread=False,  # it stands there, and so does the choice
            origin=CHOICE,
        )
        await self._intake.user_text(asked, repeats=old.id)
        question = FileQuestion(offer.missing, list(files.values()))
        place = place_of(old, await self._workplace.person(old.user))
        await self._replies.show_choice(place, question, first.by, first.name, self._journal(old.id))

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
            found = await self._workplace.message(subject.channel, press.value)
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
