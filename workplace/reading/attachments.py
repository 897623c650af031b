"""Attachments of a message: forwarded messages, alerts of apps, previews of links, as quotations.

https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments/; forwarded messages are
attachments with ``is_share`` whose ``message_blocks`` are the blocks of the message that was forwarded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conversations.ports.workplace import SharedFile
from untrusted.characters import escaped
from untrusted.payload import Json, flag, identifier, items, mapping, string, timestamp
from workplace.reading.blocks import blocks_text, composition, quoted, table_fences
from workplace.reading.shared_file import shared_files


@dataclass(frozen=True)
class Forward:
    """A message that a person has forwarded: where it stands, and the files that it carries."""

    channel: str
    ts: str
    files: tuple[SharedFile, ...]


DEEPEST = 3
"""How deep forwards of forwards are read."""


def quotations(attachments: Sequence[Json], depth: int = DEEPEST) -> Iterator[str]:
    """What attachments show, each as a quotation; what people paste (tables) is no quotation."""
    for attachment in attachments if depth else ():
        text = _forwarded(attachment, depth) if is_forward(attachment) else _attached(attachment)
        if text.strip():
            yield quoted(text)


def pasted(attachments: Sequence[Json]) -> Iterator[str]:
    """Tables that a person pasted into the composer: they come as blocks of an attachment without anything else."""
    for attachment in attachments:
        if not is_forward(attachment):
            yield from table_fences(items(attachment.get("blocks")))


def forwards(attachments: Sequence[Json], depth: int = DEEPEST) -> Iterator[Forward]:
    """The messages that were forwarded, and those that they forward themselves.

    What an app attaches is never one: it has no channel and ts of a share.
    """
    for attachment in filter(is_forward, attachments if depth else ()):
        channel, ts = identifier(attachment.get("channel_id")), timestamp(attachment.get("ts"))
        if channel and ts:
            files = {file.id: file for raw in items(attachment.get("files")) for file in shared_files(raw, ts)}
            yield Forward(channel, ts, tuple(files.values()))
        yield from forwards(items(attachment.get("attachments")), depth - 1)


def is_forward(attachment: Json) -> bool:
    """Whether it is a message that was forwarded, or whose link was posted."""
    return flag(attachment.get("is_share")) or flag(attachment.get("is_msg_unfurl"))


def _forwarded(attachment: Json, depth: int) -> str:
    messages = [mapping(part.get("message")) for part in items(attachment.get("message_blocks"))]
    said = "\n".join(filter(None, (blocks_text(items(message.get("blocks"))) for message in messages)))
    said = said or string(attachment.get("text")) or string(attachment.get("fallback"))
    names = [string(file.get("name")) or string(file.get("title")) for file in items(attachment.get("files"))]
    files = f"[files: {', '.join(map(escaped, filter(None, names)))}]" if any(names) else ""
    inner = quotations(items(attachment.get("attachments")), depth - 1)
    return "\n".join(filter(None, [_head(attachment), said, files, *inner]))


def _head(attachment: Json) -> str:
    author, channel = identifier(attachment.get("author_id")), identifier(attachment.get("channel_id"))
    name = string(attachment.get("author_name")) or string(attachment.get("author_subname"))
    who = f"<@{author}|{name}>" if author and name else f"<@{author}>" if author else name
    ts = timestamp(attachment.get("ts"))
    when = f"<!date^{ts.partition('.')[0]}^x|>" if ts else ""
    where = f"in <#{channel}>" if channel.startswith("C") else ""
    said = " ".join(filter(None, [f"by {who}" if who else "", where, when]))
    return f"Forwarded message {said}:".replace(" :", ":")


def _attached(attachment: Json) -> str:
    blocks = [block for block in items(attachment.get("blocks")) if block.get("type") != "table"]
    title, link = string(attachment.get("title")), string(attachment.get("title_link"))
    if title and link and not any(sign in title + link for sign in "<>|"):
        title = f"<{link}|{title}>"
    text = string(attachment.get("text"))
    shown = [
        string(attachment.get("pretext")),
        string(attachment.get("author_name")),
        title,
        text,
        *(_field(field) for field in items(attachment.get("fields"))),
        blocks_text(blocks),
        string(attachment.get("footer")),
    ]
    found = "\n".join(filter(None, shown))
    return found or ("" if attachment.get("blocks") else string(attachment.get("fallback")))


def _field(field: Json) -> str:
    return ": ".join(filter(None, [string(field.get("title")), composition(field.get("value"))]))
