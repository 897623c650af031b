"""Streams a text as one or more messages, and keeps what waits and what must be removed.

No text is lost when Slack refuses something: ``conclude`` returns what may not be visible, and that is posted in the
ordinary way.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum

from conversations.files.answer_budget import MOST_MESSAGES
from replies.answers.compose import ANSWER, Rest
from replies.answers.own_posts import remove
from replies.answers.post import Poster
from replies.answers.streamed_message import Batch, Chunk, StreamedMessage, text_chunk
from replies.answers.task_cards import TaskCards
from replies.markdown.segments import Segment, joined
from replies.markdown.split import OpenMarkup
from replies.markdown.tables import MarkdownTable
from replies.views.footer import Closing
from slack_api.failures import Refused, Unclear

log = logging.getLogger(__name__)
_PATIENCE = 3.0
_ENDED = "message_not_in_streaming_state"
STOPPED = "stopped_by_user"
_NO_STREAMS = frozenset({"unknown_method", "feature_not_enabled", "not_allowed_token_type"})
_NOT_SIMPLE = frozenset({"invalid_chunks", "invalid_blocks", "invalid_attachments", "invalid_blocks_format"})


class Mode(StrEnum):
    """Where an answer stands."""

    HOLDING = "holding"
    LIVE = "live"
    POSTS = "posts"
    STOPPED = "stopped"


class StreamedText:
    """The streamed messages of one turn. Its callers take turns: no two of its coroutines may run at once."""

    def __init__(self, poster: Poster) -> None:
        self.mode = Mode.HOLDING
        self.tasks = TaskCards(poster.surface)
        self._poster = poster
        self._surface = poster.surface
        self._waiting: list[Segment] = []
        self._message: StreamedMessage | None = None
        self._context = OpenMarkup()
        self._made: list[str] = []
        self._debris: list[str] = []
        self._suspects_orphan = False
        self._native_tables = True

    @property
    def has_begun(self) -> bool:
        """Whether a message is to be seen."""
        return bool(self._made)

    @property
    def seconds_left(self) -> float | None:
        """Until the present message must be completed; None when there is none."""
        return None if self._message is None else max(0.0, self._surface.pace.roll_seconds - self._message.age)

    def take(self, parts: Sequence[Segment]) -> None:
        """Take more of the text."""
        self._waiting = joined(self._waiting, parts)

    async def show(self) -> None:
        """Show what waits, as far as it may be streamed."""
        if self._message is not None and self.seconds_left == 0:
            await self._roll(self._message)
        while self.mode is Mode.LIVE and (self._has_words or self.tasks.has_news):
            if self._must_pause():
                self.mode = Mode.POSTS
                return
            message = self._message or StreamedMessage(
                self._poster.api, self._poster.place, self._surface.pace.message_bytes, self._context
            )
            batch = message.batch(self._waiting, self._poster.wording, native=self._native_tables)
            if not batch.chunks and not self.tasks.has_news and not message.used:
                self.mode = Mode.POSTS  # Not even an empty message takes it: a large table.
                return
            sent = await self._send(message, batch) if batch.chunks or self.tasks.has_news else True
            if sent and batch.is_full:
                await self._roll(message)

    def withdraw(self, failure: Exception) -> None:
        """Take back the present message: its text is posted in the end, and it is removed then."""
        log.info("A stream ends early: %s", failure)
        self.mode = Mode.POSTS
        self._suspects_orphan |= isinstance(failure, Unclear) and self._message is None
        message, self._message = self._message, None
        if message is not None and message.ts:
            self._waiting = joined(list(message.shown), self._waiting)
            self._context = message.begins
            self._debris.append(message.ts)
            self._made.remove(message.ts)

    async def conclude(self, closing: Closing) -> Rest | None:
        """Complete the present message, with the closing below it; says what is left to post, None for nothing."""
        rest = await self._conclude(closing)
        await self.clear_debris()
        return rest

    async def abandon(self) -> None:
        """Remove everything that was streamed."""
        self.mode = Mode.POSTS
        self._debris, self._made, self._message = [*self._debris, *self._made], [], None
        await self.clear_debris()

    async def clear_debris(self) -> None:
        """Remove messages whose text has been taken back."""
        if self._suspects_orphan:
            known = set(self._made)
            self._debris += [ts for ts in (await self._poster.look()).orphans() if ts not in known]
            self._suspects_orphan = False
        for ts in dict.fromkeys(self._debris):
            await remove(self._poster.api, self._poster.place, ts)
        self._debris = []

    @property
    def _has_words(self) -> bool:
        """Whether something waits that may be shown; blank lines open no message."""
        return bool(self._waiting) and (
            self._message is not None or any(isinstance(part, MarkdownTable) or part.strip() for part in self._waiting)
        )

    @property
    def _part(self) -> str:
        return f"stream:{len(self._made) - 1}"

    def _must_pause(self) -> bool:
        """Whether the rest must be posted in the end: a table is too large, or the budget has no further message."""
        if self._message is None and len(self._made) >= MOST_MESSAGES - 1:
            return True
        if any(isinstance(part, MarkdownTable) and not part.fits for part in self._waiting[:1]):
            return True
        return self._message is None and self.has_begun and self._poster.api.budget.delay("chat.startStream") > 0

    async def _send(self, message: StreamedMessage, batch: Batch) -> bool:
        """Show a batch; False when Slack wants it simpler."""
        tasks = self.tasks.for_message(message, is_first=not self._made)
        self._waiting = batch.rest  # More may join it while Slack is being told.
        try:
            if message.ts:
                await message.append([*tasks, *batch.chunks], _PATIENCE)
            else:
                await self._start(message, [*tasks, *batch.chunks])
        except Exception as failure:
            self._waiting = joined(batch.shown, self._waiting)
            if isinstance(failure, Refused) and self._can_simplify(failure, tasks, batch):
                return False
            raise
        message.count(tasks)
        message.took(batch)
        self.tasks.sent(tasks)
        self._context = message.context
        return True

    async def _start(self, message: StreamedMessage, chunks: Sequence[Chunk]) -> None:
        try:
            ts = await message.start(chunks, _PATIENCE)
        except Refused as refusal:
            if refusal.error in _NO_STREAMS:
                self._surface.can_stream = False
            raise
        self._poster.on_posted(self._part)  # before anything is awaited: a line that comes now stays
        self._message = message
        self._made.append(ts)
        await self._poster.journal.note(self._part, ts, "open")

    def _can_simplify(self, refusal: Refused, tasks: Sequence[Chunk], batch: Batch) -> bool:
        """Whether to go on without task cards or native tables, which this Slack refuses in a stream."""
        if refusal.error not in _NOT_SIMPLE:
            return False
        if tasks and refusal.error == "invalid_chunks":
            self._surface.has_tasks = False
            return True
        has_table = self._native_tables and any(isinstance(part, MarkdownTable) for part in batch.shown)
        self._native_tables = self._native_tables and not has_table
        return has_table

    async def _roll(self, message: StreamedMessage) -> None:
        """Complete this message and go on in a new one."""
        await self._finish(message)
        self._message = None
        self._context = message.context

    async def _finish(self, message: StreamedMessage) -> None:
        if not message.ts:
            return
        closing = message.context.closing
        try:
            await message.stop(self._part, [*self.tasks.closed(), *([text_chunk(closing)] if closing else [])])
        except Unclear:
            with suppress(Refused):
                await message.stop(self._part, surely=True)
        await self._poster.journal.note(self._part, message.ts, "posted")

    async def _conclude(self, closing: Closing) -> Rest | None:
        message = self._message
        if message is None or self.mode is Mode.STOPPED:
            return self._rest()
        try:
            return await self._last_words(message, closing)
        except Refused as refusal:
            if refusal.error == STOPPED:
                self.mode = Mode.STOPPED
            else:
                self.withdraw(refusal)
        except Unclear as failure:
            self.withdraw(failure)
        return self._rest()

    async def _last_words(self, message: StreamedMessage, closing: Closing) -> Rest | None:
        batch = message.batch(self._waiting, self._poster.wording, native=self._native_tables)
        fits = not batch.rest and not any(isinstance(part, MarkdownTable) and not part.fits for part in batch.shown)
        chunks = [*self.tasks.closed(), *batch.chunks]
        if fits and batch.after.closing:
            chunks.append(text_chunk(batch.after.closing))
        if fits and await self._stopped_with(message, chunks, closing):
            return None
        if fits and self.mode is Mode.LIVE:
            # Slack refused what stands below: it follows as a message of its own.
            await message.stop(self._part, chunks)
            message.took(batch)
            self._waiting = []
            return self._rest()
        await self._finish(message)
        return self._rest()

    async def _stopped_with(self, message: StreamedMessage, chunks: Sequence[Chunk], closing: Closing) -> bool:
        try:
            await message.stop(ANSWER, chunks, closing.blocks)
        except Unclear:
            if (await self._poster.look()).part(ANSWER) is None:
                raise
        except Refused as refusal:
            if refusal.error in {_ENDED, STOPPED} or not refusal.error.startswith(("invalid_", "msg_", "no_text")):
                raise
            log.warning("Slack refused what stands below a stream: %s", refusal)
            return False
        await self._poster.journal.note(ANSWER, message.ts, "posted")
        return True

    def _rest(self) -> Rest:
        return Rest(self._waiting, self._context, len(self._made))
