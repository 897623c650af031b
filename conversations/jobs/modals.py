"""Opens modals: whoever presses sees one in time, and in it only what may be seen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from conversations.jobs.presses import Presses, Subject
from conversations.ports.incoming import Press
from conversations.ports.windows import Modal
from conversations.ports.workspaces import WindowsOf, WorkplaceOf
from errors import AnalystError

QUICK_SECONDS = 0.5
"""How long a modal waits for what it shows; a press's trigger is good for 3 s (https://docs.slack.dev/surfaces/modals)."""

Fill = Callable[[Modal, str, Subject], Awaitable[None]]
"""Shows a modal about something, in a language. It may raise an ``AnalystError``, which is shown instead."""


@dataclass(eq=False)
class Modals:
    """Opens modals."""

    _presses: Presses
    _workplace: WorkplaceOf
    _windows: WindowsOf

    async def open(self, press: Press, modal: Modal, fill: Fill) -> None:
        """Fill a modal once the presser is admitted; if that takes long it is opened before, and says so."""
        windows = self._windows(press.team)
        admitted = asyncio.ensure_future(self._presses.admit(press))
        locale = asyncio.ensure_future(self._locale(press))
        await asyncio.wait({admitted, locale}, timeout=QUICK_SECONDS)
        if not (admitted.done() and locale.done()) and not modal.view:
            modal = await windows.moment(modal, locale.result() if locale.done() else "")
        try:
            await fill(modal, await locale, await admitted)
        except AnalystError as error:
            if modal.view and await windows.refusal(modal, await locale, error):
                await self._presses.note_refusal(press, error)
            else:
                await self._presses.refuse(press, error)

    async def _locale(self, press: Press) -> str:
        return (await self._workplace(press.team).person(press.user)).locale
