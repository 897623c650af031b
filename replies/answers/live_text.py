"""An answer while it is written: held for a moment, then streamed at the workspace's pace."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from conversations.errors import SlackError
from replies.answers.compose import Rest
from replies.answers.post import Poster
from replies.answers.streamed_text import STOPPED, Mode, StreamedText
from replies.markdown.model_text import GrowingText, cleaned
from replies.views.footer import Closing
from slack_api.failures import CallFailed
from untrusted.off_loop import aside

log = logging.getLogger(__name__)


class LiveAnswer:
    """The text of one turn on its way."""

    def __init__(self, poster: Poster, on_stop: Callable[[], None]) -> None:
        self._surface = poster.surface
        self._budget = poster.api.budget
        self._raw: list[str] = []
        self._length = 0
        self._text = GrowingText()
        self._reading: asyncio.Task[None] | None = None
        self._streamed = StreamedText(poster)
        self._on_stop = on_stop
        self._counted = False
        self._long_enough = asyncio.Event()
        self._news = asyncio.Event()
        self._turnstile = asyncio.Lock()
        self._pump: asyncio.Task[None] | None = None

    def matches(self, raw: str) -> bool:
        """Whether ``raw`` goes on from what has been taken so far."""
        return raw.startswith("".join(self._raw))

    def push(self, delta: str) -> None:
        """Take the next piece of the model's text."""
        self._raw.append(delta)
        self._length += len(delta)
        if self._length >= self._surface.pace.hold_characters:
            self._long_enough.set()
        self._news.set()
        if self._pump is None:
            self._pump = asyncio.create_task(self._run())

    def task(self, key: str, title: str, status: str) -> None:
        """Show a step as a task card, now or when the stream opens."""
        self._streamed.tasks.note(key, title, status)
        self._news.set()

    async def conclude(self, raw: str, closing: Closing) -> Rest | None:
        """Complete the stream with ``raw``, which ``matches``; or say what must be posted, None for nothing."""
        async with self._turnstile:
            await self.close()
            if self._streamed.has_begun:
                await self._read(raw, is_whole=True)
                return await self._streamed.conclude(closing)
            await self._streamed.clear_debris()
            return Rest(await cleaned(raw))

    async def abandon(self) -> None:
        """Remove everything that was streamed."""
        async with self._turnstile:
            await self.close()
            await self._streamed.abandon()

    async def close(self) -> None:
        """End the background task; a stream that is still open stays for the next attempt to clean up."""
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.cancel()
            await asyncio.wait([pump])
        if self._counted:
            self._counted = False
            self._budget.close_stream()

    async def _read(self, raw: str, *, is_whole: bool = False) -> None:
        """Clean the new part of the text. Cancelling the caller does not interrupt it."""
        if self._reading is not None:
            await asyncio.shield(self._reading)
        self._reading = asyncio.create_task(self._take(raw, is_whole=is_whole))
        await asyncio.shield(self._reading)

    async def _take(self, raw: str, *, is_whole: bool) -> None:
        size = len(raw) - self._text.length
        self._streamed.take(await aside(size, self._text.read, raw, is_whole=is_whole))

    async def _run(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._surface.pace.hold_seconds):
                await self._long_enough.wait()
        async with self._turnstile:
            self._counted = self._surface.can_stream and self._budget.open_stream()
            self._streamed.mode = Mode.LIVE if self._counted else Mode.POSTS
        while self._streamed.mode is Mode.LIVE:
            await self._news_or_age()
            async with self._turnstile:
                await self._read_and_show()
            await asyncio.sleep(self._budget.append_pause(self._surface.pace.append_seconds))

    async def _news_or_age(self) -> None:
        """Wait until there is something to show, or the message is old enough to be completed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._streamed.seconds_left):
                await self._news.wait()
        self._news.clear()

    async def _read_and_show(self) -> None:
        """Show the news. No failure leaves this method: what could not be streamed is posted at the end."""
        try:
            self._raw = ["".join(self._raw)]
            await self._read(self._raw[0])
            await self._streamed.show()
        except CallFailed as failure:
            if failure.error == STOPPED:
                self._streamed.mode = Mode.STOPPED
                self._on_stop()
            else:
                self._streamed.withdraw(failure)
        except SlackError:
            self._news.set()  # Limited: nothing was sent, so it is tried again.
        except Exception as failure:
            log.exception("An answer could not be streamed")
            self._streamed.withdraw(failure)
