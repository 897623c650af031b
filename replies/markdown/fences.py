"""Code fences of Markdown, as far as cutting and cleaning need them. Only backticks: models use no other."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_FENCE_LINE = 200
"""A longer line neither opens nor closes a fence."""

_OPENING = re.compile(r"([ \t]{0,40}+)(`{3,10}+)([^`\n]{0,100})\n?\Z")
_CLOSING = re.compile(r"[ \t]{0,40}+(`{3,}+)[ \t]*+\n?\Z")


@dataclass(frozen=True)
class Fence:
    """An open code fence: its indentation, backticks and info string (the language)."""

    indent: str
    marker: str
    info: str

    @property
    def opening(self) -> str:
        """The line that opens the same fence again."""
        return f"{self.indent}{self.marker}{self.info}\n"

    @property
    def closing(self) -> str:
        """The line that closes the fence, without a line end."""
        return f"{self.indent}{self.marker}"


def fence_after(line: str, fence: Fence | None) -> Fence | None:
    """The fence that is open after a whole line, given the one open before it."""
    if len(line) > LONGEST_FENCE_LINE:
        return fence
    if fence is not None:
        closing = _CLOSING.match(line)
        return None if closing and len(closing[1]) >= len(fence.marker) else fence
    opening = _OPENING.match(line)
    return Fence(opening[1], opening[2], opening[3].strip()) if opening else None
