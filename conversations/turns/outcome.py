"""The step ``text`` closes a turn: exactly one outcome becomes visible, and is noted in the question's row."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from conversations.engine.engine import Engine
from conversations.errors import AccessError, AskedByBot
from conversations.files.answer_budget import in_archive
from conversations.files.made import MadeFiles
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.replies import Footer, UsedFile
from conversations.ports.workspaces import RepliesOf, WindowsOf, WorkplaceOf
from conversations.store.choices import OFFER, inquiry_of
from conversations.store.questions import REMOVED
from conversations.store.results import Offer, Ran
from conversations.turns.records import TurnRecords
from conversations.turns.step_runner import StepRunner
from conversations.turns.turn import Turn
from errors import AnalystError


@dataclass(eq=False)
class Outcomes:
    """Shows the outcomes of turns and closes them."""

    _engine: Engine
    _records: TurnRecords
    _steps: StepRunner
    _made: MadeFiles
    _replies: RepliesOf
    _windows: WindowsOf
    _workplace: WorkplaceOf

    async def post(self, turn: Turn, unread: Sequence[AnalystError], ran: Ran) -> None:
        """Close the turn with the answer, charts and files of its run."""
        await self._close(turn, "answered", partial(self._show_answer, turn, unread, ran), otherwise="failed")

    async def _show_answer(self, turn: Turn, unread: Sequence[AnalystError], ran: Ran) -> None:
        items = await self._made.attachments(turn.id, ran.made, turn.shelf) if ran.made else ()
        await turn.answer.prepare(items)
        names = await asyncio.gather(*(self._name(turn, row.user) for row in turn.files))
        footer = Footer(
            used=[UsedFile(row.name, name, row.shared_at) for row, name in zip(turn.files, names, strict=True)],
            unread=unread,
            notes=ran.notes,
            missing=ran.missing,
            archived=in_archive(ran.made),
            seconds=time.time() - turn.question.accepted_at,
            has_code=bool(turn.question.code),
        )
        await turn.answer.finish(turn.question.answer, footer)
        if items:
            await turn.answer.attach(items)

    async def say(
        self, turn: Turn, kind: str, fields: Mapping[str, str] | None = None, unread: Sequence[AnalystError] = ()
    ) -> None:
        """Close the turn with a one-line message; with none when ``kind`` is empty."""

        async def say() -> None:
            if kind:
                await self.notice(turn, kind, fields or {}, unread)
            await self._records.close(turn, "answered")

        await self._steps.run_final(turn, "answered", say)

    async def ask(self, turn: Turn, offer: Offer, unread: Sequence[AnalystError] = (), ran: Ran | None = None) -> None:
        """Close the turn with a question to the person; what its run has said and made before stands above it."""

        async def keep() -> Offer:
            return offer

        async def show() -> None:
            has_said = bool(ran and (ran.made or turn.question.answer.strip()))
            if ran and has_said:
                await self._show_answer(turn, unread, ran)
            inquiry = replace(inquiry_of(offer), unread=() if has_said else unread)
            await self._replies(turn.place.team).inquire(turn.place, inquiry, turn.journal)

        await self._steps.run_once(turn, OFFER, Offer, keep)
        await self._close(turn, "asked", show, otherwise="failed")

    async def notice(
        self, turn: Turn, kind: str, fields: Mapping[str, str], unread: Sequence[AnalystError] = ()
    ) -> None:
        """Post a one-line message; the turn stays open."""
        await self._records.refresh(turn)
        place = turn.place
        await self._replies(place.team).notice(place, Notice(NoticeKind(kind), fields, unread), turn.journal)

    async def fail(self, turn: Turn, error: AnalystError) -> None:
        """Close the turn with an error; the partial answer stays."""
        turn.error = error

        async def show() -> None:
            partial = "" if turn.question.set_aside else turn.question.answer  # which may be what ended the process
            await turn.answer.fail(error, partial)

        await self._close(turn, "failed", show)

    async def stop(self, turn: Turn) -> None:
        """Close the turn as a person stopped it; the partial answer stays."""

        async def show() -> None:
            await turn.answer.stopped(await self._name(turn, turn.question.stopped_by), turn.question.answer)

        await self._close(turn, "stopped", show)

    async def refuse(self, turn: Turn, error: AccessError) -> None:
        """Close the turn and tell only the asker why there is no answer; an app is told nothing."""
        turn.error = error

        async def show() -> None:
            if not isinstance(error, AskedByBot):
                await self._windows(turn.question.team).refuse(turn.place, error)

        await self._close(turn, "refused", show)

    async def close_silently(self, turn: Turn) -> None:
        """Close the turn as failed, and show nothing."""
        await self._steps.through_outages(lambda: self._records.close(turn, "failed"))

    async def left(self, turn: Turn) -> None:
        """Unmark a turn that already had its outcome when it was begun here."""
        await self._steps.through_outages(lambda: self._records.left(turn))

    async def retract(self, turn: Turn) -> None:
        """Remove what the turn has posted, because its question was deleted."""
        await self._steps.capture_errors(turn, "retract", turn.answer.retract)

    async def _name(self, turn: Turn, user: str) -> str:
        return (await self._workplace(turn.question.team).person(user)).name

    async def _close(
        self, turn: Turn, outcome: str, show: Callable[[], Awaitable[None]], *, otherwise: str = ""
    ) -> None:
        """Show an outcome and save it; when it cannot be shown, save ``otherwise``.

        If the question was deleted, nothing is shown, and what has been posted is removed. If the app was removed,
        nothing is shown either.
        """

        async def close() -> None:
            if self._engine.is_stopped(turn.id) or not turn.is_fresh:
                await self._records.refresh(turn)
            if turn.asker is None:
                turn.asker = await self._workplace(turn.question.team).person(turn.question.user)
            answer = turn.answer  # closing it clears the first sign
            if turn.question.outcome not in ("dropped", REMOVED):
                await show()
            if await self._records.close(turn, outcome):
                await answer.retract()

        await self._steps.run_final(turn, otherwise or outcome, close)
