"""Slack's file objects → our values."""

from __future__ import annotations

from conversations.ports.workplace import SharedFile
from untrusted.payload import Json, identifier, moment, number, string

_LONGEST_NAME = 255
"""Characters of a file's name; longer ones no file system has."""

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
    title = string(raw.get("title"))[:_LONGEST_NAME]
    name = string(raw.get("name"))[:_LONGEST_NAME] or title
    times = [moment(raw.get(key)) for key in ("updated", "edit_timestamp", "timestamp", "created")]
    return SharedFile(
        id=identifier(raw.get("id")),
        name=name,
        size=size,
        filetype=string(raw.get("filetype")),
        mimetype=string(raw.get("mimetype")),
        kind=kind,
        user=identifier(raw.get("user")),
        shared_at=shared_at,
        created=moment(raw.get("created")) or moment(raw.get("timestamp")),
        version=f"{next(filter(None, times), 0)}-{size}",
        url=string(raw.get("url_private_download")) or string(raw.get("url_private")),
        title="" if title == name else title,
    )
