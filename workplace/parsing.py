"""Slack's messages → our values. Names in them are not looked up yet (``reading/markup.py``)."""

from __future__ import annotations

from dataclasses import replace

from conversations.ports.workplace import Message, Person, SharedFile
from untrusted.payload import Json, identifier, items, mapping, string, timestamp
from workplace.reading.attachments import forwards
from workplace.reading.message_text import message_text
from workplace.reading.shared_file import shared_files


def files_of(raw: Json) -> tuple[SharedFile, ...]:
    """The files of a message, each once: its own, and those of the messages that a person forwards with it."""
    ts = timestamp(raw.get("ts"))
    own = [file for shared in items(raw.get("files")) for file in shared_files(shared, ts)]
    found = {file.id: file for file in [*own, *forwarded_files(raw)]}
    return tuple(found.values())


def forwarded_files(raw: Json) -> list[SharedFile]:
    """The files of forwarded messages. What an app attaches to its own messages is never a forward."""
    if is_by_app(raw):
        return []
    ts, found = timestamp(raw.get("ts")), forwards(items(raw.get("attachments")))
    return [replace(file, shared_at=ts, forwarded=True) for forward in found for file in forward.files]


def is_by_app(raw: Json) -> bool:
    """Whether a message was posted by an app."""
    return bool(raw.get("bot_id")) or raw.get("subtype") == "bot_message"


def app(raw: Json) -> Person | None:
    """The app that posted a message, as Slack names it rather than the app itself; None for what people write."""
    bot, profile = identifier(raw.get("bot_id")), mapping(raw.get("bot_profile"))
    name = string(profile.get("name")) or string(raw.get("username"))
    return Person(identifier(raw.get("user")) or bot, name, is_bot=True) if bot else None


def message(raw: Json, bot_user: str, bot_id: str) -> Message:
    """A message of ``conversations.history`` or ``conversations.replies``."""
    user, is_bot = identifier(raw.get("user")), is_by_app(raw)
    own = bool(bot_user and user == bot_user) or bool(bot_id and raw.get("bot_id") == bot_id)
    ts, thread = timestamp(raw.get("ts")), timestamp(raw.get("thread_ts"))
    return Message(
        ts=ts,
        user="" if own else user,
        text=str(message_text(raw)),
        files=files_of(raw),
        is_bot=is_bot or own,
        is_own=own,
        thread_ts="" if thread == ts else thread,
    )
