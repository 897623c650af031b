"""Lets a sentence take the place of the buttons below a question of ours: it is answered, or nobody has in time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from conversations.database.models import Question
from conversations.ports.workspaces import RepliesOf, WorkplaceOf
from conversations.store.choices import Choices, inquiry_of
from conversations.store.journal import TurnJournal
from conversations.store.questions import QuestionStore, place_of
from conversations.store.results import Chosen, Offer

NOBODY = Chosen("", "", "")


@dataclass(eq=False)
class Settling:
    """Settles what turns have asked."""

    _choices: Choices
    _questions: QuestionStore
    _workplace: WorkplaceOf
    _replies: RepliesOf
    _journal: Callable[[str], TurnJournal]
    _enter: Callable[[str], Awaitable[bool]]

    async def answered(self, answer: Question) -> None:
        """Show that a question, whose turn has begun, is an answer: by whom, and what was chosen."""
        if (found := await self._choices.answered_by(answer)) is not None:
            await self._show(*found)

    async def too_late(self) -> None:
        """Take the buttons away that have stood there for longer than they count."""
        for turn in await self._choices.too_late():
            asked, offer = await self._questions.get(turn), await self._choices.offer(turn)
            if asked and offer and await self._enter(asked.team):
                await self.close(asked, offer)

    async def close(self, asked: Question, offer: Offer) -> None:
        """Take the buttons away from a question that nobody has answered in time."""
        await self._show(asked, offer, NOBODY)
        await self._choices.choose(asked.id, NOBODY)

    async def _show(self, asked: Question, offer: Offer, chosen: Chosen) -> None:
        place = place_of(asked, await self._workplace(asked.team).person(asked.user))
        show = self._replies(asked.team).show_choice
        await show(place, inquiry_of(offer), chosen.by, chosen.name, self._journal(asked.id))
