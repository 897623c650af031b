"""An answer while it is being written: held for a moment, then streamed at the workspace's pace, rolled in time.

Whatever Slack refuses on the way, the text is not lost: what is not surely visible comes back from ``conclude`` and is
posted in the ordinary way.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from conversations.errors import SlackError
from conversations.files.answer_budget import MOST_MESSAGES
from replies.answers.compose import ANSWER
from replies.answers.own_posts import remove
from replies.answers.post import Poster
from replies.answers.stream import Batch, Chunk, StreamedMessage, text_chunk
from replies.answers.task_cards import TaskCards
from replies.markdown.model_text import GrowingText, cleaned
from replies.markdown.segments import Segment, joined
from replies.markdown.split import Context
from replies.markdown.tables import Table
from replies.views.footer import Closing
from slack_api.failures import Refused, Unclear
from untrusted.off_loop import aside

_log = logging.getLogger(__name__)
_LIVE_PATIENCE = 3.0
_ENDED = "message_not_in_streaming_state"
_STOPPED = "stopped_by_user"


class Mode(StrEnum):
    """Where an answer stands."""

    HOLDING = "holding"
    LIVE = "live"
    POSTS = "posts"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Rest:
    """What is not visible yet, the Markdown context in which it goes on, and how many messages stand before it."""

    parts: Sequence[Segment]
    context: Context = field(default_factory=Context)
    before: int = 0


class LiveAnswer:
    """The text of one turn on its way.

    Args:
        poster: Where, and the turn's notes.
        on_stop: Called when Slack says that a person has stopped the stream; must not wait.
    """

    def __init__(self, poster: Poster, on_stop: Callable[[], None]) -> None:
        self._poster = poster
        self._api = poster.api
        self._surface = poster.surface
        self._pace = poster.surface.pace
        self._on_stop = on_stop
        self._mode = Mode.HOLDING
        self._raw: list[str] = []
        self._length = 0
        self._text = GrowingText()
        self._reading: asyncio.Task[None] | None = None
        self._waiting: list[Segment] = []
        self._tasks = TaskCards(poster.surface)
        self._message: StreamedMessage | None = None
        self._context = Context()
        self._made: list[str] = []
        self._debris: list[str] = []
        self._suspects_orphan = False
        self._counted = False
        self._native_tables = True
        self._long_enough = asyncio.Event()
        self._news = asyncio.Event()
        self._turnstile = asyncio.Lock()
        self._pump: asyncio.Task[None] | None = None

    @property
    def is_visible(self) -> bool:
        """Whether a stream has been opened."""
        return bool(self._made)

    def matches(self, raw: str) -> bool:
        """Whether ``raw`` goes on from what has been taken so far."""
        return raw.startswith("".join(self._raw))

    def push(self, delta: str) -> None:
        """Take the next piece of the model's text."""
        self._raw.append(delta)
        self._length += len(delta)
        if self._length >= self._pace.hold_characters:
            self._long_enough.set()
        self._news.set()
        if self._pump is None:
            self._pump = asyncio.create_task(self._run())

    def task(self, key: str, title: str, status: str) -> None:
        """Show a step as a task card, now or when the stream opens."""
        self._tasks.note(key, title, status)
        self._news.set()

    async def conclude(self, raw: str, closing: Closing) -> Rest | None:
        """Show the end: complete the stream, or say what is left to post.

        Args:
            raw: The whole text; it must go on from what was pushed (``matches``).
            closing: What stands below.

        Returns:
            None when all is visible; else what must be posted, with the closing.
        """
        async with self._turnstile:
            await self._end_pump()
            if not self._made:
                await self._clear_debris()
                return Rest(await cleaned(raw))
            await self._read(raw, is_whole=True)
            rest = await self._conclude_live(closing)
            await self._clear_debris()
            return rest

    async def abandon(self) -> None:
        """Remove everything that was streamed."""
        async with self._turnstile:
            await self._end_pump()
            self._mode = Mode.POSTS
            self._debris, self._made, self._message = [*self._debris, *self._made], [], None
            await self._clear_debris()

    async def close(self) -> None:
        """End the background task; a stream that is still open stays for the next attempt to clean up."""
        await self._end_pump()

    async def _end_pump(self) -> None:
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.cancel()
            await asyncio.wait([pump])
        if self._counted:
            self._counted = False
            self._api.budget.close_stream()

    async def _read(self, raw: str, *, is_whole: bool = False) -> None:
        """Clean what is new of the text. Once begun it is done to its end, whatever is cancelled meanwhile."""
        if self._reading is not None:
            await asyncio.shield(self._reading)
        self._reading = asyncio.create_task(self._take(raw, is_whole=is_whole))
        await asyncio.shield(self._reading)

    async def _take(self, raw: str, *, is_whole: bool) -> None:
        size = len(raw) - self._text.length
        self._waiting = joined(self._waiting, await aside(size, self._text.read, raw, is_whole=is_whole))

    async def _run(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pace.hold_seconds):
                await self._long_enough.wait()
        async with self._turnstile:
            self._counted = self._surface.can_stream and self._api.budget.open_stream()
            self._mode = Mode.LIVE if self._counted else Mode.POSTS
        while self._mode is Mode.LIVE:
            await self._news_or_age()
            async with self._turnstile:
                await self._guarded(self._read_and_show())
            await asyncio.sleep(self._api.budget.append_pause(self._pace.append_seconds))

    async def _news_or_age(self) -> None:
        """Wait until there is something to show, or the message is old enough to be completed."""
        left = None if self._message is None else max(0.0, self._pace.roll_seconds - self._message.age)
        with suppress(TimeoutError):
            async with asyncio.timeout(left):
                await self._news.wait()
        self._news.clear()

    async def _guarded(self, showing: Awaitable[None]) -> None:
        """Never let a failure of the live part out: what it was about is posted at the end."""
        try:
            await showing
        except Refused as refusal:
            if refusal.error == _STOPPED:
                self._mode = Mode.STOPPED
                self._on_stop()
                return
            _log.info("the stream ends early: %s", refusal)
            self._withdraw()
        except Unclear as failure:
            _log.info("the stream ends early: %s", failure)
            self._suspects_orphan = self._suspects_orphan or self._message is None or not self._message.ts
            self._withdraw()
        except SlackError:
            self._news.set()  # Limited: nothing was sent, so it is tried again.
        except Exception:
            _log.exception("the stream ends early")
            self._withdraw()

    async def _read_and_show(self) -> None:
        self._raw = ["".join(self._raw)]
        await self._read(self._raw[0])
        await self._show_waiting()

    async def _show_waiting(self) -> None:
        if self._message is not None and self._message.age >= self._pace.roll_seconds:
            await self._roll(self._message)
        while self._mode is Mode.LIVE and (self._has_words or self._tasks.has_news):
            if self._must_pause():
                self._mode = Mode.POSTS
                return
            message = self._message or StreamedMessage(
                self._api, self._poster.place, self._pace.message_bytes, self._context
            )
            batch = message.batch(self._waiting, self._poster.wording, native=self._native_tables)
            if not batch.chunks and not self._tasks.has_news and not message.used:
                self._mode = Mode.POSTS  # Not even an empty message takes it: a large table.
                return
            sent = await self._send(message, batch) if batch.chunks or self._tasks.has_news else True
            if sent and batch.is_full:
                await self._roll(message)

    @property
    def _has_words(self) -> bool:
        """Whether something waits that may be shown; blank lines open no message."""
        return bool(self._waiting) and (
            self._message is not None or any(isinstance(part, Table) or part.strip() for part in self._waiting)
        )

    def _must_pause(self) -> bool:
        """A table that goes with a file, or no budget for one more message: the rest is posted in the end."""
        if self._message is None and len(self._made) >= MOST_MESSAGES - 1:
            return True
        if any(isinstance(part, Table) and not part.fits for part in self._waiting[:1]):
            return True
        return self._message is None and bool(self._made) and self._api.budget.delay("chat.startStream") > 0

    async def _send(self, message: StreamedMessage, batch: Batch) -> bool:
        """Show a batch; False when Slack wants it simpler."""
        tasks = self._tasks.for_message(message, is_first=not self._made)
        self._waiting = batch.rest  # More may join it while Slack is being told.
        try:
            if message.ts:
                await message.append([*tasks, *batch.chunks], _LIVE_PATIENCE)
            else:
                await self._start(message, [*tasks, *batch.chunks])
        except Exception as failure:
            self._waiting = joined(batch.shown, self._waiting)
            if isinstance(failure, Refused) and self._can_simplify(failure, tasks, batch):
                return False
            raise
        message.count(tasks)
        message.took(batch)
        self._tasks.sent(tasks)
        self._context = message.context
        return True

    async def _start(self, message: StreamedMessage, chunks: Sequence[Chunk]) -> None:
        try:
            ts = await message.start(chunks, _LIVE_PATIENCE)
        except Refused as refusal:
            if refusal.error in {"unknown_method", "feature_not_enabled", "not_allowed_token_type"}:
                self._surface.can_stream = False
            raise
        self._message = message
        self._made.append(ts)
        part = f"stream:{len(self._made) - 1}"
        await self._poster.journal.note(part, ts, "open")
        self._poster.on_posted(part)

    def _can_simplify(self, refusal: Refused, tasks: Sequence[Chunk], batch: Batch) -> bool:
        """Slack does not like task cards or tables amid a stream: go on without."""
        if refusal.error not in {"invalid_chunks", "invalid_blocks", "invalid_attachments", "invalid_blocks_format"}:
            return False
        if tasks and refusal.error == "invalid_chunks":
            self._surface.has_tasks = False
            return True
        if self._native_tables and any(isinstance(part, Table) for part in batch.shown):
            self._native_tables = False
            return True
        return False

    async def _roll(self, message: StreamedMessage) -> None:
        """Complete this message and go on in a new one."""
        await self._finish_message(message)
        self._message = None
        self._context = message.context

    async def _finish_message(self, message: StreamedMessage) -> None:
        if not message.ts:
            return
        part = f"stream:{len(self._made) - 1}"
        closing = message.context.closing
        try:
            await message.stop(part, [*self._tasks.closed(), *([text_chunk(closing)] if closing else [])])
        except Unclear:
            with suppress(Refused):
                await message.stop_surely(part)
        await self._poster.journal.note(part, message.ts, "posted")

    def _withdraw(self) -> None:
        """Take back the present message: its text is posted in the end, and it is removed then."""
        self._mode = Mode.POSTS
        message, self._message = self._message, None
        if message is not None and message.ts:
            self._waiting = joined(list(message.shown), self._waiting)
            self._context = message.begins
            self._debris.append(message.ts)
            self._made.remove(message.ts)

    async def _conclude_live(self, closing: Closing) -> Rest | None:
        message = self._message
        if message is None or self._mode is Mode.STOPPED:
            return self._rest()
        try:
            return await self._last_words(message, closing)
        except Refused as refusal:
            if refusal.error == _STOPPED:
                self._mode = Mode.STOPPED
                return self._rest()
            _log.info("the stream could not be completed: %s", refusal)
        except Unclear as failure:
            _log.info("the stream could not be completed: %s", failure)
        self._withdraw()
        return self._rest()

    async def _last_words(self, message: StreamedMessage, closing: Closing) -> Rest | None:
        batch = message.batch(self._waiting, self._poster.wording, native=self._native_tables)
        fits = not batch.rest and not any(isinstance(part, Table) and not part.fits for part in batch.shown)
        chunks = [*self._tasks.closed(), *batch.chunks]
        if fits and batch.after.closing:
            chunks.append(text_chunk(batch.after.closing))
        if fits and await self._stopped_with(message, chunks, closing):
            return None
        if fits and self._mode is Mode.LIVE:
            # Slack refused what stands below: it follows as a message of its own.
            await message.stop(f"stream:{len(self._made) - 1}", chunks)
            message.took(batch)
            self._waiting = []
            return self._rest()
        await self._finish_message(message)
        return self._rest()

    async def _stopped_with(self, message: StreamedMessage, chunks: Sequence[Chunk], closing: Closing) -> bool:
        try:
            await message.stop(ANSWER, chunks, closing.blocks)
        except Unclear:
            if (await self._poster.look()).part(ANSWER) is None:
                raise
        except Refused as refusal:
            if refusal.error in {_ENDED, _STOPPED} or not refusal.error.startswith(("invalid_", "msg_", "no_text")):
                raise
            _log.warning("slack refused what stands below a stream: %s", refusal)
            return False
        await self._poster.journal.note(ANSWER, message.ts, "posted")
        return True

    def _rest(self) -> Rest:
        return Rest(self._waiting, self._context, len(self._made))

    async def _clear_debris(self) -> None:
        if self._suspects_orphan:
            known = set(self._made)
            self._debris += [ts for ts in (await self._poster.look()).orphans() if ts not in known]
            self._suspects_orphan = False
        for ts in dict.fromkeys(self._debris):
            await remove(self._api, self._poster.place, ts)
        self._debris = []
