"""Steps of a turn: done once, whatever process dies; what a step came to is recorded, its error too."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError

from conversations.store.questions import QuestionStore
from conversations.turns.live import LiveTurns
from conversations.turns.records import Json, TurnRecords, TurnSnapshot
from errors import AnalystError, error_to_json

log = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[], Awaitable[Json]]

DATABASE_TRIES = 5
"""How often a step is begun that the database fails each time."""


class StepRunner:
    """Does the steps of turns. All work must be fit to be done again: a process may die before it is recorded."""

    def __init__(self, questions: QuestionStore, records: TurnRecords, live: LiveTurns) -> None:
        self._questions = questions
        self._records = records
        self._live = live

    async def once(self, record: TurnSnapshot, name: str, work: Work) -> Json:
        """Do a piece of work, or return what it came to before.

        Args:
            record: The turn's.
            name: Must stay the same between versions, or turns in flight do their steps again.
            work: Returns JSON; an error of its becomes ``{"error": …}``.
        """
        if name not in record.steps:
            result = await self.guarded(record.question.id, name, work)
            await self.surely(lambda: self._records.keep(record, name, result))
        return record.steps[name]

    async def last(self, turn: str, otherwise: str, work: Work) -> None:
        """Do the work that closes the turn; when it fails the turn is closed with the outcome ``otherwise``."""
        shown = await self.guarded(turn, "text", work)
        if shown.get("error"):
            await self.surely(lambda: self._records.close(turn, otherwise))

    async def guarded(self, turn: str, name: str, work: Work) -> Json:
        """Do a piece of work without recording it; an error of its becomes ``{"error": …}``."""
        try:
            return await self._through_outages(turn, name, work)
        except AnalystError as error:
            log.warning("Step %s ended in %s: %s", name, type(error).__name__, error.detail)
            return {"error": error_to_json(error)}
        except Exception as error:
            log.exception("Step %s broke", name)
            return {"error": error_to_json(AnalystError(type(error).__name__))}

    async def surely(self, work: Callable[[], Awaitable[T]]) -> T:
        """Read or write what the turn cannot do without, however long the database is away."""
        while True:
            try:
                return await work()
            except (OperationalError, InterfaceError) as error:
                log.warning("A turn waits for the database: %s", type(error).__name__)
            await self._questions.back()

    async def _through_outages(self, turn: str, name: str, work: Work) -> Json:
        """What the database fails is begun again, as after a crash."""
        for _ in range(DATABASE_TRIES - 1):
            try:
                return await work()
            except (OperationalError, InterfaceError) as error:
                log.warning("Step %s waits for the database: %s", name, type(error).__name__)
            await self._live.park(turn)
            await self._questions.back()
        return await work()
