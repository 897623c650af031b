"""What lies around a question: its thread, and the files of its channel. Both are read side by side, or not at all.

What was read is good until an event says otherwise. Where events may be missing, Slack is asked.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from conversations.database.models import Conversation, Question
from conversations.planning.smalltalk import is_small_talk
from conversations.ports.workplace import Discussion, SharedFile
from conversations.ports.workspaces import WorkplaceOf
from conversations.store.heard import HeardEvents
from conversations.store.questions import QuestionStore
from tables import is_data

CONTEXT_MESSAGES = 50
GOOD_SECONDS = 600.0
"""How long a list of files is good at most."""

_CHANNELS, _THREADS = 200, 10_000
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Look:
    """What is being read for a question, and in which period of listening."""

    period: int
    thread: asyncio.Task[Discussion | None]
    files: asyncio.Task[Sequence[SharedFile] | None]


@dataclass(frozen=True)
class _Listed:
    at: float
    period: int
    files: Sequence[SharedFile]


class Surroundings:
    """Reads what lies around questions."""

    def __init__(self, workplace: WorkplaceOf, questions: QuestionStore, heard: HeardEvents) -> None:
        self.workplace = workplace
        self._questions = questions
        self._heard = heard
        self._listed: OrderedDict[tuple[str, str], _Listed] = OrderedDict()
        self._read: OrderedDict[str, tuple[str, int]] = OrderedDict()

    @asynccontextmanager
    async def look(self, question: Question, conversation: Conversation) -> AsyncIterator[Look]:
        """Begin to read; what is still being read on leaving is let go."""
        look = Look(
            self._heard.period,
            asyncio.create_task(self.thread(question, conversation)),
            asyncio.create_task(self._wanted_files(question)),
        )
        try:
            yield look
        finally:
            look.thread.cancel()
            look.files.cancel()
            await asyncio.gather(look.thread, look.files, return_exceptions=True)

    async def thread(self, question: Question, conversation: Conversation) -> Discussion | None:
        """A question's thread; None when the model has been told all that was said there."""
        if question.thread == question.ts:
            return Discussion()
        if not question.origin and await self._is_silent(question, conversation):
            return None
        return await self.workplace(question.team).thread(question.channel, question.thread, CONTEXT_MESSAGES)

    def has_read(self, conversation: str, until: str, period: int) -> None:
        """Note up to which ts a conversation's thread was read in a period of listening."""
        _put(self._read, conversation, (until, period), _THREADS)

    async def files(self, team: str, channel: str) -> Sequence[SharedFile]:
        """The data files of a channel, newest first. Raises ``SlackError``."""
        now, period = time.time(), self._heard.period
        known = self._listed.get((team, channel))
        if known and await self._is_good(known, team, channel):
            return known.files
        files = await self.workplace(team).recent_files(channel)
        _put(self._listed, (team, channel), _Listed(now, period, files), _CHANNELS)
        return files

    async def _is_good(self, known: _Listed, team: str, channel: str) -> bool:
        if time.time() - known.at > GOOD_SECONDS or not self._heard.trusts(known.at, known.period):
            return False
        return await self._heard.are_all(team, channel, [file.id for file in known.files], known.at)

    async def _wanted_files(self, question: Question) -> Sequence[SharedFile] | None:
        """The files of its channel; None when a question seems to be small talk."""
        return None if is_small_talk(question.text) else await self.files(question.team, question.channel)

    async def _is_silent(self, question: Question, conversation: Conversation) -> bool:
        """Whether nothing was said in a thread after it was read, apart from what the model was asked."""
        read = conversation.read_ts
        here, period = self._read.get(conversation.id, ("", 0))
        if not read or not self._heard.trusts(float(read), period if here == read else 0):
            return False
        if await self._heard.last_said(question.team, question.channel, question.thread) > read:
            return False
        return not await self._questions.unread_in(question.conversation, read)


def _put(kept: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > most:
        kept.popitem(last=False)


def is_whole(thread: Discussion, had: Collection[str]) -> bool:
    """Whether a thread has no file that a later question may need and the conversation does not have."""
    own = any(file.is_own and is_data(file.name, file.mimetype, file.filetype) for file in thread.files)
    shared = [file for file in thread.files if not file.is_own and file.kind != "tombstone"]
    return not own and all(file.id in had for file in shared)
