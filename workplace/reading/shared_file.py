"""Slack's file objects → our values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conversations.ports.workplace import SharedFile
from untrusted.payload import Json, identifier, items, moment, number, string

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


def shared_files(raw: Json, shared_at: str = "") -> Sequence[SharedFile]:
    """The same, and in place of an email with attachments the attachments; nothing for what has no id."""
    email = shared_file(raw, shared_at)
    attached = attachments_of(raw) if email.kind == "email" else []
    parts = [part for number in range(len(attached)) if (part := attachment(raw, number, shared_at)).id]
    return parts or ([email] if email.id else [])


def attachments_of(email: Json) -> Sequence[Json]:
    """What Slack tells of an email's attachments, which are no files of their own."""
    return items(email.get("attachments"))


def attachment(email: Json, place: int, shared_at: str) -> SharedFile:
    """An attachment of an email as a file: its id is the email's and its place."""
    whole, raw = shared_file(email, shared_at), attachments_of(email)[place]
    return replace(
        whole,
        id=identifier(f"{whole.id}-{place}") if whole.id else "",
        name=string(raw.get("filename"))[:_LONGEST_NAME],
        size=number(raw.get("size")),
        filetype="",
        mimetype=string(raw.get("mimetype")),
        kind="hosted",
        url=string(raw.get("url")),
        title="",
    )


def split_id(file: str) -> tuple[str, int | None]:
    """The id that Slack knows, and which of an email's attachments it is."""
    known, _, place = file.partition("-")
    return (known, int(place)) if place.isascii() and place.isdecimal() else (file, None)
