"""Reads a model's Markdown, decision by decision, each within a bounded window: so it takes time as the text is long.

While more text may come, a decision that it could change is put off.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

from replies.markdown import sandbox_links
from replies.markdown.links import LinkStyle, address_of, base_name, is_live, markup, without_punctuation

JOINER = "\u2060"
"""Word joiner, invisible: between ``<`` and ``!`` it makes Slack's markup inert and keeps it readable, in code too."""

WINDOW = 2000
INDENT = 44
_DEEPEST_LABEL = 8
_BLOCK_START = re.compile(r"\n(?=([ \t]*(?:\n|```|[-*+] |\d{1,9}[.)] |#|>|\|)))")
_PLAIN = re.compile(r"(?:[^\\`\[\]!<\n$hHsS]++|[hH](?=[^tT])|[sS](?=[^aA]))++")
_TICKS = re.compile("`+")
_BRACKET = re.compile(r"\\.|[\[\]]", re.DOTALL)
_DESTINATION = re.compile(
    r"\(\s{0,9}(?:<([^<>\n]*)>|((?:[^\s()<]|\([^\s()]*\))*))(?:\s{1,9}(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s{0,9}\)"
)
_ANGLED = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,30}:[^\s|<>]*)(?:\|([^<>\n]*))?>")
_ANGLED_SO_FAR = re.compile(r"<(?:[A-Za-z][A-Za-z0-9+.-]{0,30}(?::[^\s|<>]*(?:\|[^<>\n]*)?)?)?\Z")
_URL = re.compile(r"https?://[!#$%&'()*+,./0-9:;=?@A-Z_a-z~-]*", re.IGNORECASE)
_FOREIGN_URL = re.compile(r"https?://[^\s<>`|\"\[\]]+", re.IGNORECASE)
_WHOLE_HOST = re.compile(r"https?://(?:[^/?#]*[/?#]|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?::\d+)?\Z)", re.IGNORECASE)
_SANDBOX = re.compile(r"sandbox:/[^\s)\]>`\"'<]*", re.IGNORECASE)
_LONE_LINK = re.compile(r" {0,3}!?\[[^\[\]\n]*\]\(<?sandbox:/[^\n()<>]*>?\)[ \t]*", re.IGNORECASE)
_PARAGRAPH_ENDS = re.compile(r"[ \t]*(?:\n|\Z|```|[-*+] |\d{1,9}[.)] |#|>|\||!?\[)")


class Token(NamedTuple):
    """A decision: ``end`` is where the text goes on, ``kind`` how the output is guarded."""

    end: int
    text: str
    kind: Literal["prose", "code", "link"] = "prose"


Clean: TypeAlias = Callable[[str], str]
"""Cleans the label of a link."""


