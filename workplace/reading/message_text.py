"""What a message says, as Slack markup: its own words, and what it shows beside them.

A client shows the blocks of a message and not its ``text``, which is for notifications; both are the same in what
people write, so there the text is taken. https://docs.slack.dev/reference/methods/chat.postMessage#text
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from untrusted.payload import Json, items, string
from workplace.reading.attachments import is_forward, pasted, quotations
from workplace.reading.blocks import blocks_text, table_fences


@dataclass(frozen=True)
class MessageText:
    """``words`` are the message's own; ``beside`` are pictures, and forwards, alerts and previews as quotations.

    ``forwards``: one of those is a message that was forwarded.
    """

    words: str
    beside: str
    forwards: bool = False

    def __str__(self) -> str:
        return _lines([self.words, self.beside])


def message_text(raw: Json) -> MessageText:
    """Read a message of an event, a history, a shortcut or a forward."""
    attachments = items(raw.get("attachments"))
    blocks = items(raw.get("blocks"))
    is_picture = bool(blocks) and all(block.get("type") in ("image", "video") for block in blocks)
    words = [string(raw.get("text")) if is_picture else _words(raw, blocks), *pasted(attachments)]
    beside = [blocks_text(blocks) if is_picture else "", *quotations(attachments)]
    return MessageText(_lines(words), _lines(beside), any(map(is_forward, attachments)))


def _words(raw: Json, blocks: list[Json]) -> str:
    text = string(raw.get("text"))
    others = [block for block in blocks if block.get("type") not in ("rich_text", "table")]
    if text and not others and not raw.get("bot_id"):
        return "\n".join([text, *table_fences(blocks)])
    return blocks_text(blocks) or text


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(filter(None, parts))
