"""The task cards of a stream: one for each step of the work, all closed at the end."""

from __future__ import annotations

from collections.abc import Sequence

from replies.answers.streamed_message import Chunk, StreamedMessage, task_chunk
from replies.answers.surface import Surface

_MOST = 8


class TaskCards:
    """The steps of one turn."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._all: dict[str, Chunk] = {}
        self._changed: dict[str, Chunk] = {}

    @property
    def has_news(self) -> bool:
        """Whether something has changed since it was sent."""
        return self._surface.has_tasks and bool(self._changed)

    def note(self, key: str, title: str, status: str) -> None:
        """A step has begun or ended."""
        self._all[key] = self._changed[key] = task_chunk(key, title, status)

    def for_message(self, message: StreamedMessage, *, is_first: bool) -> list[Chunk]:
        """What to send with the next call: all steps so far when the first message opens, later what is new."""
        if not self._surface.has_tasks:
            return []
        if message.ts:
            return list(self._changed.values())
        return list(self._all.values())[-_MOST:] if is_first else self._open()

    def sent(self, chunks: Sequence[Chunk]) -> None:
        """Slack has them; what changed meanwhile stays news."""
        for chunk in chunks:
            if self._changed.get(chunk["id"]) is chunk:
                del self._changed[chunk["id"]]

    def closed(self) -> list[Chunk]:
        """Slack marks a step as failed that is open when the stream stops: these close them."""
        return [chunk | {"status": "complete"} for chunk in self._open()] if self._surface.has_tasks else []

    def _open(self) -> list[Chunk]:
        return [chunk for chunk in self._all.values() if chunk["status"] == "in_progress"]