class Scan:
    """Reads tokens of a buffer.

    Args:
        text: The buffer.
        clean: For labels.
        links: What becomes of links.
        final: Whether no more text will follow it.
        before: The character that it follows.
    """

    def __init__(self, text: str, clean: Clean, links: LinkStyle, *, final: bool, before: str) -> None:
        self._text = text
        self._clean = clean
        self._links = links
        self._final = final
        self._before = before
        self._searched = 0, 0
        self._stop: re.Match[str] | None = None
        self._readers: dict[str, Callable[[int], Token | None]] = {
            "\\": self._backslash,
            "`": self._code_span,
            "[": self._bracket,
            "!": self._bang,
            "<": self._angle,
            "$": self._dollars,
            "h": self._bare_url,
            "H": self._bare_url,
            "s": self._sandbox,
            "S": self._sandbox,
        }

    def may_open_fence(self, position: int) -> bool:
        """Whether the line that starts here may open a code fence."""
        rest = self._text[position : position + INDENT].lstrip(" \t")
        return rest.startswith("```") or (not self._final and rest in {"`", "``"})

    def is_open_blank(self, position: int) -> bool:
        """Whether only a line's indentation is known, so that a fence may still follow."""
        rest = self._text[position : position + INDENT]
        return not self._final and len(rest) < INDENT and not rest.strip(" \t")

    def after_lone_link(self, position: int) -> int | None:
        """Where the text goes on behind a line that is nothing but a link into the sandbox.

        What it leads to is shown below the text, under the link's own label: the line would only say it twice.

        Returns:
            The place; ``position`` when there is no such line here; None while it cannot be told.
        """
        end = self._text.find("\n", position, position + WINDOW)
        line = self._text[position : end if end >= 0 else position + WINDOW]
        if not _may_be_lone_link(line):
            return position
        if end < 0 and not self._final:
            return None if len(line) < WINDOW else position
        if not _LONE_LINK.fullmatch(line):
            return position
        below = self._text[end + 1 : end + 1 + INDENT] if end >= 0 else ""
        if not self._final and len(below) < INDENT and "\n" not in below:
            return None
        return position + len(line) + (end >= 0) if _PARAGRAPH_ENDS.match(below) else position

    def line(self, position: int) -> str | None:
        """The line from here on, with its line end; None while it is incomplete. Long lines come in pieces."""
        end = self._text.find("\n", position, position + WINDOW) + 1
        line = self._text[position : end or position + WINDOW]
        return line if end or self._final or len(line) == WINDOW else None

    def token(self, position: int, *, line_start: bool) -> Token | None:
        """The next decision; None while it cannot be made."""
        plain = _PLAIN.match(self._text, position)
        if plain:
            return Token(plain.end(), plain[0])
        reader = self._readers.get(self._text[position])
        if reader is None:
            return Token(position + 1, self._text[position])
        token = reader(position)
        if token is not None and token.text.startswith("```\n") and not line_start:
            return Token(token.end, "\n" + token.text, token.kind)
        return token

    def _window(self, position: int) -> tuple[str, bool]:
        """The text that a decision at ``position`` may depend on, and whether it is all there."""
        stop = self._next_block(position)
        if stop and stop.end(1) <= position + WINDOW:
            return self._text[position : stop.start()], True
        window = self._text[position : position + WINDOW]
        return window, self._final or len(window) == WINDOW

    def _next_block(self, position: int) -> re.Match[str] | None:
        """Where the next block starts. Each part of the text is searched once."""
        begin, end = self._searched
        if not begin <= position < end:
            self._stop = _BLOCK_START.search(self._text, position + 1)
            self._searched = position, self._stop.start() if self._stop else len(self._text)
        return self._stop

    def _literal(self, position: int, length: int = 1) -> Token:
        return Token(position + length, self._text[position : position + length])

    def _backslash(self, position: int) -> Token | None:
        window, complete = self._window(position)
        if len(window) == 1:
            return self._literal(position) if complete else None
        if window[1] in "([":
            closing = "\\)" if window[1] == "(" else "\\]"
            end = window.find(closing, 2)
            if end > 2:  # noqa: PLR2004 -- there is something between the brackets
                return self._formula(position + end + 2, window[2:end], display=closing == "\\]")
            if not complete:
                return None
        return self._literal(position, 1 if window[1] in "<\n" else 2)

    def _dollars(self, position: int) -> Token | None:
        window, complete = self._window(position)
        if len(window) == 1 and not complete:
            return None
        if not window.startswith("$$"):
            return self._literal(position)
        end = window.find("$$", 2)
        if end > 2:  # noqa: PLR2004 -- there is something between the signs
            return self._formula(position + end + 2, window[2:end], display=True)
        return self._literal(position, 2) if complete or end == 2 else None  # noqa: PLR2004

    def _formula(self, end: int, body: str, *, display: bool) -> Token:
        """Slack sets no formulas: shown as code, so that no underscore or backslash is lost."""
        body = body.strip()
        if not body or "`" in body:
            return Token(end, body, "code")
        if display and "\n" in body:
            return Token(end, f"```\n{body}\n```\n", "code")
        return Token(end, f"`{' '.join(body.split())}`", "code")

    def _code_span(self, position: int) -> Token | None:
        window, complete = self._window(position)
        run = len(window) - len(window.lstrip("`"))
        if run == len(window):
            return self._literal(position, run) if complete else None
        for closing in _TICKS.finditer(window, run):
            if closing.end() == len(window) and not complete:
                return None
            if closing.end() - closing.start() == run:
                return Token(position + closing.end(), sandbox_links.in_code(window[: closing.end()]), "code")
        return self._literal(position, run) if complete else None

    def _bang(self, position: int) -> Token | None:
        if position + 1 == len(self._text):
            return self._literal(position) if self._final else None
        return self._bracket(position, image=True) if self._text[position + 1] == "[" else self._literal(position)

    def _bracket(self, position: int, *, image: bool = False) -> Token | None:
        known = window, complete = self._window(position)
        begin = 2 if image else 1
        end = _label_end(window, begin)
        if end is None or end < 0:
            return self._literal(position, begin) if complete or end is not None else None
        after = window[end + 1 : end + 2]
        readers = {"(": self._destination, ":": self._definition, "[": self._reference}
        if reader := readers.get(after):
            return reader(position, known, (begin, end), image=image)
        return self._literal(position, begin) if after or complete else None

    def _definition(
        self, position: int, known: tuple[str, bool], label: tuple[int, int], *, image: bool
    ) -> Token | None:
        """An address for ``[label][name]`` elsewhere: not shown at all, or so that it is none."""
        (window, complete), (begin, end) = known, label
        found = None if image else sandbox_links.definition(window, end + 1, complete=complete)
        if found is not None:
            return Token(position + found.end, "") if found is not sandbox_links.OPEN else None
        if window[begin:end].startswith("^"):
            return self._literal(position, begin)
        return Token(position + end + 1, f"[{self._clean(window[begin:end])}]{JOINER}")

    def _reference(
        self, position: int, known: tuple[str, bool], label: tuple[int, int], *, image: bool
    ) -> Token | None:
        """``[label][name]``, unless these are indices."""
        (window, complete), (begin, end) = known, label
        before = self._text[position - 1] if position else self._before
        is_label = any(char.isalpha() for char in window[begin:end])
        if not is_label or before.isalnum() or before in {"_", "]", ")"}:
            return self._literal(position, begin)
        found = sandbox_links.reference(window, end + 1, complete=complete)
        if found is None or found is sandbox_links.OPEN:
            return None if found else self._literal(position, begin)
        return self._link(position + found.end, window[begin:end], "", image=image)

    def _destination(
        self, position: int, known: tuple[str, bool], label: tuple[int, int], *, image: bool
    ) -> Token | None:
        """What follows a label: a link when an address does, which may not be all there yet."""
        (window, complete), (begin, end) = known, label
        inside = sandbox_links.destination(window, end + 1, complete=complete)
        if inside is not None:
            if inside is sandbox_links.OPEN:
                return None
            return self._link(position + inside.end, window[begin:end] or inside.name, "", image=image)
        found = _DESTINATION.match(window, end + 1)
        if found is None:
            return self._literal(position, begin) if complete else None
        url = found[1] if found[1] is not None else found[2]
        if not image and not any(sign in url for sign in ":/."):
            return self._literal(position)
        return self._link(position + found.end(), window[begin:end], url, image=image)

    def _link(self, end: int, label: str, url: str, *, image: bool = False) -> Token:
        shown = " ".join(self._clean(label).split())
        if image or not is_live(url):
            return Token(end, shown or ("" if image else base_name(url)))
        return Token(end, markup(shown, url, self._links), "link")

    def _angle(self, position: int) -> Token | None:
        window, complete = self._window(position)
        inside = sandbox_links.in_angles(window, complete=complete)
        if inside is not None:
            if inside is sandbox_links.OPEN:
                return None
            return self._link(position + inside.end, inside.label or inside.name, "")
        angled = _ANGLED.match(window)
        if angled and (angled[2] is not None or is_live(angled[1])):
            return self._link(position + angled.end(), angled[2] or "", angled[1])
        if not angled and not complete and _ANGLED_SO_FAR.match(window):
            return None
        return self._literal(position)

    def _bare_url(self, position: int) -> Token | None:
        window, complete = self._window(position)
        if not complete and ("https://".startswith(window.lower()) or "http://".startswith(window.lower())):
            return None
        url = _URL.match(window)
        if url is None:
            return self._literal(position)
        if url.end() == len(window) and not complete:
            return None
        address = without_punctuation(url[0])
        behind = window[url.end() : url.end() + 1]
        if behind.isascii() and address.endswith("//"):
            return self._literal(position)
        if behind.isascii() or _WHOLE_HOST.match(url[0]):
            return self._address(position, address, goes_on=not behind.isascii())
        return self._foreign_url(position, window, complete=complete)

    def _foreign_url(self, position: int, window: str, *, complete: bool) -> Token | None:
        """A bare address whose host has letters beyond ASCII, which may only look like others."""
        url = _FOREIGN_URL.match(window)
        if url is None or (url.end() == len(window) and not complete):
            return None if url else self._literal(position)
        return self._link(position + url.end(), "", url[0])

    def _address(self, position: int, address: str, *, goes_on: bool) -> Token:
        """A bare address. ``goes_on``: letters follow that are none of it, and Slack must not take them for such."""
        if self._links == "spell" or not address_of(address).is_plain:
            return Token(position + len(address), f"`{address}`", "link")
        return Token(position + len(address), f"<{address}>" if goes_on else address, "link")

    def _sandbox(self, position: int) -> Token | None:
        window, complete = self._window(position)
        if not complete and "sandbox:/".startswith(window.lower()):
            return None
        path = _SANDBOX.match(window)
        if path is None:
            return self._literal(position)
        if path.end() == len(window) and not complete:
            return None
        address = without_punctuation(path[0])
        return Token(position + len(address), sandbox_links.file_name(address))


def _may_be_lone_link(line: str) -> bool:
    """Whether the beginning of a line leaves it open that the line is only a link into the sandbox."""
    label, closed, address = line.partition("]")
    if not label.lstrip(" ").startswith(("[", "![")):
        return label.lstrip(" ") in {"", "!"} and not closed
    start = address.replace("<", "", 1)[: len("(sandbox:/")].lower()
    return not closed or "(sandbox:/".startswith(start)


def _label_end(window: str, begin: int) -> int | None:
    """Where the bracket closes; None when it does not in this window, -1 when it nests too deep."""
    depth = 0
    for found in _BRACKET.finditer(window, begin):
        if found[0] == "[":
            depth += 1
            if depth > _DEEPEST_LABEL:
                return -1
        elif found[0] == "]":
            if depth == 0:
                return found.start()
            depth -= 1
    return None
