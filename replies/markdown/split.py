"""Cutting Markdown into pieces that fit, without loss.

A piece is ``opening + body + closing``: the bodies add up to the text; opening and closing re-open and close what the
cut goes through (a code fence, a table's header). Sizes are UTF-8 bytes, because Slack's undocumented limits on
streams are (https://github.com/openclaw/openclaw/issues/143882).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, replace

from replies.markdown.fences import Fence, fence_after
from replies.markdown.rows import is_delimiter_row

_UNCUTTABLE = re.compile(r"\[[^\[\]\n]{0,300}\]\([^()\n]{0,900}\)|`[^`\n]{1,300}`|<[^<>\n]{1,900}>|https?://\S{1,900}")
_SENTENCE_END = re.compile(r"(?:[.!?][\"')\]]*\s|[。！？][」』）]*)")
_SPACE = re.compile(r"\s")
_HEADER_BYTES = 1000
_LINE = 1200
"""Characters of an unfinished line that matter: more than a header that is repeated, or a fence, can have."""
_BEYOND = 2000
"""Characters behind a cut that are looked at: a link or address may reach over it."""
_LONGEST_CLOSING = len("\n") + 40 + 10
_GLUE = "\u200d\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


@dataclass(frozen=True)
class OpenMarkup:
    """What is open at a point of a text: a fence, a table (its header and delimiter rows), an unfinished line."""

    fence: Fence | None = None
    header: str = ""
    row: str = ""
    line: str = ""

    @property
    def opening(self) -> str:
        """What a new message begins with when the text is cut here."""
        if self.fence is not None:
            return self.fence.opening
        return "" if self.line else self.header

    @property
    def closing(self) -> str:
        """What the old message ends with when the text is cut here."""
        fence = fence_after(self.line + "\n", self.fence) if self.line else self.fence
        if fence is None:
            return ""
        return ("\n" if self.line else "") + fence.closing

    def after(self, text: str) -> OpenMarkup:
        """The context behind ``text``."""
        context = self
        for line in _lines(text):
            context = context._after_line(line)
        return context

    def _after_line(self, piece: str) -> OpenMarkup:
        line = self.line + piece
        if not line.endswith("\n"):
            return replace(self, line=line[:_LINE])
        line = line[:-1][:_LINE] + "\n"
        fence = fence_after(line, self.fence)
        if fence is not None or self.fence is not None or not line.lstrip().startswith("|"):
            return OpenMarkup(fence=fence)
        if self.row and not self.header and is_delimiter_row(line):
            header = self.row + line
            return OpenMarkup(header=header if _size(header) <= _HEADER_BYTES else "", row=line)
        return OpenMarkup(header=self.header, row=line)


@dataclass(frozen=True)
class Piece:
    """A part of a text that fits."""

    opening: str
    body: str
    closing: str

    @property
    def text(self) -> str:
        """What is sent."""
        return self.opening + self.body + self.closing


def cut(text: str, room: int, context: OpenMarkup, *, opening: str = "", start: int = 0) -> tuple[Piece, OpenMarkup]:
    """Take as much of ``text`` as fits, up to a safe point.

    Args:
        text: What is to be shown next, not empty. No more of it is looked at than may fit.
        room: Bytes left.
        context: What is open where it begins.
        opening: What stands before it in a new message; "" when the message is going on.
        start: Where in ``text`` it begins.

    Returns:
        The piece (its body is empty when not even a safe start fits into an opened message), and the context behind it.
    """
    room -= _size(opening)
    head = text[start : start + max(room, 0) + 1]  # a character takes a byte at least
    room -= _closing_size(context, head)
    if start + len(head) == len(text) and _size(head) <= room:
        body = head
    else:
        most = len(head.encode()[: max(room, 0)].decode(errors="ignore"))
        window = text[start : start + most + _BEYOND]
        body = window[: _safe_point(window, most, context)]
    after = context.after(body)
    return Piece(opening, body, after.closing), after


def _closing_size(context: OpenMarkup, text: str) -> int:
    """Room for the longest closing that a cut of this text can need."""
    return 0 if context.fence is None and "```" not in context.line + text else _LONGEST_CLOSING


def _safe_point(text: str, most: int, context: OpenMarkup) -> int:
    """The best place at or before ``most`` characters to cut."""
    best: dict[str, int] = {}
    position, state = 0, context
    for line in _lines(text[:most]):
        state = state._after_line(line)
        position += len(line)
        if state.line:
            break
        best[_kind_of_boundary(state, line)] = position
    for kind, share in (("paragraph", 0.5), ("line", 0.3), ("row", 0.2), ("code", 0.2)):
        if best.get(kind, 0) >= most * share and kind in best:
            return best[kind]
    return _point_in_line(text, max(best.values(), default=0), most, context) or max(best.values(), default=0) or most


def _kind_of_boundary(state: OpenMarkup, line: str) -> str:
    if state.fence is not None:
        return "code"
    if state.row:
        return "row" if state.header else "header"
    return "line" if line.strip() else "paragraph"


def _point_in_line(text: str, begin: int, most: int, context: OpenMarkup) -> int:
    """A place inside of the line that begins at ``begin``: after a sentence, a space, or any character."""
    state = context.after(text[:begin])
    line = text[begin:most]
    if (state.line + line).lstrip().startswith("`") and len(line) < 150:  # noqa: PLR2004 -- it may become a fence
        return begin
    if state.fence is None:
        spans = [span.span() for span in _UNCUTTABLE.finditer(text, begin)]
        closed = [(start, stop) for start, stop in spans if stop - start < len(line)]
        for pattern in (_SENTENCE_END, _SPACE):
            ends = [end.end() for end in pattern.finditer(text, begin, most) if end.end() - begin > len(line) // 2]
            for end in reversed(ends):
                within = bisect(closed, (end,)) - 1
                if within < 0 or end >= closed[within][1]:
                    return end
    point = most
    while point > begin + 1 and point < len(text) and point > most - 20 and _is_glued(text[point - 1], text[point]):
        point -= 1
    return point


def _is_glued(before: str, after: str) -> bool:
    return before == "\u200d" or after in _GLUE or unicodedata.combining(after) != 0 or (before, after) == ("\r", "\n")


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends; only the line feed ends one (``str.splitlines`` knows eight more)."""
    begin = 0
    while begin < len(text):
        end = text.find("\n", begin) + 1 or len(text)
        yield text[begin:end]
        begin = end


def _size(text: str) -> int:
    return len(text.encode())
