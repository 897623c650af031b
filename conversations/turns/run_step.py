"""The steps ``start`` and ``run`` of a turn: starts a run, follows it to its end and saves the result."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial

from azure_assistant.errors import FileLost, RunFailed
from conversations.engine.engine import Engine, Stopped
from conversations.errors import RunTooLong
from conversations.files.made import MadeFiles
from conversations.ports.replies import Activity
from conversations.store.prices import Prices
from conversations.store.results import Ran, RunOutcome, Started
from conversations.turns.files_step import FilesStep
from conversations.turns.records import TurnRecords
from conversations.turns.run_follower import RunFollower
from conversations.turns.runs import Runs
from conversations.turns.turn import Turn
from errors import AnalystError

log = logging.getLogger(__name__)

ASK_AGAIN = 2


@dataclass(eq=False)
class RunStep:
    """Starts and follows the runs of turns."""

    _engine: Engine
    _records: TurnRecords
    _runs: Runs
    _files: FilesStep
    _made: MadeFiles
    _minutes: float
    _prices: Prices

    async def start(self, turn: Turn) -> Started:
        """Start the run. Returns as soon as Azure has given it an id."""
        if turn.plan.files or not turn.is_fresh:
            await self._records.refresh(turn)
        if turn.question.run_id:
            return Started(turn.question.run_id)  # an earlier process died before it saved the step
        await turn.answer.status(Activity.THINKING)
        try:
            return await self._engine.interruptible(turn.id, self._begin(turn))
        except Stopped:
            return Started(stopped=True)

    async def _begin(self, turn: Turn) -> Started:
        """Start the run. Files that Azure has lost are uploaded again first."""
        unread: list[AnalystError] = []
        for _ in range(ASK_AGAIN):
            try:
                return await self._runs.begin(turn, unread)
            except FileLost as lost:
                unread += await self._files.restore(turn, lost)
        return await self._runs.begin(turn, unread)

    async def follow(self, turn: Turn) -> Ran:
        """Follow the run to its end and save text, code, charts and files in our database."""
        if not turn.is_fresh:
            await self._records.refresh(turn)
        await turn.answer.status(Activity.THINKING)
        run = RunFollower(turn.answer, partial(self._records.started_anew, turn), self._made.shelf(turn.id))
        unread: list[AnalystError] = []
        error: AnalystError | None = None
        try:
            async with asyncio.timeout(self._minutes * 60):
                unread = await self._engine.interruptible(turn.id, self._drive(turn, run))
            error = run.result.error
        except Stopped:
            await self._hang_up(turn)
            return await self._keep(turn, run, "stopped", None, unread)
        except TimeoutError:
            await self._hang_up(turn)
            error = RunTooLong(minutes=f"{self._minutes:g}")
        except AnalystError as raised:
            error = raised
        return await self._keep(turn, run, "failed" if error else "answered", error, unread)

    async def _drive(self, turn: Turn, run: RunFollower) -> list[AnalystError]:
        """Follow the run; if it is gone, or its files are, ask again (at most twice). Returns why files stay lost."""
        unread: list[AnalystError] = []
        await self._follow(turn, run)
        for _ in range(ASK_AGAIN):
            if isinstance(lost := run.result.error, FileLost):
                unread += await self._files.restore(turn, lost)
            elif run.result.gone:
                await self._records.refresh(turn)
            else:
                break
            run.restart()
            unread += (await self._begin(turn)).unread
            await self._follow(turn, run)
        if run.result.gone:
            raise RunFailed("the run was lost again and again")
        return unread

    async def _follow(self, turn: Turn, run: RunFollower) -> None:
        try:
            await run.follow(await self._runs.events(turn))
        except asyncio.CancelledError:
            await self._runs.save(turn)
            raise

    async def release(self, turn: Turn) -> None:
        """End at Azure a run that has ended here."""
        await self._runs.release(turn)

    async def _hang_up(self, turn: Turn) -> None:
        if turn.run:
            await turn.run.close()

    async def _keep(
        self, turn: Turn, run: RunFollower, outcome: RunOutcome, error: AnalystError | None, unread: list[AnalystError]
    ) -> Ran:
        ended = run.result
        result = Ran(outcome, ended.made, ended.missing, ended.notes, error, unread)
        await self._records.ended(turn, ended, result)
        log.info("Turn %s %s: %s", turn.id, outcome, self._prices.line(ended.usage))
        return result
