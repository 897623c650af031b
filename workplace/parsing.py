"""Slack's JSON → our values: files, messages, and the text of blocks that carry no text of their own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conversations.ports import Message, SharedFile

Json = Mapping[str, Any]

_VANISHED = frozenset({"tombstone", "hidden_by_limit"})


def shared_file(raw: Json, shared_at: str = "") -> SharedFile:
    """A file object of an event, a message or ``files.info``.

    Stubs (Slack Connect, deleted files) have little more than an id.
    https://docs.slack.dev/reference/objects/file-object/

    Args:
        raw: The file object.
        shared_at: ts of the message that carries it, or "".
    """
    kind = str(raw.get("mode") or "hosted")
    if raw.get("is_external") and kind not in _VANISHED:
        kind = "external"
    changed = raw.get("updated") or raw.get("edit_timestamp") or raw.get("timestamp") or raw.get("created") or 0
    return SharedFile(
        id=str(raw.get("id") or ""),
        name=str(raw.get("name") or raw.get("title") or ""),
        size=int(raw.get("size") or 0),
        filetype=str(raw.get("filetype") or ""),
        mimetype=str(raw.get("mimetype") or ""),
        kind=kind,
        user=str(raw.get("user") or ""),
        shared_at=shared_at,
        created=int(raw.get("created") or raw.get("timestamp") or 0),
        version=f"{changed}-{raw.get('size') or 0}",
        url=str(raw.get("url_private_download") or raw.get("url_private") or ""),
    )


def files_of(raw: Json) -> tuple[SharedFile, ...]:
    """The files of a message, each once."""
    ts = str(raw.get("ts") or "")
    found = {file["id"]: shared_file(file, ts) for file in raw.get("files") or () if file.get("id")}
    return tuple(found.values())


def message(raw: Json, bot_user: str, bot_id: str) -> Message:
    """A message of ``conversations.history`` or ``conversations.replies``."""
    user = str(raw.get("user") or "")
    is_bot = bool(raw.get("bot_id")) or raw.get("subtype") == "bot_message"
    own = bool(bot_user and user == bot_user) or bool(bot_id and raw.get("bot_id") == bot_id)
    ts, thread = str(raw.get("ts") or ""), str(raw.get("thread_ts") or "")
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
    text = str(raw.get("text") or "")
    blocks = [block for block in raw.get("blocks") or () if isinstance(block, Mapping)]
    if not text:
        text = "\n".join(filter(None, (_block_text(block) for block in blocks)))
    attached = [
        block
        for attachment in raw.get("attachments") or ()
        for block in attachment.get("blocks") or ()
        if isinstance(block, Mapping)
    ]
    tables = [_table_csv(block) for block in [*blocks, *attached] if block.get("type") == "table"]
    return "\n".join(filter(None, [text, *(f"```csv\n{table}```" for table in tables if table)]))


def _block_text(block: Json) -> str:
    kind = block.get("type")
    if kind == "rich_text":
        return _rich_text(block)
    if kind == "markdown":
        return str(block.get("text") or "")
    if kind in {"section", "header", "context"}:
        texts = [block.get("text"), *(block.get("fields") or ()), *(block.get("elements") or ())]
        return "\n".join(_composition_text(item) for item in texts if _composition_text(item))
    return ""


def _composition_text(item: object) -> str:
    return str(item.get("text") or "") if isinstance(item, Mapping) and isinstance(item.get("text"), str) else ""


def _rich_text(block: Json) -> str:
    return "\n".join(_rich_part(part) for part in block.get("elements") or ()).strip("\n")


def _rich_part(part: Json) -> str:
    kind, elements = part.get("type"), part.get("elements") or ()
    if kind == "rich_text_list":
        return "\n".join(f"• {_rich_part(item)}" for item in elements)
    inline = "".join(map(_rich_inline, elements))
    if kind == "rich_text_preformatted":
        return f"```\n{inline}\n```"
    return f"> {inline}" if kind == "rich_text_quote" else inline


def _rich_inline(element: Json) -> str:
    pattern, key = _INLINE.get(str(element.get("type")), ("", ""))
    if pattern:
        return pattern.format(element.get(key) or "")
    return _escaped(str(element.get("text") or element.get("url") or element.get("fallback") or ""))


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
    rows = [[cell.strip() for cell in _cells(row)] for row in block.get("rows") or ()]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(row for row in rows if any(row))
    return out.getvalue().replace("```", "'''")


def _cells(row: Sequence[Json]) -> Iterator[str]:
    for cell in row or ():
        yield _rich_text(cell) if cell.get("type") == "rich_text" else _escaped(str(cell.get("text") or ""))
