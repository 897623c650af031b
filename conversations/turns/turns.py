"""Runs turns: from an accepted question to its one visible outcome, as recorded steps that survive a crash."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from conversations.engine.suspects import PROOF
from conversations.errors import AccessError, SetAside
from conversations.planning.planner import Planner
from conversations.ports.notices import NoticeKind
from conversations.store.plan import Plan
from conversations.store.questions import REMOVED, QuestionStore
from conversations.store.results import Offer, StepResult, Told
from conversations.turns.answering import Answering
from conversations.turns.commands import Commands
from conversations.turns.files_step import FilesStep
from conversations.turns.outcome import Outcomes
from conversations.turns.step_runner import StepRunner
from conversations.turns.turn import Turn
from errors import AnalystError

log = logging.getLogger(__name__)

SILENT = PROOF + 2
"""After this many deaths, work that is set aside is closed without telling anybody."""


@dataclass(eq=False)
class Turns:
    """Runs turns: plan → attach files → start → run → text. The last step closes the row, which is its record."""

    _steps: StepRunner
    _planner: Planner
    _files: FilesStep
    _answering: Answering
    _commands: Commands
    _outcomes: Outcomes
    _questions: QuestionStore

    async def run(self, turn_id: str) -> None:
        """Bring a turn to its outcome; resumes where an earlier process stopped."""
        try:
            turn = await self._steps.begin(turn_id)
        except AnalystError as error:
            log.warning("Turn %s cannot begin: %s", turn_id, error.detail)
            return
        try:
            await self._run(turn)
        except asyncio.CancelledError:
            await turn.park()
            raise
        finally:
            await turn.close()

    async def _run(self, turn: Turn) -> None:
        if turn.question.state == "done":
            await self._after_outcome(turn)
        elif turn.question.outcome == REMOVED:
            await self._outcomes.close_silently(turn)
            await self._answering.release(turn)
        elif turn.question.set_aside:
            await self._give_up(turn)
        else:
            try:
                await self._work(turn)
            except AnalystError as error:
                await self._outcomes.fail(turn, error)
                await self._answering.release(turn)
            await self._files.settle(turn)

    async def _work(self, turn: Turn) -> None:
        """Run the steps of an open turn. Raises the ``AnalystError`` of one about which nothing has been posted yet."""
        foresee = partial(self._files.foresee, turn)
        make = partial(self._planner.plan, turn.question, turn.conversation, turn.files, admitted=foresee)
        try:
            plan = await self._steps.run_once(turn, "plan", Plan, make)
            turn.go_by(plan)
        except AccessError as error:
            await self._outcomes.refuse(turn, error)
            return
        if turn.question.stopped_by:
            await self._answering.stop(turn)
            return
        match turn.plan.kind:
            case "help" | "too_old":
                _ = turn.answer  # closing it clears the first sign
                await self._outcomes.say(turn, turn.plan.kind)
            case "stop" | "mute" | "unmute" | "forget":
                told = await self._steps.run_once(turn, "command", Told, lambda: self._commands.carry_out(turn))
                await self._outcomes.say(turn, told.notice, told.fields)
            case "add_files":
                await self._add_files(turn)
            case "which_file":
                await self._outcomes.ask(turn, Offer(plan.missing, [file.to_json() for file in plan.offered]))
            case _:
                await self._answer(turn)

    async def _add_files(self, turn: Turn) -> None:
        brought = await self._files.attach_all(turn, turn.plan.files)
        if brought is None:
            await self._answering.stop(turn)
            return
        if brought.unread and not brought.used:
            raise brought.unread[0]
        was_busy = await self._steps.through_outages(lambda: self._questions.was_busy(turn.question))
        kind = NoticeKind.JOINS_NEXT_TURN if was_busy else NoticeKind.FILE_ADDED
        names = ", ".join(file.name for file in brought.used)
        await self._outcomes.say(turn, kind, {"files": names}, brought.unread)

    async def _answer(self, turn: Turn) -> None:
        if turn.plan.shown_to_thread:
            await self._show_question(turn)
        await self._answering.answer(turn)

    async def _show_question(self, turn: Turn) -> None:
        """Post a question that was pressed, not written. It is answered even if that fails."""
        fields = {"by": turn.plan.asker.name or turn.plan.asker.id, "question": turn.plan.question}

        async def show() -> StepResult:
            await self._outcomes.notice(turn, _asked(turn.plan), fields)
            return StepResult()

        with suppress(AnalystError):
            await self._steps.run_once(turn, "asked", StepResult, show)

    async def _give_up(self, turn: Turn) -> None:
        """Close a turn that is set aside, and tell its asker, unless telling has killed processes, too."""
        log.warning("Turn %s is given up: it is set aside.", turn.id)
        if turn.question.deaths < SILENT:
            await self._outcomes.fail(turn, SetAside())
            await self._answering.release(turn)
        else:
            await self._outcomes.close_silently(turn)

    async def _after_outcome(self, turn: Turn) -> None:
        """Do what an earlier process may have left undone when it died right after the outcome."""
        if not turn.question.set_aside:
            await self._answering.release(turn, is_done=turn.question.outcome == "answered")
            if turn.question.outcome == "dropped":
                await self._outcomes.retract(turn)
        await self._outcomes.left(turn)
        if turn.question.outcome == "answered":
            await self._answering.check(turn)


def _asked(plan: Plan) -> NoticeKind:
    """The notice that shows a question that was pressed, not written."""
    if not plan.question:
        return NoticeKind.ASKED_TO_LOOK
    return NoticeKind.ASKED if plan.origin else NoticeKind.ASKED_AGAIN
