"""Model text is data: nothing in it pings, hides where a link goes, loads an image or names the sandbox.

The cleaning is incremental: fed with any cut of a text, the outputs add up to ``sanitise(text)``. Every decision looks
at a bounded window after the position; while the window is open, the text from there on is held back.

Markup that Slack acts on: https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from replies import sandbox_links
from replies.fences import Fence, fence_after
from replies.links import LinkStyle, base_name, is_live, markup, without_punctuation

JOINER = "\u2060"
"""Word joiner, invisible: between ``<`` and ``!`` it makes Slack's markup inert and keeps it readable, in code too."""

_WINDOW = 2000
_DEEPEST_LABEL = 8
_INDENT = 44
_BLOCK_START = re.compile(r"\n[ \t]*(?:\n|```|[-*+] |\d{1,9}[.)] |#|>|\|)")
_PLAIN = re.compile(r"[^\\`\[\]!<\n$hHsS]+")
_DESTINATION = re.compile(
    r"\(\s{0,9}(?:<([^<>\n]*)>|((?:[^\s()<]|\([^\s()]*\))*))(?:\s{1,9}(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s{0,9}\)"
)
_ANGLED = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,30}:[^\s|<>]*)(?:\|([^<>\n]*))?>")
_ANGLED_SO_FAR = re.compile(r"<(?:[A-Za-z][A-Za-z0-9+.-]{0,30}(?::[^\s|<>]*(?:\|[^<>\n]*)?)?)?\Z")
_URL = re.compile(r"https?://[!#$%&'()*+,./0-9:;=?@A-Z\[\]_a-z~-]+", re.IGNORECASE)
_SANDBOX = re.compile(r"sandbox:/[^\s)\]>`\"'<]*", re.IGNORECASE)
_LONE_LINK = re.compile(r" {0,3}!?\[[^\[\]\n]*\]\(<?sandbox:/[^\n()<>]*>?\)[ \t]*", re.IGNORECASE)
_PARAGRAPH_ENDS = re.compile(r"[ \t]*(?:\n|\Z|```|[-*+] |\d{1,9}[.)] |#|>|\||!?\[)")
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Token(NamedTuple):
    """A decision: ``end`` is where the text goes on, ``kind`` how the output is guarded."""

    end: int
    text: str
    kind: Literal["prose", "code", "link"] = "prose"


