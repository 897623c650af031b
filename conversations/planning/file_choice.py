"""Which files a question is about. Pure: nothing is asked of Slack, and words are never guessed from.

What stands on the question, in what it forwards and in its thread is the question's. Beyond that the rules decide only
what is certain: a file that the text names, by name or title, in any spelling of it. Without any name the channel's
newest drop is taken. A name that is nowhere, or that two files bear in the same way, is asked about: nothing is
computed from a file that nobody meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from conversations.planning.file_names import Names, find_names, unique
from conversations.planning.naming.spelling import plain
from conversations.ports.incoming import BATCH_SECONDS
from conversations.ports.workplace import SharedFile
from tables import is_data

MAX_OFFERED = 20
MAX_BUTTONS = 5
MAX_OF_THREAD = 50
"""Files of a thread that are taken without being named."""

_NEAR = 60.0
"""Of 100: from how alike a name is offered before others (https://rapidfuzz.github.io/RapidFuzz/)."""


@dataclass(frozen=True)
class Near:
    """What lies near a question. Lists of files run from the oldest to the newest, ``channel`` from the newest."""

    message: Sequence[SharedFile] = ()
    forwarded: Sequence[SharedFile] = ()
    thread: Sequence[SharedFile] = ()
    channel: Sequence[SharedFile] = ()
    own: Sequence[SharedFile] = ()
    """What the bot has made in the channel: taken only when named."""
    held: Sequence[SharedFile] = ()
    """What the conversation has already."""

    @property
    def has_data(self) -> bool:
        """Whether the question has data of its own, so that none is looked for in the channel."""
        return bool(self.held) or any(
            is_data(file.name, file.mimetype, file.filetype) or not file.name for file in self.here
        )

    @property
    def here(self) -> Sequence[SharedFile]:
        """What is taken without being named; of a long thread, the newest."""
        in_thread = [file for file in self.thread if file.kind != "tombstone"]
        return unique([*self.message, *self.forwarded, *in_thread[-MAX_OF_THREAD:]])

    @property
    def everything(self) -> Sequence[SharedFile]:
        """All that may be named."""
        older = [file for file in self.thread[:-MAX_OF_THREAD] if file.kind != "tombstone"]
        return unique([*self.here, *self.held, *older, *self.channel, *self.own])

    @property
    def size(self) -> int:
        """Characters of all names."""
        return sum(len(file.name) + len(file.title) for file in self.everything)


@dataclass(frozen=True)
class Choice:
    """What a question sees, and why.

    ``reasons`` say for each chosen file's id: ``message``, ``forwarded``, ``thread``, ``named`` or ``newest``.
    ``missing`` are names in the text that no file bears. ``doubtful`` are files of which the text names one, and does
    not say which. ``offered`` are those to ask about, when it is not certain. ``others`` lie nearby: the model is told
    of them, and may open them.
    """

    files: Sequence[SharedFile] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    missing: Sequence[str] = ()
    doubtful: Sequence[SharedFile] = ()
    offered: Sequence[SharedFile] = ()
    others: Sequence[SharedFile] = ()

    @property
    def is_certain(self) -> bool:
        """Whether there is nothing to ask the person."""
        return not (self.missing or self.doubtful)


def choose_files(text: str, near: Near, *, wants_data: bool = True) -> Choice:
    """Choose the files of a question.

    Args:
        text: The question, as its reader sees it.
        near: What lies near it.
        wants_data: Whether the question may be about data at all; small talk is not.
    """
    here, everything, held = near.here, near.everything, {file.id for file in near.held}
    found = find_names(text, everything, held | {file.id for file in here})
    reasons = _reasons(near, here)
    added = [file for file in found.named if file.id not in reasons and file.id not in held]
    reasons |= {file.id: "named" for file in added}
    if found.is_silent and wants_data and not near.has_data:
        added = newest_batch(near.channel)
        reasons |= {file.id: "newest" for file in added}
    known = {*reasons, *held}
    others = [file for file in everything if file.id not in known] if wants_data else ()
    return Choice(
        files=[*here, *added],
        reasons=reasons,
        missing=found.missing,
        doubtful=found.doubtful,
        offered=_offered(found, everything),
        others=others[:MAX_OFFERED],
    )


def _offered(found: Names, everything: Sequence[SharedFile]) -> list[SharedFile]:
    data = [file for file in everything if file.name and is_data(file.name, file.mimetype, file.filetype)]
    instead = nearest(found.missing, data) if found.missing else []
    return _one_of_a_name([*found.doubtful, *instead])[:MAX_BUTTONS]


def nearest(names: Sequence[str], files: Sequence[SharedFile]) -> list[SharedFile]:
    """The files to offer in place of names that are nowhere: near names first, then the newest; one of a name."""
    known = {file.id: plain(file.name) for file in files}
    scores = {
        key: max(score, 0.0)
        for name in names
        for _, score, key in process.extract(
            plain(name), known, scorer=fuzz.WRatio, score_cutoff=_NEAR, limit=MAX_BUTTONS
        )
    }
    order = sorted(files, key=lambda file: (-scores.get(file.id, 0.0), -file.created))
    return _one_of_a_name(order)[:MAX_BUTTONS]


def newest_batch(recent: Sequence[SharedFile]) -> list[SharedFile]:
    """The newest file, with those its uploader shared in the same moment; oldest first."""
    if not recent:
        return []
    newest = recent[0]
    batch = [f for f in recent if f.user == newest.user and newest.created - f.created <= BATCH_SECONDS]
    return batch[::-1]


def _reasons(near: Near, here: Sequence[SharedFile]) -> dict[str, str]:
    on_message, forwarded = {file.id for file in near.message}, {file.id for file in near.forwarded}
    return {
        file.id: "message" if file.id in on_message else "forwarded" if file.id in forwarded else "thread"
        for file in here
    }


def _one_of_a_name(files: Iterable[SharedFile]) -> list[SharedFile]:
    """The first file of each name."""
    names: dict[str, SharedFile] = {}
    for file in files:
        names.setdefault(file.name, file)
    return list(names.values())
