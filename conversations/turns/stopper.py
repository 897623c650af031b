"""Stops turns: for the word "stop", for buttons, for Slack's own stop button and for deleted questions."""

from __future__ import annotations

from collections.abc import Iterable

from conversations.checks.checks import Checks
from conversations.database.models import Question
from conversations.engine.engine import Engine
from conversations.ports.replies import Place
from conversations.store.questions import QuestionStore


class TurnStopper:
    """Stops turns, running or waiting: durable when its methods return."""

    def __init__(self, engine: Engine, questions: QuestionStore, checks: Checks) -> None:
        self._engine = engine
        self._questions = questions
        self._checks = checks

    async def stop(self, turn: str, user: str) -> None:
        """Stop a turn for a person; of one that has ended already, the check of its numbers."""
        question = await self._questions.get(turn)
        if question and question.state != "done":
            await self.stop_all([question], user)
        else:
            await self.end_check(turn)

    async def end_check(self, turn: str = "", conversation: str = "") -> bool:
        """End the check of a turn's numbers, or those of a conversation; whether there was one."""
        return await self._checks.end(turn, conversation)

    async def stop_at(self, place: Place) -> None:
        """Stop a turn that its asker has stopped at Slack."""
        await self.stop(place.turn, place.asker)

    async def stop_in(self, conversation: str, user: str, besides: str = "") -> bool:
        """Stop a conversation's running turn, the person's waiting ones, and checks; whether there were such turns."""
        found = [question for question in await self._questions.open_in(conversation) if question.id != besides]
        stopping = [question for question in found if question.state == "running" or question.user == user]
        await self.stop_all(stopping, user)
        await self.end_check(conversation=conversation)
        return bool(stopping)

    async def stop_all(self, questions: Iterable[Question], user: str) -> None:
        """Stop the turns of some open questions; all are noted before the first ends, or the next would begin."""
        turns = [question.id for question in questions]
        await self._questions.stop(turns, user)
        for turn in turns:
            await self._engine.stop(turn)

    async def drop(self, turn: str) -> None:
        """Drop a question that was deleted, unless it has its outcome; its turn is stopped if it runs."""
        question = await self._questions.get(turn)
        if question and await self._questions.drop(turn):
            await self.stop_all([question], question.user)
        else:
            await self.end_check(turn)
