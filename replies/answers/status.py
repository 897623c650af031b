"""The status line of a turn. Its failures never affect the answer."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from conversations.ports.replies import Activity, Place
from replies.answers.surface import Surface
from replies.views.wording import Wording
from slack_api.departure import tell_when_it_leaves
from slack_api.failures import FAILURES, Refused

log = logging.getLogger(__name__)
_SET_STATUS = "assistant.threads.setStatus"
_PATIENCE = 3.0
CLEAR_PATIENCE = 20.0
"""Seconds: a line that stays says something wrong for two minutes; one that is missing says nothing."""


class StatusLine:
    """The status of one turn, sent again before Slack drops it.

    ``may_stand``: the first sign, or an earlier process, may have left a line there.
    """

    def __init__(self, surface: Surface, place: Place, *, may_stand: bool = False) -> None:
        self._surface = surface
        self._place = place
        self._wording = Wording(place.locale)
        self._wanted = ""
        self._sent = ""
        self._shown = may_stand
        self._on_its_way = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._session = False
        self._session_may_stand = may_stand and surface.has_sessions and place.is_direct
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._keeps = False

    def show(self, activity: Activity, **fields: str) -> None:
        """Show an activity from now on."""
        text = self._wording.status(activity, **fields)
        if text != self._wanted:
            self._wanted = text
            self._changed.set()
        if not self._keeps:
            self._keeps = True
            self._task = asyncio.create_task(self._keep(self._task))

    def posted(self, *, is_last: bool, is_live: bool = False) -> None:
        """A post has cleared the line: send it again, unless that was the outcome, or words that come say as much."""
        self._shown = self._on_its_way
        self._sent = self._wanted if is_live else ""
        if is_last:
            self._wanted = ""
        elif self._wanted:
            self._changed.set()

    async def send_once(self, activity: Activity, left: asyncio.Event) -> None:
        """Show it once, without keeping it up; not again after a failure: the answer may be quicker than that.

        ``left`` is set as soon as the first request for it has left this process.
        """
        self._wanted = self._wording.status(activity)
        self._task = asyncio.create_task(self._first(left))
        await asyncio.wait([self._task])

    async def _first(self, left: asyncio.Event) -> None:
        tell_when_it_leaves(left)
        await self._send(patience=0.0)

    async def leave(self, activity: Activity) -> None:
        """End here, with a last word for who waits."""
        await self._end_refresh()
        self._wanted = self._wording.status(activity)
        await self._send()

    async def clear(self) -> None:
        """End: no line, and the session idle."""
        await self._end_refresh()
        with suppress(*FAILURES):
            if self._shown:
                self._shown = False
                await self._set(_SET_STATUS, "", CLEAR_PATIENCE)
        with suppress(*FAILURES):
            if self._session or self._session_may_stand:
                self._session = self._session_may_stand = False
                await self._set_session("active")

    async def _end_refresh(self) -> None:
        self._wanted = ""
        await self._idle.wait()  # Slack may still do what is cut off, after what is asked next
        task, self._task, self._keeps = self._task, None, False
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _keep(self, first: asyncio.Task[None] | None) -> None:
        if first is not None:
            await first
        while True:
            self._changed.clear()
            if self._wanted and self._wanted != self._sent:
                await self._send()
            try:
                async with asyncio.timeout(self._surface.pace.refresh_seconds):
                    await self._changed.wait()
            except TimeoutError:
                self._sent = ""  # Slack is about to drop it

    async def _send(self, patience: float = _PATIENCE) -> None:
        self._sent = self._wanted
        self._idle.clear()
        try:
            await self._begin_session()
            self._shown = self._on_its_way = True
            await self._set(_SET_STATUS, self._wanted, patience)
        except FAILURES as failure:
            log.info("No status line: %s", type(failure).__name__)
        finally:
            self._on_its_way = False
            self._idle.set()

    async def _begin_session(self) -> None:
        if self._session or not (self._surface.has_sessions and self._place.is_direct):
            return
        try:
            await self._set_session("processing")
            self._session = True
        except Refused as refusal:
            self._surface.has_sessions = False
            log.info("No agent session: %s", refusal.error)
        except FAILURES as failure:  # The line itself has a limit of its own.
            log.info("No agent session: %s", type(failure).__name__)

    async def _set_session(self, status: str) -> None:
        asker = self._place.asker if status == "processing" else None
        await self._set("agents.sessions.setStatus", status, _PATIENCE, initiator_user_id=asker)

    async def _set(self, method: str, status: str, patience: float, **more: str | None) -> None:
        where = {"channel_id": self._place.channel, "thread_ts": self._place.thread, **more}
        await self._surface.api.write(method, repeatable=True, patience=patience, status=status, **where)
