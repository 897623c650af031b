"""Finds the files of a question: on it, in its thread, in its channel, and for a moment those that are on their way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

from conversations.database.models import Question
from conversations.errors import SlackError
from conversations.files.pasted import PASTED
from conversations.planning.file_choice import Choice, Near, choose_files
from conversations.planning.smalltalk import is_small_talk, speaks_of_file
from conversations.planning.surroundings import CONTEXT_MESSAGES, Look, Surroundings
from conversations.ports.arrivals import Arrivals, upload_key
from conversations.ports.incoming import CHOICE
from conversations.ports.workplace import Discussion, SharedFile
from conversations.store.questions import shared_files
from tables import is_data, pasted_tables
from untrusted.off_loop import aside

UPLOAD_SECONDS = 3.0

NAMES_NOTHING = frozenset({CHOICE, "card"})
"""Origins of questions that are not asked about their files: the answer to that, and words of our own."""


class FileSearch:
    """Brings together what lies near a question, and has its files chosen."""

    def __init__(self, around: Surroundings, arrivals: Arrivals) -> None:
        self._around = around
        self._arrivals = arrivals

    async def choose(
        self, question: Question, text: str, thread: Discussion, held: Sequence[SharedFile], look: Look
    ) -> Choice:
        """Choose the question's files; the one that it speaks of may just be on its way."""
        pasted = await aside(len(question.text), _pasted, question)
        wants_data = not is_small_talk(text)

        async def choose(discussion: Discussion, recent: Callable[[], Awaitable[Sequence[SharedFile]]]) -> Choice:
            near = _near([*shared_files(question), *pasted], discussion, held)
            if wants_data:
                near = await _with_channel(near, recent)
            return await aside(len(text) + near.size, choose_files, text, near, wants_data=wants_data)

        if question.files or question.origin in NAMES_NOTHING or not wants_data:
            return await choose(thread, partial(self._recent, question, look))
        with self._arrivals.expect(upload_key(question.team, question.channel, question.user)) as upload:
            choice = await choose(thread, partial(self._recent, question, look))
            awaited = choice.missing or not (choice.files or held or not speaks_of_file(text))
            if not awaited or not await upload.wait(UPLOAD_SECONDS):
                return choice
        newest, workplace = Discussion(), self._around.workplace(question.team)
        if question.thread != question.ts:
            newest = await workplace.thread(question.channel, question.thread, CONTEXT_MESSAGES)
        return await choose(newest, partial(workplace.recent_files, question.channel))

    async def _recent(self, question: Question, look: Look) -> Sequence[SharedFile]:
        found = await look.files
        return await self._around.files(question.team, question.channel) if found is None else found


async def _with_channel(near: Near, files: Callable[[], Awaitable[Sequence[SharedFile]]]) -> Near:
    """With the files of the channel. Without Slack's list of them, a question that has data goes on alone."""
    try:
        recent = await files()
    except SlackError:
        if near.has_data:
            return near
        raise
    own = [*near.own, *(file for file in recent if file.is_own)]
    return replace(near, channel=[file for file in recent if not file.is_own], own=own)


def _near(on_message: Sequence[SharedFile], thread: Discussion, held: Sequence[SharedFile]) -> Near:
    return Near(
        message=[file for file in on_message if not file.forwarded],
        forwarded=[file for file in on_message if file.forwarded],
        thread=[file for file in thread.files if not file.is_own],
        own=[file for file in thread.files if file.is_own and is_data(file.name, file.mimetype, file.filetype)],
        held=held,
    )


def _pasted(question: Question) -> list[SharedFile]:
    return [
        SharedFile(
            f"{PASTED}:{question.ts}:{table.name}",
            table.name,
            len(table.data),
            kind=PASTED,
            user=question.user,
            shared_at=question.ts,
        )
        for table in pasted_tables(question.text)
    ]
