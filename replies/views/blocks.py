"""Small builders of Block Kit parts, within their limits (https://docs.slack.dev/reference/block-kit/blocks)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from replies.markdown.tables import Block

_SECTION = 3000
_ELEMENTS = 10
_CONTEXT = 1900
_HALF_ENTITY = re.compile(r"&[a-z]{0,3}\Z")


def plain(text: str, longest: int) -> Block:
    """A plain_text object, shortened to what its place allows."""
    return {"type": "plain_text", "text": text if len(text) <= longest else text[: longest - 1] + "…"}


def section(text: str) -> Block:
    """A paragraph of mrkdwn."""
    return {"type": "section", "text": _mrkdwn(text, _SECTION)}


def contexts(lines: Sequence[str]) -> list[Block]:
    """Small print, a line for each element; as many blocks as that takes."""
    elements = [_mrkdwn(line, _CONTEXT) for line in lines]
    return [
        {"type": "context", "elements": elements[begin : begin + _ELEMENTS]}
        for begin in range(0, len(elements), _ELEMENTS)
    ]


def _mrkdwn(text: str, longest: int) -> Block:
    """Only what is marked up counts: a bare ``@here`` or address in a file's name stays what it is.

    https://docs.slack.dev/reference/block-kit/composition-objects/text-object (``verbatim``)
    """
    if len(text) > longest:
        text = _HALF_ENTITY.sub("", text[: longest - 1]) + "…"
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def markdown(text: str) -> Block:
    """Standard Markdown."""
    return {"type": "markdown", "text": text}


def button(label: str, action_id: str, value: str, *, style: str = "") -> Block:
    """A button; ``style`` is ``primary``, ``danger`` or "" for the ordinary look."""
    made: Block = {"type": "button", "text": plain(label, 75), "action_id": action_id, "value": value[:2000]}
    return {**made, "style": style} if style else made


def actions(*elements: Block) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(elements)}


def preformatted(text: str) -> Block:
    """Text exactly as it is; nothing in it is markup."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}],
    }
