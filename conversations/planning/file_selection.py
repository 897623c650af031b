"""Selects the files of a question: those on its message, in its thread, or, failing these, in its channel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conversations.planning.smalltalk import is_small_talk, named_files
from conversations.ports.incoming import BATCH_SECONDS
from conversations.ports.workplace import Message, SharedFile, Workplace

MAX_OTHERS = 20


@dataclass(frozen=True)
class Selection:
    """``files`` are attached; ``others`` are only named to the model."""

    files: Sequence[SharedFile] = ()
    others: Sequence[str] = ()


async def select_files(
    workplace: Workplace,
    channel: str,
    text: str,
    on_message: Sequence[SharedFile],
    thread: Sequence[Message],
    attached: frozenset[str],
) -> Selection:
    """Choose the files of a question.

    Args:
        workplace: Where the channel's recent files are looked up, only when they matter.
        channel: The question's channel; nothing from elsewhere is ever chosen.
        text: The question.
        on_message: Files on its own message.
        thread: Messages of its thread, root included.
        attached: Slack ids of the files that the conversation has already.
    """
    in_thread = [file for message in thread if not message.is_own for file in message.files]
    near = unique([*on_message, *(file for file in in_thread if file.kind != "tombstone")])
    names = named_files(text)
    known = {file.name.lower() for file in near}
    if (near or attached or is_small_talk(text)) and set(names) <= known:
        return Selection(near)
    there = {file.id for file in near}
    recent = [file for file in await workplace.recent_files(channel) if file.id not in there and not file.is_own]
    newest = {file.name.lower(): file for file in reversed(recent)}
    chosen = unique([*near, *(newest[name] for name in names if name not in known and name in newest)])
    if not chosen and not attached:
        chosen = newest_batch(recent)
    taken = {file.id for file in chosen}
    others = [file.name for file in recent if file.id not in taken]
    return Selection(chosen, list(dict.fromkeys(others))[:MAX_OTHERS])


def newest_batch(recent: Sequence[SharedFile]) -> list[SharedFile]:
    """The newest file, with those its uploader shared in the same moment; oldest first."""
    if not recent:
        return []
    newest = recent[0]
    batch = [f for f in recent if f.user == newest.user and newest.created - f.created <= BATCH_SECONDS]
    return batch[::-1]


def unique(files: Iterable[SharedFile]) -> list[SharedFile]:
    """The files without repetition, in order."""
    return list({file.id: file for file in files}.values())
