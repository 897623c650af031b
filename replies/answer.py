"""The visible outcome of a turn: exactly one, even after failures and when it is asked for again."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Iterable, Sequence

from typing_extensions import override

from conversations.errors import SlackError
from conversations.ports.replies import Activity, Answer, Deliverable, Footer, OnStop
from errors import AnalystError
from replies.answers.compose import ANSWER, Rest
from replies.answers.live_text import LiveAnswer
from replies.answers.own_posts import remove
from replies.answers.post import Poster
from replies.answers.posted_text import PostedText
from replies.answers.slack_files import Uploader
from replies.answers.status import StatusLine
from replies.answers.stop_button import CONTROL, StopControl
from replies.markdown.model_text import cleaned
from replies.markdown.sanitize import sanitise
from replies.native_charts import NativeCharts
from replies.views import footer as closings
from replies.views.footer import Closing
from slack_api.failures import FAILURES, Refused, Unclear

log = logging.getLogger(__name__)
_PARTIAL = ("stream:", "rest:", CONTROL)
_TS = re.compile(r"\d+\.\d+")
_COMMENT = 4000
"""Characters of code in which it may say what it is for."""


class SlackAnswer(Answer):
    """The outcome of one turn in a thread."""

    def __init__(self, poster: Poster, on_stop: OnStop | None, sign: StatusLine | None = None) -> None:
        self._poster = poster
        self._place = poster.place
        self._surface = poster.surface
        self._wording = poster.wording
        self._on_stop = on_stop
        may_stand = poster.recovering or poster.place.has_sign
        self._status = sign or StatusLine(poster.surface, poster.place, may_stand=may_stand)
        self._live = LiveAnswer(poster, self._stopped_at_slack)
        self._uploader = Uploader(poster)
        self._native = NativeCharts(poster, poster.surface.charts)
        self._posted_text = PostedText(poster, self._uploader)
        self._control = StopControl(poster)
        self._stopping: asyncio.Task[None] | None = None
        self._first_line = ""
        self._has_text = False
        poster.on_posted = self._posted

    @override
    def begins_with(self, newest: Sequence[str]) -> None:
        if not self._has_text:
            self._first_line = closings.first_line(self._wording, newest)

    @override
    async def status(self, activity: Activity, **fields: str) -> None:
        self._status.show(activity, **fields)
        if activity is not Activity.QUEUED and not (self._place.is_direct and self._surface.has_sessions):
            self._control.arm()

    @override
    async def text(self, delta: str) -> None:
        """After a crash all of it comes at once, in ``finish``."""
        if not self._poster.recovering:
            self._live.push(delta if self._has_text else self._first_line + delta)
            self._has_text = True

    @override
    async def code_started(self, index: int) -> None:
        self._status.show(Activity.RUNNING_CODE)
        self._live.task(f"code{index}", self._wording.plain("Running Python"), "in_progress")

    @override
    async def code_finished(self, index: int, code: str, output: str) -> None:
        """The output is for the Code button only."""
        title = _purpose(code) or self._wording.plain("Ran Python")
        self._live.task(f"code{index}", title, "complete")

    @override
    async def prepare(self, items: Sequence[Deliverable]) -> None:
        await self._uploader.begin(self._native.pictures(items))

    @override
    async def finish(self, text: str, footer: Footer) -> None:
        await self._conclude(self._first_line + text, closings.footer(self._wording, self._place, footer))

    @override
    async def fail(self, error: AnalystError, partial: str = "") -> None:
        await self._conclude(self._partial(partial), closings.failure(self._wording, self._place, error))

    @override
    async def stopped(self, by: str, partial: str = "") -> None:
        await self._conclude(self._partial(partial), closings.stop(self._wording, self._place, by))

    @override
    async def attach(self, items: Sequence[Deliverable]) -> None:
        self._status.show(Activity.DRAWING if any(item.kind == "chart" for item in items) else Activity.WRITING)
        control = asyncio.create_task(self._control.remove())
        try:
            await self._guarded(self._share(items))
        finally:
            await control

    @override
    async def retract(self) -> None:
        await self._uploader.close()
        await self._live.abandon()
        await self._control.remove()
        await self._status.clear()
        noted = (await self._poster.journal.noted()).values()
        thread = await self._poster.look()
        files = [post.ref for post in noted if post.ref and not _TS.fullmatch(post.ref)]
        shown = [ts for file in files if (ts := thread.shares(file))]
        refs = [post.ref for post in noted if _TS.fullmatch(post.ref) and post.part != "told"]
        await self._remove([*shown, *refs, *(ts for _, ts in thread.parts()), *thread.orphans()])
        for file in files:
            try:
                await self._poster.api.ask("files.delete", file=file)
            except Refused as refusal:
                log.info("A file could not be deleted: %s", refusal.error)

    @override
    async def park(self) -> None:
        try:
            await self._uploader.close()
            await self._live.close()
            self._control.disarm()
            await self._status.leave(Activity.RESUMING)
        except FAILURES as failure:
            log.info("An answer could not be parked properly: %s", type(failure).__name__)

    @override
    async def close(self) -> None:
        try:
            await self._uploader.close()
            await self._live.close()
            await self._control.remove()
            await self._status.clear()
        except FAILURES as failure:
            log.warning("An answer could not be closed properly: %s", type(failure).__name__)

    async def _share(self, items: Sequence[Deliverable]) -> None:
        left = await self._native.show(items)
        await self._uploader.share(left)

    def _partial(self, text: str) -> str:
        return self._first_line + text if text else ""

    def _posted(self, part: str) -> None:
        self._status.posted(is_last=part == ANSWER, is_live=part.startswith("stream:"))

    def _stopped_at_slack(self) -> None:
        if self._on_stop is not None:
            self._stopping = asyncio.ensure_future(self._on_stop(self._place))

    async def _conclude(self, text: str, closing: Closing) -> None:
        await self._guarded(self._show_outcome(text, closing))
        if self._uploader.has_begun:
            return  # charts and files are next, and wait for nothing
        await self._control.remove()
        await self._status.clear()

    async def _guarded(self, showing: Awaitable[None]) -> None:
        """After any failure in between, the next call begins by looking at what is there."""
        self._poster.begin_again()
        try:
            await showing
        except BaseException as failure:
            self._poster.recovering = True
            if isinstance(failure, Unclear):
                raise SlackError(str(failure), error="unclear") from failure
            if isinstance(failure, Refused):
                raise await self._poster.lost(failure) from failure
            raise

    async def _show_outcome(self, text: str, closing: Closing) -> None:
        self._control.disarm()
        if await self._poster.posted(ANSWER) is not None:
            await self._live.close()
            await self._posted_text.share_announced(text, closing)
            return
        if self._poster.recovering or not self._live.matches(text):
            await self._start_over()
            rest: Rest | None = Rest(await cleaned(text))
        else:
            rest = await self._live.conclude(text, closing)
        if rest is not None:
            await self._posted_text.post(text, rest, closing)

    async def _start_over(self) -> None:
        """Remove half-done parts of this or an earlier process; complete posts stay and are found again."""
        await self._live.abandon()
        if not self._poster.recovering:
            return
        thread = await self._poster.look()
        noted = [post.ref for post in (await self._poster.journal.noted()).values() if post.part.startswith(_PARTIAL)]
        marked = [ts for part, ts in thread.parts() if part.startswith(_PARTIAL)]
        await self._remove([*noted, *marked, *thread.orphans()])

    async def _remove(self, timestamps: Iterable[str]) -> None:
        for ts in dict.fromkeys(timestamps):
            await remove(self._poster.api, self._place, ts)


def _purpose(code: str) -> str:
    """What a piece of Python is for, by its first comment."""
    lines = (line.strip() for line in code[:_COMMENT].split("\n"))
    comments = (line.lstrip("# \t") for line in lines if line.startswith("#"))
    return sanitise(next(filter(None, comments), ""), "spell")[:80]
