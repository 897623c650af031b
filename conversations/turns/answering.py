"""Answers a question: attaches its files, starts a run and follows it; what the model calls is carried out on the way.

Nothing waits inside a run: a question to the person ends it, and the answer is a turn of its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial

from azure_assistant.errors import RunRequiresAction
from azure_assistant.events import FunctionCall
from conversations.checks.checks import Checks
from conversations.database.models import Question
from conversations.planning import tools
from conversations.planning.tools import Asking, Misused, Opening, read_call
from conversations.ports.incoming import CHOICE
from conversations.store.results import Called, Offer, Ran, Started, known
from conversations.turns.files_step import FilesStep
from conversations.turns.outcome import Outcomes
from conversations.turns.run_step import RunStep
from conversations.turns.runs import FIRST, MOST_CALLS, Leg
from conversations.turns.step_runner import StepRunner
from conversations.turns.turn import Turn
from errors import AnalystError

_MOST_LEGS = MOST_CALLS + 2
"""One for each call, one to hear that there are no more, and one to answer all the same."""

NOT_COMPUTED = "not_computed"


@dataclass(eq=False)
class Answering:
    """Brings questions to the outcome of their runs: attach → start → run (→ calls → start → run …) → text → check."""

    _steps: StepRunner
    _files: FilesStep
    _run_step: RunStep
    _outcomes: Outcomes
    _settle: Callable[[Question], Awaitable[None]]
    _reserve: Callable[[Question], Awaitable[None]]
    _checks: Checks

    async def answer(self, turn: Turn) -> None:
        """Answer a turn's question, or ask back.

        Raises:
            AnalystError: A budget has no room for it, or no file can be attached.
        """
        if turn.plan.origin == CHOICE:
            await self._settle(turn.question)
        await self._steps.through_outages(lambda: self._reserve(turn.question))
        brought = await self._files.prepare(turn, turn.plan.files)
        if brought is None:
            await self.stop(turn)
            return
        unread = brought.unread
        turn.answers_from([file.name for file in brought.used if file.is_newest])
        ran = await self._follow(turn, unread)
        if ran.outcome == "called":
            await self.release(turn, is_done=True)
        elif ran.outcome == "answered":
            if ran.receipt:
                await self._steps.through_outages(lambda: self._checks.keep(turn.question, ran.receipt, turn.files))
            await self._outcomes.post(turn, unread, ran)
            await self.release(turn, is_done=True)
            if ran.receipt:
                await self.check(turn)
        elif ran.outcome == "stopped":
            await self.stop(turn)
        else:
            await self._outcomes.fail(turn, ran.error or AnalystError())
            await self.release(turn)

    async def _follow(self, turn: Turn, unread: list[AnalystError]) -> Ran:
        """Go leg by leg to the end; it is ``called`` if that was to ask the person, which is done then."""
        leg = FIRST
        while True:
            ran = await self._go(turn, leg, unread)
            if not leg.goes_on(ran):
                return replace(ran, notes=[*ran.notes, NOT_COMPUTED]) if ran.is_invented else ran
            if ran.is_invented:
                leg = leg.once_more(ran)
                continue
            outputs = await self._carry_out(turn, leg, ran)
            unread += [error for called in outputs.values() for error in called.unread]
            if asked := next((called.offer for called in outputs.values() if called.offer), None):
                await self._run_step.close_calls(turn, ran, outputs)
                await self._outcomes.ask(turn, Offer.from_json(asked), unread, ran)
                return ran
            if any(called.files for called in outputs.values()):
                turn.answers_from(())  # the model has chosen for itself
            leg = leg.after(ran, outputs)

    async def _go(self, turn: Turn, leg: Leg, unread: list[AnalystError]) -> Ran:
        """Start the run of a leg and follow it."""
        if leg.number >= _MOST_LEGS + (leg.again >= 0):
            return Ran("failed", error=RunRequiresAction("it calls functions again and again"))
        try:
            start, follow = partial(self._run_step.start, turn, leg), partial(self._run_step.follow, turn, leg)
            started = await self._steps.run_once(turn, leg.step("start"), Started, start)
            unread += started.unread
            if started.stopped:
                return Ran("stopped")
            ran = await self._steps.run_once(turn, leg.step("run"), Ran, follow)
        except AnalystError as error:
            return Ran("failed", error=error)
        unread += ran.unread
        return ran

    async def _carry_out(self, turn: Turn, leg: Leg, ran: Ran) -> Mapping[str, Called]:
        """What each call of a run came to, by its id. A question to the person goes before all others."""
        calls = [FunctionCall(**known(FunctionCall, call)) for call in ran.calls]
        room = max(0, MOST_CALLS - leg.calls)
        read = {call.id: read_call(call.name, call.arguments, turn.plan.nearby) for call in calls[:room]}
        asking = next((call for call, said in read.items() if isinstance(said, Asking)), "")
        outputs = {call.id: Called(tools.ASKED_FIRST if asking else tools.NO_MORE) for call in calls}
        for position, (call, said) in enumerate(read.items(), leg.calls + 1):
            if asking in ("", call):
                work = partial(self._do, turn, said)
                outputs[call] = await self._steps.run_once(turn, f"call:{position}", Called, work)
        return outputs

    async def _do(self, turn: Turn, said: Opening | Asking | Misused) -> Called:
        match said:
            case Opening():
                return await self._open(turn, said)
            case Asking(words, choices, files):
                options, offered = [asdict(choice) for choice in choices], [file.to_json() for file in files]
                offer = Offer(words=words, choices=options, files=offered)
                return Called(tools.ASKED, offer=offer.to_json())
            case Misused(text):
                return Called(text)

    async def _open(self, turn: Turn, opening: Opening) -> Called:
        """Attach files as any others; what is not on the list of those nearby is refused."""
        brought = await self._files.prepare(turn, opening.files)
        if brought is None:
            return Called("Nothing was opened.")  # which nobody will read: the turn was stopped
        ids = [file.id for file in opening.files if "error" not in turn.steps[f"attach:{file.id}"]]
        lines = ["Opened." if ids else "Nothing was opened."]
        lines += [f"{file.name!r} cannot be read." for file in opening.files if file.id not in ids]
        if opening.unknown:
            lines.append(f"Not on the list of files nearby, and not opened: {opening.unknown}.")
        return Called(" ".join(lines), ids, unread=brought.unread)

    async def check(self, turn: Turn) -> None:
        """Check the numbers of an answer that stands in its thread; nothing else of its turn is left."""
        await turn.close()
        await self._checks.follow(turn.id)

    async def stop(self, turn: Turn) -> None:
        """Close a turn that was stopped, and end what it has begun."""
        await self._outcomes.stop(turn)
        await self.release(turn)

    async def release(self, turn: Turn, *, is_done: bool = False) -> None:
        """End at Azure what a turn that has ended here has begun, and let its conversation take the next question.

        ``is_done``: its run has ended there.
        """
        release = partial(self._run_step.release, turn, is_done=is_done)
        await self._steps.capture_errors(turn, "release", release)
