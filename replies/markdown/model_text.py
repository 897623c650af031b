"""A model's text, cleaned and taken apart into words and tables."""

from __future__ import annotations

from replies.markdown.sanitize import Sanitiser, sanitise
from replies.markdown.segments import Segment, Segmenter, joined, segments
from replies.markdown.tables import MarkdownTable
from untrusted.off_loop import aside


class GrowingText:
    """A model's text that grows, cleaned for a stream, as words and tables; ``length`` characters were read."""

    def __init__(self) -> None:
        self.length = 0
        self._sanitiser = Sanitiser("spell")
        self._segmenter = Segmenter()

    def read(self, raw: str, *, is_whole: bool) -> list[Segment]:
        """What is new and may be shown."""
        new = self._sanitiser.feed(raw[self.length :])
        self.length = len(raw)
        parts = self._segmenter.feed(new)
        if is_whole:
            parts = joined(parts, self._segmenter.feed(self._sanitiser.close()), self._segmenter.close())
        return _measured(parts)


async def cleaned(raw: str) -> list[Segment]:
    """A model's whole text, cleaned for posts, as words and tables."""
    return await aside(len(raw), lambda: _measured(segments(sanitise(raw))))


def _measured(parts: list[Segment]) -> list[Segment]:
    """The parts, with their tables parsed: that is for a thread, too."""
    for part in parts:
        if isinstance(part, MarkdownTable):
            _ = part.fits
    return parts
