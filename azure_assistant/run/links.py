"""Links to files of the sandbox in the text of an answer, and what kind of thing a file name is.

Models write such links in many ways: Markdown with blanks in the path, reference links, HTML, code, bare addresses. One
reading and one decoding of them serve everywhere. Each link is read within a bounded distance, so that the time grows
with the text alone.
"""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import unquote

from untrusted.characters import whole

IMAGES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".webp"))
ROOT = "/mnt/data/"

_LONGEST = 400
_MOST = 500
"""Links that are read; an answer with more is not one for people."""
_ADDRESS = re.compile(
    r"sandbox:/{0,3}(?=[\w.%~-])|(?:file://|attachment:/{0,2})?/?mnt/data/(?=[\w.%~-])", re.IGNORECASE
)
_SCHEME = re.compile(r"(?:sandbox|file|attachment):/{0,3}", re.IGNORECASE)
_INLINE = re.compile(r"\]\(\s{0,9}<?\Z")
_DEFINITION = re.compile(r"(?:\A|\n) {0,3}\[([^\[\]\n]{1,200})\]:[ \t]{0,9}<?\Z")
_ATTRIBUTE = re.compile(r"<(?:a|img)\s[^<>\n]{0,200}?(?:href|src)\s?=\s?([\"'])\Z", re.IGNORECASE)
_ANCHOR_LABEL = re.compile(r"[^<>\n]{0,200}>([^<\n]{0,300})</a\s?>", re.IGNORECASE)
_IMAGE_LABEL = re.compile(r"\balt\s?=\s?[\"']([^\"'<>\n]{0,200})[\"']", re.IGNORECASE)
_TITLE = re.compile(r"\s{1,9}(?:\"[^\"\n]{0,200}\"|'[^'\n]{0,200}')\s{0,9}\Z")
_REFERENCE = re.compile(r"\[([^\[\]\n]{1,200})\] ?\[([^\[\]\n]{1,200})\]")
_NEAR = 14
"""Characters around the place of an address that say what it stands in."""
_BARE = re.compile(rf"[^\s()\[\]<>\"'`|。、，；！？「」『』（）【】]{{1,{_LONGEST}}}")
_ENDED = re.compile(r"\.[A-Za-z0-9]{1,8}(?=[\u2e80-\U0010ffff])")
"""An ending that Japanese text goes on after."""
_QUERY = re.compile(r"(\.[A-Za-z0-9]{1,8})[?#][^/\n]{0,200}\Z")
_NESTED = re.compile(r"!?\[([^\[\]\n]{0,200})\]\([^()\n]{0,400}\)")


@dataclass(frozen=True)
class Link:
    """A link to a file in the sandbox.

    Args:
        path: Below ``/mnt/data/``.
        label: What it is called in the answer, if it is called anything.
        start: Character of the text where the link begins.
        is_definition: Whether the label is the name by which other places refer to the address.
    """

    path: str
    label: str
    start: int
    is_definition: bool = False

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.rpartition("/")[2]


def sandbox_links(text: str) -> list[Link]:
    """All links, in order, with their labels."""
    found: list[Link] = []
    position = 0
    for anchor in islice(_anchors(text), 10 * _MOST):
        if anchor < position:
            continue
        address = _ADDRESS.search(text, max(position, anchor - _NEAR), anchor + _NEAR)
        if address is None:
            continue
        before = text[max(0, address.start() - _LONGEST) : address.start()]
        end, link = _read(text, address, before)
        position = max(end, address.end())
        if link is not None and link.name:
            found.append(link)
        if len(found) == _MOST:
            break
    return _with_references(text, found)


def link_to(path: str, links: Sequence[Link]) -> Link | None:
    """The first link to a path, else the first to another file of that name."""
    name = path.rpartition("/")[2]
    exact = (link for link in links if link.path == path)
    return next(exact, None) or next((link for link in links if link.name == name), None)


def sandbox_path(address: str) -> str:
    """The path below ``/mnt/data/`` of an address as it stands in a link: without scheme, decoded."""
    path = whole(unquote(_QUERY.sub(r"\1", _SCHEME.sub("", address.strip()[: 10 * _LONGEST], count=1)))).strip()
    path = path.lstrip("/").removeprefix(ROOT.lstrip("/"))
    return unicodedata.normalize("NFC", path[:_LONGEST]).strip("/")


