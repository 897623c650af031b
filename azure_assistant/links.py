"""``sandbox:`` links in the text of an answer, and what kind of thing a file name is."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import unquote

IMAGES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".webp"))

_PATH = r"(?:[^()\n]|\([^()\n]*\))+?"
_MARKDOWN = re.compile(rf"!?\[([^\]\n]*)\]\(\s*<?sandbox:({_PATH})>?(?:\s+\"[^\"\n]*\")?\s*\)")
_BARE = re.compile(r"sandbox:(/[^\s()\[\]<>\"'`]+)")


@dataclass(frozen=True)
class Link:
    """A link to a file in the sandbox. ``start`` counts characters of the text."""

    name: str
    label: str
    start: int


def sandbox_links(text: str) -> list[Link]:
    """All links, in order: Markdown links with their labels, and bare ``sandbox:`` addresses."""
    found = [Link(_name(match[2]), match[1].strip(), match.start()) for match in _MARKDOWN.finditer(text)]
    rest = _MARKDOWN.sub(lambda match: " " * len(match[0]), text)
    found += [Link(_name(match[1].rstrip(".,;:!?")), "", match.start()) for match in _BARE.finditer(rest)]
    return sorted((link for link in found if link.name), key=lambda link: link.start)


def kind_of(name: str) -> Literal["chart", "file"]:
    """Whether Slack shows a file of that name as an image."""
    return "chart" if PurePosixPath(name).suffix.lower() in IMAGES else "file"


def media_type_of(name: str) -> str:
    """The media type by the name's ending."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _name(path: str) -> str:
    return PurePosixPath(unquote(path.strip())).name
