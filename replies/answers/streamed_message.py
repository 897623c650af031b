"""One streamed message: what it holds, and the three calls. When and how much is decided in ``streamed_text``.

Facts about streams that the docs leave out (lifetime, size): https://github.com/slackapi/python-slack-sdk/issues/1859
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conversations.ports.replies import Place
from replies.answers.own_posts import metadata
from replies.markdown.segments import Segment
from replies.markdown.split import OpenMarkup, cut
from replies.markdown.tables import Block, MarkdownTable
from replies.views.wording import Wording
from slack_api.api import SlackApi

Chunk = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """What one call shows: ``chunks`` as Slack takes them, and the text in them (``shown``), for putting back.

    ``rest`` did not fit; ``after`` is the Markdown context behind it; ``is_full``: the message takes no more after it.
    """

    chunks: list[Chunk]
    shown: list[Segment]
    rest: list[Segment]
    after: OpenMarkup
    size: int
    is_full: bool


@dataclass
class StreamedMessage:
    """A message that is being streamed."""

    api: SlackApi
    place: Place
    limit: int
    begins: OpenMarkup
    ts: str = ""
    started: float = 0.0
    used: int = 0
    has_table: bool = False
    shown: list[Segment] = field(default_factory=list)
    context: OpenMarkup = field(default_factory=OpenMarkup)

    def __post_init__(self) -> None:
        self.context = self.begins

    @property
    def age(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.started if self.ts else 0.0

    def batch(self, waiting: Sequence[Segment], wording: Wording, *, native: bool = True) -> Batch:
        """As much of ``waiting`` as this message still takes; tables as blocks if ``native``, else as Markdown."""
        chunks: list[Chunk] = []
        shown: list[Segment] = []
        used, context, has_table = self.used, self.context, self.has_table
        for index, part in enumerate(waiting):
            rest = list(waiting[index:])
            if isinstance(part, MarkdownTable) and native:
                chunk: Chunk = {"type": "blocks", "blocks": [part.block(wording.plain("Table"))]}
                size = _weight(chunk)
                if has_table or used + size > self.limit:
                    return Batch(chunks, shown, rest, context, used - self.used, is_full=True)
                chunks.append(chunk)
                shown.append(part)
                used, has_table = used + size, True
                continue
            text = part if isinstance(part, str) else part.source
            opening = context.opening if not used else ""
            piece, after = cut(text, self.limit - used, context, opening=opening)
            if not piece.body:
                return Batch(chunks, shown, rest, context, used - self.used, is_full=True)
            said = piece.opening + piece.body
            chunks.append(text_chunk(said))
            shown.append(piece.body)
            used, context = used + len(said.encode()), after
            if piece.body != text:
                left: list[Segment] = [text[len(piece.body) :], *waiting[index + 1 :]]
                return Batch(chunks, shown, left, context, used - self.used, is_full=True)
        return Batch(chunks, shown, [], context, used - self.used, is_full=False)

    def took(self, batch: Batch) -> None:
        """Slack has accepted a batch."""
        self.used += batch.size
        self.shown += batch.shown
        self.context = batch.after
        self.has_table = self.has_table or any(isinstance(part, MarkdownTable) for part in batch.shown)

    def count(self, chunks: Sequence[Chunk]) -> None:
        """Slack has accepted chunks that are not text (task cards)."""
        self.used += sum(_weight(chunk) for chunk in chunks)

    async def start(self, chunks: Sequence[Chunk], patience: float) -> str:
        """Open it with its first content; returns its ts."""
        answer = await self.api.write(
            "chat.startStream",
            patience=patience,
            channel=self.place.channel,
            thread_ts=self.place.thread,
            recipient_user_id=self.place.asker,
            recipient_team_id=self.place.asker_team or self.place.team,
            task_display_mode="timeline",
            chunks=list(chunks),
        )
        self.ts, self.started = str(answer["ts"]), time.monotonic()
        return self.ts

    async def append(self, chunks: Sequence[Chunk], patience: float) -> None:
        """Add content."""
        await self.api.write(
            "chat.appendStream", patience=patience, channel=self.place.channel, ts=self.ts, chunks=list(chunks)
        )

    async def stop(
        self, part: str, chunks: Sequence[Chunk] = (), below: Sequence[Block] = (), *, surely: bool = False
    ) -> None:
        """End it with the last ``chunks`` and blocks ``below``; from now on it carries the turn's metadata.

        ``surely``: go on through any outage; without content only, as it may be done twice.
        """
        await self.api.write(
            "chat.stopStream",
            repeatable=surely,
            channel=self.place.channel,
            ts=self.ts,
            chunks=list(chunks) or None,
            blocks=list(below) or None,
            metadata=metadata(self.place.turn, part),
        )


def text_chunk(text: str) -> Chunk:
    """Markdown."""
    return {"type": "markdown_text", "text": text}


def task_chunk(task: str, title: str, status: str) -> Chunk:
    """A task card; sent again, its title and status are replaced."""
    return {"type": "task_update", "id": task, "title": title[:100], "status": status}


def _weight(chunk: Mapping[str, Any]) -> int:
    return len(json.dumps(chunk, ensure_ascii=False).encode())
