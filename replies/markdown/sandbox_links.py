"""Links into the sandbox, in the forms that models write them: only what they are called is shown.

Each form is read within a window of the text, and only up to where it ends; None means that it is not all there yet.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from azure_assistant.run.links import sandbox_path

_SCHEME = r"(?:sandbox:|(?:file://|attachment:/{0,2})?/?mnt/data/)"
_IN_LINK = re.compile(rf"\(\s{{0,9}}<?(?={_SCHEME})", re.IGNORECASE)
_IN_LINK_SO_FAR = re.compile(r"\(\s{0,9}<?[a-z:/]{0,18}\Z", re.IGNORECASE)
_TITLE = re.compile(r"\s{1,9}(?:\"[^\"\n]{0,200}\"|'[^'\n]{0,200}')\s{0,9}\Z")
_IN_CODE = re.compile(r"`{1,3}\s{0,9}(sandbox:[^`\n]{1,400})`{1,3}", re.IGNORECASE)
_ANGLED = re.compile(rf"<({_SCHEME}[^<>\n]{{1,400}})>", re.IGNORECASE)
_TAG = re.compile(rf"<(a|img)\s[^<>\n]{{0,300}}?(?:href|src)\s?=\s?[\"']{_SCHEME}[^<>\n]{{0,700}}>", re.IGNORECASE)
_ANGLED_SO_FAR = re.compile(
    rf"<(?:[a-z:/]{{0,18}}|(?:a|img)\s[^<>\n]{{0,1000}}|{_SCHEME}[^<>\n]{{0,400}})\Z", re.IGNORECASE
)
_ALT = re.compile(r"\balt\s?=\s?[\"']([^\"'<>\n]{0,200})[\"']", re.IGNORECASE)
_CLOSING = re.compile(r"</a\s{0,3}>", re.IGNORECASE)
_DEFINITION = re.compile(rf":[ \t]{{0,9}}<?(?={_SCHEME})", re.IGNORECASE)
_DEFINITION_SO_FAR = re.compile(r":[ \t]{0,9}<?[a-z:/]{0,18}\Z", re.IGNORECASE)
_REFERENCE = re.compile(r"\[[^\[\]\n]{0,200}\]")


class Found(NamedTuple):
    """A link. ``end``: where it ends in the window; ``label``: Markdown, to be cleaned; ``name`` of the file."""

    end: int
    label: str
    name: str


OPEN = Found(-1, "", "")
"""It may become one when more text has come."""


def file_name(address: str) -> str:
    """The name of the file that an address in the sandbox leads to."""
    return sandbox_path(address).rpartition("/")[2]


def destination(window: str, begin: int, *, complete: bool) -> Found | None:
    """The address behind a label, up to its bracket; it may have blanks in it, and brackets in pairs."""
    opened = _IN_LINK.match(window, begin)
    if opened is None:
        return OPEN if not complete and _IN_LINK_SO_FAR.match(window, begin) else None
    depth = 0
    for position in range(opened.end(), len(window)):
        sign = window[position]
        if sign == "\n":
            return None
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            address = _TITLE.sub("", window[opened.end() : position]).rstrip("> ")
            return Found(position + 1, "", file_name(address))
    return None if complete else OPEN


def in_code(span: str) -> str:
    """A span of code that is nothing but an address: the file's name in its place, else the span as it is."""
    found = _IN_CODE.fullmatch(span)
    return f"`{file_name(found[1])}`" if found else span


def in_angles(window: str, *, complete: bool) -> Found | None:
    """``<sandbox:…>``, ``<a href="sandbox:…">label</a>`` or ``<img src="sandbox:…" alt="label">``."""
    if angled := _ANGLED.match(window):
        return Found(angled.end(), "", file_name(angled[1]))
    tag = _TAG.match(window)
    if tag is None:
        return OPEN if not complete and _ANGLED_SO_FAR.match(window) else None
    if tag[1].lower() == "img":
        alt = _ALT.search(tag[0])
        return Found(tag.end(), alt[1] if alt else "", "")
    closing = _CLOSING.search(window, tag.end())
    if closing is None:
        return Found(tag.end(), "", "") if complete else OPEN
    return Found(closing.end(), window[tag.end() : closing.start()], "")


def definition(window: str, begin: int, *, complete: bool) -> Found | None:
    """``: sandbox:…`` behind ``[name]``, up to the end of the line: an address that only other places refer to."""
    if _DEFINITION.match(window, begin) is None:
        return OPEN if not complete and _DEFINITION_SO_FAR.match(window, begin) else None
    end = window.find("\n", begin)
    if end >= 0:
        return Found(end, "", "")
    return Found(len(window), "", "") if complete else OPEN


def reference(window: str, begin: int, *, complete: bool) -> Found | None:
    """``[name]`` behind ``[label]``, which Slack knows no more than the address that it stands for."""
    found = _REFERENCE.match(window, begin)
    if found is None:
        return OPEN if not complete and "]" not in window[begin:] and "\n" not in window[begin:] else None
    return Found(found.end(), "", "")
