"""The steps ``start`` and ``run`` of a turn: starts a run, follows it to its end and saves the result."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial

from azure_assistant.errors import FileLost, RunFailed
from azure_assistant.events import FunctionCall, Usage
from conversations.engine.engine import Engine, Stopped
from conversations.errors import RunTooLong
from conversations.files.made import MadeFiles
from conversations.files.shelf import Shelf
from conversations.planning.prompt import wants_computing
from conversations.ports.replies import Activity
from conversations.store.prices import Prices
from conversations.store.results import Called, Json, Ran, RunOutcome, Started, known
from conversations.turns.files_step import FilesStep
from conversations.turns.records import TurnRecords
from conversations.turns.run_follower import RunFollower, RunResult
from conversations.turns.runs import MOST_CALLS, Leg, Runs
from conversations.turns.turn import Turn
from errors import AnalystError
from tables.kinds import is_data
from telemetry.metrics import spent

log = logging.getLogger(__name__)

ASK_AGAIN = 2

_MOST_KEPT = 128
"""Calls of one run that are answered here; the assistant answers the others itself."""


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

    async def start(self, turn: Turn, leg: Leg) -> Started:
        """Start the run of a leg. Returns as soon as Azure has given it an id."""
        if turn.plan.files or leg.number or not turn.is_fresh:
            await self._records.refresh(turn)
        if turn.question.run_id and not leg.number:
            return Started(turn.question.run_id)  # an earlier process died before it saved the step
        await turn.answer.status(Activity.THINKING)
        try:
            return await self._engine.interruptible(turn.id, self._begin(turn, leg))
        except Stopped:
            return Started(stopped=True)

    async def _begin(self, turn: Turn, leg: Leg) -> Started:
        """Start the run. Files that Azure has lost are uploaded again first."""
        unread: list[AnalystError] = []
        for _ in range(ASK_AGAIN):
            try:
                return await self._runs.begin(turn, leg, unread)
            except FileLost as lost:
                unread += await self._files.restore(turn, lost)
        return await self._runs.begin(turn, leg, unread)

    async def follow(self, turn: Turn, leg: Leg) -> Ran:
        """Follow the run of a leg to its end and save text and code in our database; charts and files follow."""
        if not turn.is_fresh:
            await self._records.refresh(turn)
        await turn.answer.status(Activity.THINKING)
        shelf = await self._shelf(turn, leg)
        before = _before(turn, leg) if leg.number else None
        started = partial(self._records.started_anew, turn)
        holds = is_about_data(turn)
        run = RunFollower(turn.answer, started, shelf, before, turn.question.accepted_at, holds=holds)
        unread: list[AnalystError] = []
        error: AnalystError | None = None
        try:
            async with asyncio.timeout(self._minutes * 60):
                unread = await self._engine.interruptible(turn.id, self._drive(turn, leg, run))
            error = run.result.error
        except Stopped:
            await self._hang_up(turn)
            return await self._keep(turn, leg, run, "stopped", None, unread)
        except TimeoutError:
            await self._hang_up(turn)
            error = RunTooLong(minutes=f"{self._minutes:g}")
        except AnalystError as raised:
            error = raised
        outcome: RunOutcome = "failed" if error else "called" if run.result.calls else "answered"
        return await self._keep(turn, leg, run, outcome, error, unread)

    async def _shelf(self, turn: Turn, leg: Leg) -> Shelf:
        """Where the charts and files of a leg come to lie, behind those of the legs before it."""
        if turn.shelf and turn.shelf.number == leg.before.made:
            turn.shelf.go_on()
        else:
            if turn.shelf:
                await turn.shelf.close()
            turn.shelf = await self._made.shelf(turn.id, leg.before.made)
        return turn.shelf

    async def _drive(self, turn: Turn, leg: Leg, run: RunFollower) -> list[AnalystError]:
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
            await run.restart()
            unread += (await self._begin(turn, leg)).unread
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

    async def close_calls(self, turn: Turn, ran: Ran, outputs: Mapping[str, Called]) -> None:
        """Tell the assistant what the calls of a run came to, which ends it."""
        self._count(Usage(**known(Usage, turn.question.usage)))
        await self._runs.close_calls(turn, ran.run_id, outputs)

    async def release(self, turn: Turn, *, is_done: bool = False) -> None:
        """End at Azure what has ended here; the run is done when it was answered."""
        await self._runs.release(turn, is_done=is_done)

    async def _hang_up(self, turn: Turn) -> None:
        if turn.run:
            await turn.run.close()

    async def _keep(
        self,
        turn: Turn,
        leg: Leg,
        run: RunFollower,
        outcome: RunOutcome,
        error: AnalystError | None,
        unread: list[AnalystError],
    ) -> Ran:
        ended = run.result
        is_invented = run.is_held and await self._runs.invents(turn, ended.text)
        if is_invented and outcome != "answered":
            ended.text = ""
        result = Ran(outcome, ended.made, ended.missing, ended.notes, error, unread, receipt=ended.receipt)
        result = replace(result, is_invented=is_invented and outcome == "answered")
        if outcome == "called":
            result = replace(result, run_id=turn.question.run_id, calls=_kept(ended.calls))
        await self._records.ended(turn, leg.step("run"), ended, result)
        if not leg.goes_on(result):
            self._count(ended.usage)
        log.info("Turn %s %s: %s", turn.id, outcome, self._prices.line(ended.usage))
        return result

    def _count(self, usage: Usage) -> None:
        """Count what a turn's runs have cost in all, once."""
        spent(usage.input_tokens, usage.cached_tokens, usage.output_tokens, self._prices.cost(usage))


def is_about_data(turn: Turn) -> bool:
    """Whether a turn's numbers should come from code: its conversation has a data file, and it is no small talk."""
    return wants_computing(turn.plan) and any(is_data(row.name) for row in turn.files)


def _before(turn: Turn, leg: Leg) -> RunResult:
    """What the turn came to before a leg; an answer that is given again is no part of it."""
    row, ran = turn.question, leg.before
    text, missing = ("", []) if leg.asks else (row.answer, [*ran.missing])
    return RunResult(text, row.code, ran.made, missing, [*ran.notes], Usage(**known(Usage, row.usage)))


def _kept(calls: Sequence[FunctionCall]) -> list[Json]:
    """The calls as JSON; of those that are not carried out no more than is needed to say so."""
    return [
        asdict(call if position < MOST_CALLS else replace(call, name="", arguments=""))
        for position, call in enumerate(calls[:_MOST_KEPT])
    ]
