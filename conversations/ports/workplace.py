"""Reading from Slack: messages, files and people. ``workplace/`` implements ``Workplace``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol


@dataclass(frozen=True)
class SharedFile:
    """A file as a Slack message shows it; only ``id`` is certain before ``Workplace.resolve``.

    ``kind`` is Slack's ``mode`` (``hosted``, ``snippet``, ``external``, ``tombstone``…); ``version`` changes when the
    file's content does; ``shared_at`` is the ts of the message that shared or forwarded it here, or "". ``title`` is ""
    when it is the name; ``forwarded``: it stands in a message that was forwarded here; ``is_own``: the bot has made it.
    """

    id: str
    name: str = ""
    size: int = 0
    filetype: str = ""
    mimetype: str = ""
    kind: str = "hosted"
    user: str = ""
    shared_at: str = ""
    created: int = 0
    version: str = ""
    url: str = ""
    title: str = ""
    forwarded: bool = False
    is_own: bool = False

    def to_json(self) -> dict[str, Any]:
        """For the database. What came later than the other fields is left out while it says nothing."""
        return {name: value for name, value in asdict(self).items() if value or name not in _LATER}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SharedFile:
        """From the database, also when a later version has written it."""
        return cls(**{one.name: value[one.name] for one in fields(cls) if one.name in value})


_LATER = frozenset({"title", "forwarded", "is_own"})


@dataclass(frozen=True)
class Message:
    """A message of a thread or a channel. ``text`` is as its reader sees it; ``user`` is "" for ours and nobody's."""

    ts: str
    user: str
    text: str
    files: Sequence[SharedFile] = ()
    is_bot: bool = False
    is_own: bool = False
    thread_ts: str = ""


@dataclass(frozen=True)
class Discussion:
    """A thread: its last messages, and the files of all its messages, oldest first."""

    messages: Sequence[Message] = ()
    files: Sequence[SharedFile] = ()


@dataclass(frozen=True)
class Person:
    """Who asks. ``locale`` is BCP 47 (``ja-JP``), ``timezone`` an IANA name, ``team`` the person's own workspace.

    ``organisation``: that which ``team`` belongs to, or ""; ``is_admin``: of ``team``; ``is_stranger``: of another
    company than the bot's.
    """

    id: str
    name: str = ""
    locale: str = "en-US"
    timezone: str = "UTC"
    team: str = ""
    is_bot: bool = False
    is_admin: bool = False
    is_guest: bool = False
    is_stranger: bool = False
    is_deactivated: bool = False
    organisation: str = ""


class Workplace(Protocol):
    """Reading from Slack. Methods raise ``AnalystError`` subclasses only (see ``errors.py``)."""

    @property
    def organisation(self) -> str:
        """The id of the organisation that the workspace belongs to; "" if to none."""
        ...

    async def message(self, channel: str, ts: str, thread: str = "") -> Message | None:
        """One message as it stands now, or None when it is gone. ``thread`` is its thread's ts, when it is a reply."""
        ...

    async def thread(self, channel: str, thread: str, limit: int = 50) -> Discussion:
        """The last ``limit`` messages of a thread, oldest first, the root always included; the files of all."""
        ...

    async def as_seen(self, texts: Sequence[str]) -> Sequence[str]:
        """Texts in Slack's markup as their readers see them: names, dates and links in words."""
        ...

    async def recent_files(self, channel: str, days: int = 7) -> Sequence[SharedFile]:
        """Data files of a channel or DM, newest first; those that the bot has made, too."""
        ...

    async def resolve(self, channel: str, file: SharedFile) -> SharedFile:
        """The file's present facts, proven to be shared in ``channel``. Raises ``FileError`` subclasses."""
        ...

    def open_file(self, channel: str, file: SharedFile) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The file's bytes in chunks, authenticated and checked. Raises ``FileError`` on entering or reading."""
        ...

    async def person(self, user: str) -> Person:
        """The person's name, locale and time zone; defaults when Slack does not tell. Unknown users never raise."""
        ...

    async def account(self, user: str) -> Person:
        """The person as Slack tells it now: at most a minute old. Raises ``SlackError`` when Slack does not tell."""
        ...

    async def apps(self, channel: str) -> Sequence[Person]:
        """Apps that have written in a channel lately, by their bots' users, or the ids of bots that have none."""
        ...

    async def is_member(self, channel: str, user: str) -> bool:
        """Whether a person is in a channel: at most a minute old. Raises ``SlackError`` when Slack does not tell."""
        ...

    async def channel_name(self, channel: str) -> str:
        """A channel's name: at most a minute old; "" for one that the bot cannot see. Raises ``SlackError``."""
        ...

    async def group_members(self, group: str) -> Collection[str] | None:
        """Who is in a user group: at most a minute old; None if it may not be known. Raises ``SlackError``."""
        ...

    async def creator(self, channel: str) -> str:
        """Who has made a channel, or whose direct message it is; "" if Slack names nobody. Raises ``SlackError``."""
        ...
