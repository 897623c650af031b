"""Cleans model text: nothing in it pings, hides where a link goes, loads an image or names the sandbox.

The cleaning is incremental: fed with any cut of a text, the outputs add up to ``sanitise(text)``.

Markup that Slack acts on: https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re

from replies.markdown.fences import Fence, fence_after
from replies.markdown.links import LinkStyle
from replies.markdown.scanning import Scan
from replies.markdown.source import JOINER, Source, Token
from untrusted.characters import visible, whole


class Sanitiser:
    """Cleans Markdown piece by piece.

    ``inline``: the text is a part of a line: it has no paragraphs that could be left out.
    """

    def __init__(self, links: LinkStyle = "keep", *, inline: bool = False) -> None:
        self._links = links
        self._inline = inline
        self._input = _Input()
        self._guard = _Guard()
        self._buffer = ""
        self._fence: Fence | None = None
        self._before = ""
        self._line_start = True

    def feed(self, delta: str) -> str:
        """Take the next piece; returns what is safe to show by now."""
        self._buffer += self._input.feed(delta)
        return self._drain(final=False)

    def close(self) -> str:
        """The rest."""
        self._buffer += self._input.close()
        return self._drain(final=True)

    def _drain(self, *, final: bool) -> str:
        source = Source(self._buffer, final=final, before=self._before)
        scan = Scan(source, self._clean, self._links)
        shown: list[str] = []
        prose: list[str] = []
        position = 0
        while position < len(self._buffer):
            token = self._next(scan, source, position)
            if token is None:
                break
            if token.kind == "prose":
                prose.append(token.text)
            else:
                shown += [self._guard.pass_on("".join(prose), "prose"), self._guard.pass_on(token.text, token.kind)]
                prose.clear()
            self._before = self._buffer[token.end - 1]
            self._line_start = self._before == "\n"
            position = token.end
        shown.append(self._guard.pass_on("".join(prose), "prose"))
        self._buffer = self._buffer[position:]
        return "".join(shown)

    def _clean(self, label: str) -> str:
        return sanitise(label, self._links, inline=True)

    def _next(self, scan: Scan, source: Source, position: int) -> Token | None:
        if self._fence is not None or (self._line_start and scan.may_open_fence(position)):
            token = self._code_line(source, position)
            if token is None or token.text:
                return token
        elif self._line_start:
            end = position if self._inline else scan.after_lone_link(position)
            if end is None or scan.is_open_blank(position):
                return None
            if end > position:
                return Token(end, "")
        return scan.token(position, line_start=self._line_start)

    def _code_line(self, source: Source, position: int) -> Token | None:
        """A line of a fence, or the rest of one; no text when it is none, None while that cannot be told."""
        line = source.line(position)
        if line is None:
            return None
        after = fence_after(line, self._fence) if self._line_start else self._fence
        if self._fence is None and after is None:
            return Token(position, "")
        self._fence = after
        return Token(position + len(line), line, "code")


def sanitise(text: str, links: LinkStyle = "keep", *, inline: bool = False) -> str:
    """Clean a whole text; see ``Sanitiser``."""
    sanitiser = Sanitiser(links, inline=inline)
    return sanitiser.feed(text) + sanitiser.close()


def escape(text: str) -> str:
    """Plain text for mrkdwn: Slack's three control characters as entities, on one line."""
    return " ".join(visible(text).split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def on_one_line(text: str) -> str:
    """Plain text for places without markup, such as titles and status lines."""
    return " ".join(visible(text).split()).replace("<", f"<{JOINER}")


class _Input:
    """Whole, visible characters and plain line ends: joins surrogate pairs and CR LF that were cut apart."""

    def __init__(self) -> None:
        self._held = ""
        self._before = ""

    def feed(self, delta: str) -> str:
        text = self._held + delta
        self._held = text[-1] if text and (text[-1] == "\r" or "\ud800" <= text[-1] <= "\udbff") else ""
        return self._clean(text[: len(text) - len(self._held)])

    def close(self) -> str:
        text, self._held = self._held, ""
        return self._clean(text)

    def _clean(self, text: str) -> str:
        plain = whole(text).replace("\r\n", "\n").replace("\r", "\n")
        seen = visible(plain, self._before)
        self._before = seen[-1:] or self._before
        return seen


class _Guard:
    """Checks the output last: two harmless pieces may form markup together, which is broken up here."""

    _LIVE_IN_CODE = re.compile(r"<(?=[!@#]|[A-Za-z][A-Za-z0-9+.-]*:[^\s<>|]*(?:\||\Z))")
    _LIVE = re.compile(r"<(?=[!@#A-Za-z/])|\](?=[(\[])")

    def __init__(self) -> None:
        self._last = ""

    def pass_on(self, text: str, kind: str) -> str:
        if not text:
            return ""
        seam = JOINER if self._joins(text, kind) else ""
        self._last = text[-1]
        if kind == "link":
            return seam + text
        live = self._LIVE_IN_CODE if kind == "code" else self._LIVE
        return seam + live.sub(rf"\g<0>{JOINER}", text)

    def _joins(self, text: str, kind: str) -> bool:
        if self._last == "<":
            return text[0] in "!@#/" or (text[0].isascii() and text[0].isalpha())
        if self._last == "!":
            return kind == "link" and text[0] == "["
        return self._last == "]" and text[0] in "(["
