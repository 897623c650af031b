"""Runs a turn's steps. Every step must be idempotent: the process may die before its result is saved."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError

from conversations.engine.gate import Gate
from conversations.engine.suspects import SUSPECT
from conversations.store.results import StepResult
from conversations.turns.records import TurnRecords
from conversations.turns.turn import Turn
from errors import AnalystError, error_from_json, error_to_json
from telemetry.traces import span

log = logging.getLogger(__name__)

T = TypeVar("T")
Result = TypeVar("Result", bound=StepResult)

DATABASE_TRIES = 5
"""How often a step is started when the database fails each time."""


class StepRunner:
    """Begins turns and runs their steps."""

    def __init__(self, records: TurnRecords, gate: Gate) -> None:
        self._records = records
        self._gate = gate

    async def begin(self, turn: str) -> Turn:
        """Begin a turn, or resume it where an earlier process left it. Raises ``AnalystError`` when there is none."""
        is_tried = self._gate.is_tried(turn)
        begun = await self.through_outages(lambda: self._records.begin(turn, is_tried=is_tried))
        if is_tried or begun.question.deaths < SUSPECT:
            return begun
        await self._gate.enter(turn, begun.question.deaths)
        return await self.through_outages(lambda: self._records.begin(turn, is_tried=True))

    async def run_once(
        self, turn: Turn, name: str, kind: type[Result], work: Callable[[], Awaitable[Result]]
    ) -> Result:
        """Run a step, or return the saved result of an earlier run.

        Args:
            turn: The turn.
            name: Must stay the same between versions: open turns would run a renamed step again.
            kind: What the result is.
            work: Runs the step.

        Raises:
            AnalystError: The step failed, now or in the earlier run.
        """
        return await self._recorded(turn, name, kind, lambda: self.capture_errors(turn, name, work))

    async def run_beside(
        self, turn: Turn, name: str, kind: type[Result], work: Callable[[], Awaitable[Result]]
    ) -> Result:
        """The same for one of several steps that run side by side within another one.

        When the database fails, that is raised: the outer step begins again when all of them have ended.
        """
        return await self._recorded(
            turn, name, kind, lambda: self._captured(name, work, (OperationalError, InterfaceError))
        )

    async def _recorded(
        self, turn: Turn, name: str, kind: type[Result], capture: Callable[[], Awaitable[Result | AnalystError]]
    ) -> Result:
        if (saved := turn.steps.get(name)) is not None:
            if saved.keys() == {"error"}:
                raise error_from_json(saved["error"])
            return kind.from_rows(name, turn.steps)
        result = await capture()
        if isinstance(result, AnalystError):
            failed = {name: {"error": error_to_json(result)}}
            await self.through_outages(lambda: self._records.keep(turn, failed))
            raise result
        await self.through_outages(lambda: self._records.keep(turn, result.rows(name)))
        return result

    async def run_final(self, turn: Turn, otherwise: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run the step that closes the turn; if it fails, close the turn with the outcome ``otherwise``."""
        if error := await self.capture_errors(turn, "text", work):
            log.error("The outcome of turn %s could not be shown: %s", turn.id, error.detail)
            turn.error = turn.error or error
            await self.through_outages(lambda: self._records.close(turn, otherwise))

    async def capture_errors(self, turn: Turn, name: str, work: Callable[[], Awaitable[T]]) -> T | AnalystError:
        """Run a step without saving its result. Errors are returned; those that are not ours as an ``AnalystError``."""
        return await self._captured(name, lambda: self._begin_again(turn, name, work))

    async def _captured(
        self, name: str, work: Callable[[], Awaitable[T]], raised: tuple[type[Exception], ...] = ()
    ) -> T | AnalystError:
        try:
            with span(f"step {name}"):
                return await work()
        except raised:
            raise
        except AnalystError as error:
            log.warning("Step %s ended in %s: %s", name, type(error).__name__, error.detail)
            return error
        except Exception as error:
            log.exception("Step %s broke", name)
            return AnalystError(type(error).__name__)

    async def through_outages(self, work: Callable[[], Awaitable[T]]) -> T:
        """Read or write what the turn cannot do without; waits for as long as the database is away."""
        while True:
            try:
                return await work()
            except (OperationalError, InterfaceError) as error:
                log.warning("A turn waits for the database: %s", type(error).__name__)
            await self._records.back()

    async def _begin_again(self, turn: Turn, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """Run a step; when the database fails, start it again, as after a crash."""
        for _ in range(DATABASE_TRIES - 1):
            try:
                return await work()
            except (OperationalError, InterfaceError) as error:
                log.warning("Step %s waits for the database: %s", name, type(error).__name__)
            await turn.park()
            await self._records.back()
        return await work()
