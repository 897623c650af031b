"""Reads a model's Markdown token by token.

A token that more text could change is not read until that text has come.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from replies.markdown import sandbox_links
from replies.markdown.link_reading import Clean, LinkReader
from replies.markdown.links import LinkStyle
from replies.markdown.source import WINDOW, Source, Token

INDENT = 44
_PLAIN = re.compile(r"(?:[^\\`\[\]!<\n$hHsS]++|[hH](?=[^tT])|[sS](?=[^aA]))++")
_TICKS = re.compile("`+")
_LONE_LINK = re.compile(r" {0,3}!?\[[^\[\]\n]*\]\(<?sandbox:/[^\n()<>]*>?\)[ \t]*", re.IGNORECASE)
_PARAGRAPH_ENDS = re.compile(r"[ \t]*(?:\n|\Z|```|[-*+] |\d{1,9}[.)] |#|>|\||!?\[)")


class Scan:
    """Reads tokens of a buffer."""

    def __init__(self, source: Source, clean: Clean, links: LinkStyle) -> None:
        self._source = source
        reader = LinkReader(source, clean, links)
        self._readers: dict[str, Callable[[int], Token | None]] = {
            "\\": self._backslash,
            "`": self._code_span,
            "$": self._dollars,
            "[": reader.bracket,
            "!": reader.bang,
            "<": reader.angle,
            "h": reader.bare_url,
            "H": reader.bare_url,
            "s": reader.sandbox,
            "S": reader.sandbox,
        }

    def may_open_fence(self, position: int) -> bool:
        """Whether the line that starts here may open a code fence."""
        rest = self._source.text[position : position + INDENT].lstrip(" \t")
        return rest.startswith("```") or (not self._source.final and rest in {"`", "``"})

    def is_open_blank(self, position: int) -> bool:
        """Whether only a line's indentation is known, so that a fence may still follow."""
        rest = self._source.text[position : position + INDENT]
        return not self._source.final and len(rest) < INDENT and not rest.strip(" \t")

    def after_lone_link(self, position: int) -> int | None:
        """Where the text goes on behind a line that is nothing but a link into the sandbox.

        What it leads to is shown below the text, under the link's own label: the line would only say it twice.

        Returns:
            The place; ``position`` when there is no such line here; None while it cannot be told.
        """
        end = self._source.text.find("\n", position, position + WINDOW)
        line = self._source.text[position : end if end >= 0 else position + WINDOW]
        if not _may_be_lone_link(line):
            return position
        if end < 0 and not self._source.final:
            return None if len(line) < WINDOW else position
        if not _LONE_LINK.fullmatch(line):
            return position
        below = self._source.text[end + 1 : end + 1 + INDENT] if end >= 0 else ""
        if not self._source.final and len(below) < INDENT and "\n" not in below:
            return None
        return position + len(line) + (end >= 0) if _PARAGRAPH_ENDS.match(below) else position

    def token(self, position: int, *, line_start: bool) -> Token | None:
        """The next decision; None while it cannot be made."""
        plain = _PLAIN.match(self._source.text, position)
        if plain:
            return Token(plain.end(), plain[0])
        reader = self._readers.get(self._source.text[position])
        if reader is None:
            return Token(position + 1, self._source.text[position])
        token = reader(position)
        if token is not None and token.text.startswith("```\n") and not line_start:
            return Token(token.end, "\n" + token.text, token.kind)
        return token

    def _backslash(self, position: int) -> Token | None:
        window, complete = self._source.window(position)
        if len(window) == 1:
            return self._source.literal(position) if complete else None
        if window[1] in "([":
            closing = "\\)" if window[1] == "(" else "\\]"
            end = window.find(closing, 2)
            if end > 2:  # noqa: PLR2004 -- there is something between the brackets
                return self._formula(position + end + 2, window[2:end], display=closing == "\\]")
            if not complete:
                return None
        return self._source.literal(position, 1 if window[1] in "<\n" else 2)

    def _dollars(self, position: int) -> Token | None:
        window, complete = self._source.window(position)
        if len(window) == 1 and not complete:
            return None
        if not window.startswith("$$"):
            return self._source.literal(position)
        end = window.find("$$", 2)
        if end > 2:  # noqa: PLR2004 -- there is something between the signs
            return self._formula(position + end + 2, window[2:end], display=True)
        return self._source.literal(position, 2) if complete or end == 2 else None  # noqa: PLR2004

    def _formula(self, end: int, body: str, *, display: bool) -> Token:
        """A formula as code, since Slack cannot set it: so no underscore or backslash is lost."""
        body = body.strip()
        if not body or "`" in body:
            return Token(end, body, "code")
        if display and "\n" in body:
            return Token(end, f"```\n{body}\n```\n", "code")
        return Token(end, f"`{' '.join(body.split())}`", "code")

    def _code_span(self, position: int) -> Token | None:
        window, complete = self._source.window(position)
        run = len(window) - len(window.lstrip("`"))
        if run == len(window):
            return self._source.literal(position, run) if complete else None
        for closing in _TICKS.finditer(window, run):
            if closing.end() == len(window) and not complete:
                return None
            if closing.end() - closing.start() == run:
                return Token(position + closing.end(), sandbox_links.in_code(window[: closing.end()]), "code")
        return self._source.literal(position, run) if complete else None


def _may_be_lone_link(line: str) -> bool:
    """Whether the beginning of a line leaves it open that the line is only a link into the sandbox."""
    label, closed, address = line.partition("]")
    if not label.lstrip(" ").startswith(("[", "![")):
        return label.lstrip(" ") in {"", "!"} and not closed
    start = address.replace("<", "", 1)[: len("(sandbox:/")].lower()
    return not closed or "(sandbox:/".startswith(start)
