"""A turn: everything that one process knows about it, from its first touch to its outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from conversations.database.models import Conversation, ConversationFile, Question
from conversations.files.shelf import Shelf
from conversations.files.uploads import Traffic
from conversations.ports.replies import Answer, Place
from conversations.ports.workplace import Person
from conversations.store.journal import TurnJournal
from conversations.store.kept_thread import KeptThread
from conversations.store.plan import Plan
from conversations.store.questions import place_of
from conversations.store.results import Json
from conversations.turns.run_follower import RunStream
from errors import AnalystError


@dataclass(eq=False)
class Turn:
    """A turn in this process.

    ``question``, ``conversation`` and ``files`` (those that Azure has, in the order in which they were shared) are rows
    as last read; ``steps`` are the saved results of its steps, by name. ``is_fresh`` is true while everything has
    happened in this process, so that no other one can have posted anything. The first step sets ``plan`` and ``asker``.
    ``error`` is why it has no answer. ``thread`` is its assistant thread, which all that it does shares, ``opening``
    opens that at Azure ahead of need, ``run`` is the run whose events arrive here, and ``shelf`` where its charts and
    files lie.
    """

    question: Question
    conversation: Conversation
    files: Sequence[ConversationFile]
    steps: dict[str, Json]
    journal: TurnJournal
    is_fresh: bool
    open_answer: Callable[[Turn], Answer]
    plan: Plan = field(init=False)
    asker: Person | None = field(default=None, init=False)
    error: AnalystError | None = field(default=None, init=False)
    run: RunStream | None = field(default=None, init=False)
    thread: KeptThread | None = field(default=None, init=False)
    opening: asyncio.Task[None] | None = field(default=None, init=False)
    traffic: Traffic = field(default_factory=Traffic, init=False)
    shelf: Shelf | None = field(default=None, init=False)
    _answer: Answer | None = field(default=None, init=False)
    _newest: Sequence[str] = field(default=(), init=False)

    def go_by(self, plan: Plan) -> None:
        """Take the result of the first step."""
        self.plan, self.asker = plan, plan.asker

    @property
    def id(self) -> str:
        """``{team}:{channel}:{ts}``."""
        return self.question.id

    @property
    def place(self) -> Place:
        """Where its answer goes."""
        return place_of(self.question, self.asker)

    @property
    def answer(self) -> Answer:
        """Its answer, created at first use; the same object until the turn is parked or closed."""
        if self._answer is None:
            self._answer = self.open_answer(self)
            self._answer.begins_with(self._newest)
        return self._answer

    def answers_from(self, newest: Sequence[str]) -> None:
        """Let the answer begin with the names of files that nobody has named: the newest of the channel."""
        self._newest = newest
        if self._answer:
            self._answer.begins_with(newest)

    async def close(self) -> None:
        """Close the connection to the run, and the answer."""
        if answer := await self._let_go():
            await answer.close()

    async def park(self) -> None:
        """Let go of a turn that this or another process will resume; from now on it counts as recovered."""
        self.is_fresh = False
        self.journal.read_again()
        if answer := await self._let_go():
            await answer.park()

    async def _let_go(self) -> Answer | None:
        answer, run, thread, shelf, opening = self._answer, self.run, self.thread, self.shelf, self.opening
        self._answer = self.run = self.thread = self.shelf = self.opening = None
        if opening:
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)
        if run:
            await run.close()
        if shelf:
            await shelf.close()
        if thread:
            await thread.settled()
        return answer
