"""Links of a model's Markdown, in the forms that Slack or Markdown know; what becomes of them is said in ``links``.

A reader takes the place of a link's first character; None means that more text could change the decision.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from replies.markdown import sandbox_links
from replies.markdown.links import LinkStyle, address_of, base_name, is_live, markup, without_punctuation
from replies.markdown.source import JOINER, Source, Token

_DEEPEST_LABEL = 8
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

Clean: TypeAlias = Callable[[str], str]
"""Cleans the label of a link."""


class LinkReader:
    """Reads links."""

    def __init__(self, source: Source, clean: Clean, links: LinkStyle) -> None:
        self._source = source
        self._clean = clean
        self._links = links

    def bang(self, position: int) -> Token | None:
        """``![``, an image."""
        behind = self._source.text[position + 1 : position + 2]
        if behind == "[":
            return self.bracket(position, image=True)
        return self._source.literal(position) if behind or self._source.final else None

    def bracket(self, position: int, *, image: bool = False) -> Token | None:
        """``[``, a label with what belongs to it."""
        known = window, complete = self._source.window(position)
        begin = 2 if image else 1
        end = _label_end(window, begin)
        if end is None or end < 0:
            return self._source.literal(position, begin) if complete or end is not None else None
        after = window[end + 1 : end + 2]
        readers = {"(": self._destination, ":": self._definition, "[": self._reference}
        if reader := readers.get(after):
            return reader(position, known, (begin, end), image=image)
        return self._source.literal(position, begin) if after or complete else None

    def angle(self, position: int) -> Token | None:
        """``<``, an address or a tag."""
        window, complete = self._source.window(position)
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
        return self._source.literal(position)

    def bare_url(self, position: int) -> Token | None:
        """``h``, a bare address."""
        window, complete = self._source.window(position)
        if not complete and ("https://".startswith(window.lower()) or "http://".startswith(window.lower())):
            return None
        url = _URL.match(window)
        if url is None:
            return self._source.literal(position)
        if url.end() == len(window) and not complete:
            return None
        address = without_punctuation(url[0])
        behind = window[url.end() : url.end() + 1]
        if behind.isascii() and address.endswith("//"):
            return self._source.literal(position)
        if behind.isascii() or _WHOLE_HOST.match(url[0]):
            return self._address(position, address, goes_on=not behind.isascii())
        return self._foreign_url(position, window, complete=complete)

    def sandbox(self, position: int) -> Token | None:
        """``s``, a bare address in the sandbox."""
        window, complete = self._source.window(position)
        if not complete and "sandbox:/".startswith(window.lower()):
            return None
        path = _SANDBOX.match(window)
        if path is None:
            return self._source.literal(position)
        if path.end() == len(window) and not complete:
            return None
        address = without_punctuation(path[0])
        return Token(position + len(address), sandbox_links.file_name(address))

    def _definition(
        self, position: int, known: tuple[str, bool], label: tuple[int, int], *, image: bool
    ) -> Token | None:
        """The definition of a reference link: left out, or shown as plain text."""
        (window, complete), (begin, end) = known, label
        found = None if image else sandbox_links.definition(window, end + 1, complete=complete)
        if found is not None:
            return Token(position + found.end, "") if found is not sandbox_links.OPEN else None
        if window[begin:end].startswith("^"):
            return self._source.literal(position, begin)
        return Token(position + end + 1, f"[{self._clean(window[begin:end])}]{JOINER}")

    def _reference(
        self, position: int, known: tuple[str, bool], label: tuple[int, int], *, image: bool
    ) -> Token | None:
        """``[label][name]``, unless these are indices."""
        (window, complete), (begin, end) = known, label
        before = self._source.before(position)
        is_label = any(char.isalpha() for char in window[begin:end])
        if not is_label or before.isalnum() or before in {"_", "]", ")"}:
            return self._source.literal(position, begin)
        found = sandbox_links.reference(window, end + 1, complete=complete)
        if found is None or found is sandbox_links.OPEN:
            return None if found else self._source.literal(position, begin)
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
            return self._source.literal(position, begin) if complete else None
        url = found[1] if found[1] is not None else found[2]
        if not image and not any(sign in url for sign in ":/."):
            return self._source.literal(position)
        return self._link(position + found.end(), window[begin:end], url, image=image)

    def _link(self, end: int, label: str, url: str, *, image: bool = False) -> Token:
        shown = " ".join(self._clean(label).split())
        if image or not is_live(url):
            return Token(end, shown or ("" if image else base_name(url)))
        return Token(end, markup(shown, url, self._links), "link")

    def _foreign_url(self, position: int, window: str, *, complete: bool) -> Token | None:
        """A bare address whose host has letters beyond ASCII, which may only look like others."""
        url = _FOREIGN_URL.match(window)
        if url is None or (url.end() == len(window) and not complete):
            return None if url else self._source.literal(position)
        return self._link(position + url.end(), "", url[0])

    def _address(self, position: int, address: str, *, goes_on: bool) -> Token:
        """A bare address. ``goes_on``: letters follow that are none of it, and Slack must not take them for such."""
        if self._links == "spell" or not address_of(address).is_plain:
            return Token(position + len(address), f"`{address}`", "link")
        return Token(position + len(address), f"<{address}>" if goes_on else address, "link")


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