def kind_of(name: str) -> Literal["chart", "file"]:
    """Whether Slack shows a file of that name as an image."""
    return "chart" if PurePosixPath(name).suffix.lower() in IMAGES else "file"


def media_type_of(name: str) -> str:
    """The media type by the name's ending."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _anchors(text: str) -> Iterator[int]:
    """Where an address may be: a plain search, which is many times as quick as a pattern."""
    places = {word: text.find(word) for word in ("sandbox:", "mnt/data/")}
    while found := [(place, word) for word, place in places.items() if place >= 0]:
        place, word = min(found)
        yield place
        places[word] = text.find(word, place + len(word))


def _read(text: str, address: re.Match[str], before: str) -> tuple[int, Link | None]:
    """Where the link ends, and the link; its label is still missing when it stands elsewhere."""
    begin = address.start()
    if _INLINE.search(before[-_NEAR:]):
        end = _end_of_destination(text, begin)
        label, start = _label_before(text, begin)
        return end, Link(sandbox_path(_TITLE.sub("", text[begin:end]).rstrip("> ")), label, start)
    if "]:" in before[-_NEAR:] and (definition := _DEFINITION.search(before)):
        end = _end_of_line(text, begin)
        path = sandbox_path(_TITLE.sub("", text[begin:end]).rstrip("> "))
        return end, Link(path, definition[1], begin, is_definition=True)
    if before.endswith(("'", '"')) and (attribute := _ATTRIBUTE.search(before)):
        end = _before(text, begin, attribute[1])
        behind = text[end : end + 2 * _LONGEST]
        labelled = _ANCHOR_LABEL.match(behind) or _IMAGE_LABEL.search(attribute[0]) or _IMAGE_LABEL.match(behind[2:])
        return end, Link(sandbox_path(text[begin:end]), labelled[1].strip() if labelled else "", begin)
    if not address[0].lower().startswith("sandbox:"):
        return address.end(), None
    for mark, closing in (("<", ">"), ("`", "`")):
        if before.endswith(mark):
            end = _before(text, begin, closing)
            return end, Link(sandbox_path(text[begin:end]), "", begin - 1)
    bare = _BARE.match(text, begin)
    written = bare[0].rstrip(".,;:!?*_") if bare else ""
    if ended := _ENDED.search(written):
        written = written[: ended.end()]
    return begin + len(written), Link(sandbox_path(written), "", begin)


def _end_of_destination(text: str, begin: int) -> int:
    """Where the bracket closes that the address stands in; brackets in a path come in pairs."""
    depth = 0
    last = _end_of_line(text, begin)
    for position in range(begin, last):
        if text[position] == "(":
            depth += 1
        elif text[position] == ")":
            if depth == 0:
                return position
            depth -= 1
    return last


def _end_of_line(text: str, begin: int) -> int:
    end = text.find("\n", begin, begin + _LONGEST)
    return end if end >= 0 else min(len(text), begin + _LONGEST)


def _before(text: str, begin: int, closing: str) -> int:
    end = text.find(closing, begin, _end_of_line(text, begin))
    return end if end >= 0 else _end_of_line(text, begin)


def _label_before(text: str, begin: int) -> tuple[str, int]:
    """The label of a Markdown link whose address begins there, and where its bracket opens."""
    close = text.rfind("](", max(0, begin - _NEAR), begin)
    depth = 0
    for position in range(close - 1, max(-1, close - _LONGEST), -1):
        sign = text[position]
        if sign == "\n":
            break
        if sign == "]":
            depth += 1
        elif sign == "[":
            if depth == 0:
                image = position > 0 and text[position - 1] == "!"
                return _NESTED.sub(r"\1", text[position + 1 : close]).strip(), position - image
            depth -= 1
    return "", close


def _with_references(text: str, links: list[Link]) -> list[Link]:
    """The links, definitions (``[1]: sandbox:…``) with label and place of what refers to them: ``[label][1]``."""
    if not any(link.is_definition for link in links):
        return links
    used = {found[2]: found for found in reversed(list(_REFERENCE.finditer(text)))}
    whole = []
    for link in links:
        use = used.get(link.label) if link.is_definition else None
        whole.append(Link(link.path, use[1].strip(), use.start()) if use else link)
    return sorted(whole, key=lambda link: link.start)