class Sanitiser:
    """Cleans Markdown piece by piece.

    Args:
        links: What becomes of links; see ``links.LinkStyle``.
        inline: The text is a part of a line: it has no paragraphs that could be left out.
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
        scan = _Scan(self._buffer, final, self._links, self._before)
        shown: list[str] = []
        position = 0
        while position < len(self._buffer):
            token = self._next(scan, position)
            if token is None:
                break
            shown.append(self._guard.pass_on(token))
            self._before = self._buffer[token.end - 1]
            self._line_start = self._before == "\n"
            position = token.end
        self._buffer = self._buffer[position:]
        return "".join(shown)

    def _next(self, scan: _Scan, position: int) -> _Token | None:
        if self._fence is not None or (self._line_start and scan.may_open_fence(position)):
            line = scan.line(position)
            if line is None:
                return None
            after = fence_after(line, self._fence)
            if self._fence is not None or after is not None:
                self._fence = after
                return _Token(position + len(line), line, "code")
        elif self._line_start:
            end = position if self._inline else scan.after_lone_link(position)
            if end is None or scan.is_open_blank(position):
                return None
            if end > position:
                return _Token(end, "")
        return scan.token(position, line_start=self._line_start)


def sanitise(text: str, links: LinkStyle = "keep", *, inline: bool = False) -> str:
    """Clean a whole text; see ``Sanitiser``."""
    sanitiser = Sanitiser(links, inline=inline)
    return sanitiser.feed(text) + sanitiser.close()


def escape(text: str) -> str:
    """Plain text for mrkdwn: Slack's three control characters as entities, on one line."""
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class _Input:
    """Whole characters and plain line ends: joins surrogate pairs and CR LF that were cut apart."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, delta: str) -> str:
        text = self._held + delta
        self._held = text[-1] if text and (text[-1] == "\r" or "\ud800" <= text[-1] <= "\udbff") else ""
        return self._whole(text[: len(text) - len(self._held)])

    def close(self) -> str:
        text, self._held = self._held, ""
        return self._whole(text)

    @staticmethod
    def _whole(text: str) -> str:
        if _SURROGATE.search(text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


class _Guard:
    """The last gate: what two harmless outputs would form together is taken apart here."""

    _LIVE_IN_CODE = re.compile(r"<(?=[!@#]|[A-Za-z][A-Za-z0-9+.-]*:[^\s<>|]*\|)")
    _OPENER = re.compile(r"<(?=[!@#A-Za-z/])")

    def __init__(self) -> None:
        self._last = ""

    def pass_on(self, token: _Token) -> str:
        text = token.text
        if not text:
            return ""
        seam = JOINER if self._joins(text, token.kind) else ""
        self._last = text[-1]
        if token.kind == "link":
            return seam + text
        if token.kind == "code":
            return seam + self._LIVE_IN_CODE.sub("<" + JOINER, text)
        return seam + self._OPENER.sub("<" + JOINER, text).replace("](", f"]{JOINER}(")

    def _joins(self, text: str, kind: str) -> bool:
        if self._last == "<":
            return text[0] in "!@#/" or (text[0].isascii() and text[0].isalpha())
        if self._last == "!":
            return kind == "link" and text[0] == "["
        return self._last == "]" and text[0] in "(["


class _Scan:
    """Reads tokens of a buffer. ``final``: no more text will follow it; ``before``: the character that it follows."""

    def __init__(self, text: str, final: bool, links: LinkStyle, before: str) -> None:
        self._text = text
        self._before = before
        self._final = final
        self._links = links

    def may_open_fence(self, position: int) -> bool:
        rest = self._text[position : position + _INDENT].lstrip(" \t")
        return rest.startswith("```") or (not self._final and rest in {"`", "``"})

    def is_open_blank(self, position: int) -> bool:
        """Whether only a line's indentation is known, so that a fence may still follow."""
        rest = self._text[position : position + _INDENT]
        return not self._final and len(rest) < _INDENT and not rest.strip(" \t")

    def after_lone_link(self, position: int) -> int | None:
        """Where the text goes on behind a line that is nothing but a link into the sandbox.

        What it leads to is shown below the text, under the link's own label: the line would only say it twice.

        Returns:
            The place; ``position`` when there is no such line here; None while it cannot be told.
        """
        end = self._text.find("\n", position, position + _WINDOW)
        line = self._text[position : end if end >= 0 else position + _WINDOW]
        if not _may_be_lone_link(line):
            return position
        if end < 0 and not self._final:
            return None if len(line) < _WINDOW else position
        if not _LONE_LINK.fullmatch(line):
            return position
        below = self._text[end + 1 : end + 1 + _INDENT] if end >= 0 else ""
        if not self._final and len(below) < _INDENT and "\n" not in below:
            return None
        return position + len(line) + (end >= 0) if _PARAGRAPH_ENDS.match(below) else position

    def line(self, position: int) -> str | None:
        """The line from here on, with its line end; None while it is incomplete."""
        end = self._text.find("\n", position)
        if end >= 0:
            return self._text[position : end + 1]
        return self._text[position:] if self._final else None

    def token(self, position: int, *, line_start: bool) -> _Token | None:
        plain = _PLAIN.match(self._text, position)
        if plain:
            return _Token(plain.end(), plain[0])
        readers = {
            "\\": self._backslash,
            "`": self._code_span,
            "[": self._bracket,
            "!": self._bang,
            "<": self._angle,
            "$": self._dollars,
            "h": self._bare_url,
            "s": self._sandbox,
        }
        reader = readers.get(self._text[position].lower())
        if reader is None:
            return _Token(position + 1, self._text[position])
        token = reader(position)
        if token is not None and token.text.startswith("```\n") and not line_start:
            return _Token(token.end, "\n" + token.text, token.kind)
        return token

    def _window(self, position: int) -> tuple[str, bool]:
        """The text that a decision at ``position`` may depend on, and whether it is all there."""
        stop = _BLOCK_START.search(self._text, position + 1, position + _WINDOW)
        if stop:
            return self._text[position : stop.start()], True
        window = self._text[position : position + _WINDOW]
        return window, self._final or len(window) == _WINDOW

    def _literal(self, position: int, length: int = 1) -> _Token:
        return _Token(position + length, self._text[position : position + length])

    def _backslash(self, position: int) -> _Token | None:
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

    def _dollars(self, position: int) -> _Token | None:
        window, complete = self._window(position)
        if len(window) == 1 and not complete:
            return None
        if not window.startswith("$$"):
            return self._literal(position)
        end = window.find("$$", 2)
        if end > 2:  # noqa: PLR2004 -- there is something between the signs
            return self._formula(position + end + 2, window[2:end], display=True)
        return self._literal(position, 2) if complete or end == 2 else None  # noqa: PLR2004

    def _formula(self, end: int, body: str, *, display: bool) -> _Token:
        """Slack sets no formulas: shown as code, so that no underscore or backslash is lost."""
        body = body.strip()
        if not body or "`" in body:
            return _Token(end, body, "code")
        if display and "\n" in body:
            return _Token(end, f"```\n{body}\n```\n", "code")
        return _Token(end, f"`{' '.join(body.split())}`", "code")

    def _code_span(self, position: int) -> _Token | None:
        window, complete = self._window(position)
        run = len(window) - len(window.lstrip("`"))
        if run == len(window):
            return self._literal(position, run) if complete else None
        for closing in re.finditer("`+", window[run:]):
            at_end = run + closing.end() == len(window)
            if at_end and not complete:
                return None
            if len(closing[0]) == run:
                length = run + closing.end()
                return _Token(position + length, sandbox_links.in_code(window[:length]), "code")
        return self._literal(position, run) if complete else None

    def _bang(self, position: int) -> _Token | None:
        if position + 1 == len(self._text):
            return self._literal(position) if self._final else None
        return self._bracket(position, image=True) if self._text[position + 1] == "[" else self._literal(position)

    def _bracket(self, position: int, *, image: bool = False) -> _Token | None:
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
    ) -> _Token | None:
        """An address for ``[label][name]`` elsewhere: not shown at all, or so that it is none."""
        (window, complete), (begin, end) = known, label
        found = None if image else sandbox_links.definition(window, end + 1, complete=complete)
        if found is not None:
            return _Token(position + found.end, "") if found is not sandbox_links.OPEN else None
        if window[begin:end].startswith("^"):
            return self._literal(position, begin)
        return _Token(position + end + 1, f"[{sanitise(window[begin:end], self._links, inline=True)}]{JOINER}")

    def _reference(
        self, position: int, known: tuple[str, bool], label: tuple[int, int], *, image: bool
    ) -> _Token | None:
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
    ) -> _Token | None:
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

    def _link(self, end: int, label: str, url: str, *, image: bool = False) -> _Token:
        shown = " ".join(sanitise(label, self._links, inline=True).split())
        if image or not is_live(url):
            return _Token(end, shown or ("" if image else base_name(url)))
        return _Token(end, markup(shown, url, self._links), "link")

    def _angle(self, position: int) -> _Token | None:
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

    def _bare_url(self, position: int) -> _Token | None:
        window, complete = self._window(position)
        if not complete and ("https://".startswith(window.lower()) or "http://".startswith(window.lower())):
            return None
        url = _URL.match(window)
        if url is None:
            return self._literal(position)
        if url.end() == len(window) and not complete:
            return None
        address = without_punctuation(url[0])
        spelled = f"`{address}`" if self._links == "spell" else address
        return _Token(position + len(address), spelled, "link")

    def _sandbox(self, position: int) -> _Token | None:
        window, complete = self._window(position)
        if not complete and "sandbox:/".startswith(window.lower()):
            return None
        path = _SANDBOX.match(window)
        if path is None:
            return self._literal(position)
        if path.end() == len(window) and not complete:
            return None
        address = without_punctuation(path[0])
        return _Token(position + len(address), sandbox_links.file_name(address))


def _may_be_lone_link(line: str) -> bool:
    """Whether the beginning of a line leaves it open that the line is only a link into the sandbox."""
    label, closed, address = line.partition("]")
    if not label.lstrip(" ").startswith(("[", "![")):
        return label.lstrip(" ") in {"", "!"} and not closed
    start = address.replace("<", "", 1)[: len("(sandbox:/")].lower()
    return not closed or "(sandbox:/".startswith(start)


def _label_end(window: str, begin: int) -> int | None:
    """Where the bracket closes; None when it does not in this window, -1 when it nests too deep."""
    depth, position = 0, begin
    while position < len(window):
        char = window[position]
        if char == "\\":
            position += 1
        elif char == "[":
            depth += 1
            if depth > _DEEPEST_LABEL:
                return -1
        elif char == "]":
            if depth == 0:
                return position
            depth -= 1
        position += 1
    return None
