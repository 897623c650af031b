"""Slack's JSON → our values: files, messages, and the text of blocks that carry no text of their own."""

from __future__ import annotations

import csv
import io

from conversations.ports.workplace import Message, SharedFile
from untrusted.payload import Json, identifier, items, mapping, moment, number, string, timestamp, values

_LONGEST_NAME = 255
"""Characters of a file's name; longer ones no file system has."""

_DEEPEST = 10
"""How deep lists in lists are read."""

_VANISHED = frozenset({"tombstone", "hidden_by_limit"})


def shared_file(raw: Json, shared_at: str = "") -> SharedFile:
    """A file object of an event, a message or ``files.info``.

    Stubs (Slack Connect, deleted files) have little more than an id.
    https://docs.slack.dev/reference/objects/file-object/

    Args:
        raw: The file object.
        shared_at: ts of the message that carries it, or "".
    """
    kind, size = string(raw.get("mode")) or "hosted", number(raw.get("size"))
    if raw.get("is_external") and kind not in _VANISHED:
        kind = "external"
    times = [moment(raw.get(key)) for key in ("updated", "edit_timestamp", "timestamp", "created")]
    return SharedFile(
        id=identifier(raw.get("id")),
        name=(string(raw.get("name")) or string(raw.get("title")))[:_LONGEST_NAME],
        size=size,
        filetype=string(raw.get("filetype")),
        mimetype=string(raw.get("mimetype")),
        kind=kind,
        user=identifier(raw.get("user")),
        shared_at=shared_at,
        created=moment(raw.get("created")) or moment(raw.get("timestamp")),
        version=f"{next(filter(None, times), 0)}-{size}",
        url=string(raw.get("url_private_download")) or string(raw.get("url_private")),
    )


def files_of(raw: Json) -> tuple[SharedFile, ...]:
    """The files of a message, each once."""
    ts = timestamp(raw.get("ts"))
    found = {file.id: file for file in (shared_file(file, ts) for file in items(raw.get("files"))) if file.id}
    return tuple(found.values())


def message(raw: Json, bot_user: str, bot_id: str) -> Message:
    """A message of ``conversations.history`` or ``conversations.replies``."""
    user = identifier(raw.get("user"))
    is_bot = bool(raw.get("bot_id")) or raw.get("subtype") == "bot_message"
    own = bool(bot_user and user == bot_user) or bool(bot_id and raw.get("bot_id") == bot_id)
    ts, thread = timestamp(raw.get("ts")), timestamp(raw.get("thread_ts"))
    return Message(
        ts=ts,
        user="" if is_bot or own else user,
        text=text_of(raw),
        files=files_of(raw),
        is_bot=is_bot or own,
        is_own=own,
        thread_ts="" if thread == ts else thread,
    )


def text_of(raw: Json) -> str:
    """A message's text as Slack markup; a pasted table is added as CSV in a code fence.

    Tables that people paste into the composer come as ``attachments[].blocks[]`` of type ``table``.
    """
    text, blocks = string(raw.get("text")), items(raw.get("blocks"))
    if not text:
        text = "\n".join(filter(None, map(_block_text, blocks)))
    attached = [block for attachment in items(raw.get("attachments")) for block in items(attachment.get("blocks"))]
    tables = [_table_csv(block) for block in [*blocks, *attached] if block.get("type") == "table"]
    return "\n".join(filter(None, [text, *(f"```csv\n{table}```" for table in tables if table)]))


def _block_text(block: Json) -> str:
    kind = block.get("type")
    if kind == "rich_text":
        return _rich_text(block)
    if kind == "markdown":
        return string(block.get("text"))
    if kind in ("section", "header", "context"):
        shown = [block.get("text"), *values(block.get("fields")), *values(block.get("elements"))]
        return "\n".join(filter(None, (string(mapping(item).get("text")) for item in shown)))
    return ""


def _rich_text(block: Json) -> str:
    return "\n".join(_rich_part(part, _DEEPEST) for part in items(block.get("elements"))).strip("\n")


def _rich_part(part: Json, depth: int) -> str:
    kind, elements = part.get("type"), items(part.get("elements"))
    if kind == "rich_text_list":
        return "\n".join(f"• {_rich_part(item, depth - 1)}" for item in elements if depth)
    inline = "".join(map(_rich_inline, elements))
    if kind == "rich_text_preformatted":
        return f"```\n{inline}\n```"
    return f"> {inline}" if kind == "rich_text_quote" else inline


def _rich_inline(element: Json) -> str:
    pattern, key = _INLINE.get(string(element.get("type")), ("", ""))
    if pattern:
        return pattern.format(string(element.get(key)))
    shown = (string(element.get(key)) for key in ("text", "url", "fallback"))
    return _escaped(next(filter(None, shown), ""))


_INLINE = {
    "user": ("<@{}>", "user_id"),
    "channel": ("<#{}>", "channel_id"),
    "usergroup": ("<!subteam^{}>", "usergroup_id"),
    "broadcast": ("<!{}>", "range"),
    "emoji": (":{}:", "name"),
}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _table_csv(block: Json) -> str:
    rows = [[cell.strip() for cell in map(_cell, values(row))] for row in values(block.get("rows"))]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(row for row in rows if any(row))
    return out.getvalue().replace("```", "'''")


def _cell(raw: object) -> str:
    cell = mapping(raw)
    return _rich_text(cell) if cell.get("type") == "rich_text" else _escaped(string(cell.get("text")))
