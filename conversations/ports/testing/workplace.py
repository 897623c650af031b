"""A workspace that can be read, in memory: what the real one refuses is refused."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from conversations.errors import FileDeleted, FileElsewhere, FileEmpty, FileExternal, FileKindUnsupported
from conversations.ports.workplace import Discussion, Message, Person, SharedFile
from errors import AnalystError
from tables import is_data, is_taken
from untrusted.characters import unescaped

_DAY = 24 * 60 * 60.0


class FakeWorkplace:
    """A workspace: implements ``Workplace``.

    Args:
        *people: Those whom Slack tells of; of anybody else it tells nothing.
        chunk: Bytes of a file that are handed over at a time.
    """

    def __init__(self, *people: Person, chunk: int = 4) -> None:
        self._chunk = chunk
        self.people = {person.id: person for person in people}
        self.organisation = ""
        self.absent: set[tuple[str, str]] = set()
        """Channels, and people who are not in them."""
        self.names: dict[str, str] = {}
        """What channels are called."""
        self.groups: dict[str, set[str]] = {}
        """Who is in which group; of others nothing may be known."""
        self.creators: dict[str, str] = {}
        """By channel."""
        self.refuses: AnalystError | None = None
        """What everything but ``person`` fails with."""
        self.asked: list[str] = []
        """The verbs that Slack would have been asked for, but for ``person``, in order."""
        self._messages = defaultdict[str, dict[str, Message]](dict)
        self._files: dict[str, tuple[SharedFile, bytes]] = {}
        self._channels = defaultdict[str, set[str]](set)

    def post(self, channel: str, message: Message) -> None:
        """Let a message stand in a channel."""
        self._messages[channel][message.ts] = message

    def share(self, channel: str, file: SharedFile, data: bytes) -> SharedFile:
        """Let a file be shared in a channel; returns it with its size."""
        file = replace(file, size=len(data), url=f"https://files.test/{file.id}")
        self._files[file.id] = file, data
        self._channels[file.id].add(channel)
        return file

    def remove(self, channel: str, ts: str) -> None:
        """Delete a message, and its files with it."""
        for file in self._messages[channel].pop(ts).files:
            self._files.pop(file.id, None)

    async def message(self, channel: str, ts: str, thread: str = "") -> Message | None:
        """See ``Workplace``."""
        self._answer("message")
        return self._messages[channel].get(ts)

    async def thread(self, channel: str, thread: str, limit: int = 50) -> Discussion:
        """See ``Workplace``."""
        self._answer("thread")
        here = self._messages[channel]
        replies = [message for ts, message in sorted(here.items()) if message.thread_ts == thread and ts != thread]
        root = [here[thread]] if thread in here else []
        files = [replace(f, is_own=message.is_own) for message in (*root, *replies) for f in message.files]
        return Discussion([*root, *replies[-max(1, limit - 1) :]], files)

    async def as_seen(self, texts: Sequence[str]) -> Sequence[str]:
        """See ``Workplace``: everybody's name is known, and of the rest of the markup only entities."""
        for person in self.people.values():
            texts = [text.replace(f"<@{person.id}>", f"@{person.name}") for text in texts]
        return [unescaped(text) for text in texts]

    async def recent_files(self, channel: str, days: int = 7) -> Sequence[SharedFile]:
        """See ``Workplace``."""
        self._answer("recent_files")
        since = time.time() - days * _DAY
        here = [file for file, _ in self._files.values() if channel in self._channels[file.id]]
        data = [file for file in here if file.size and is_data(file.name, file.mimetype, file.filetype)]
        return sorted((file for file in data if file.created >= since), key=lambda file: file.created, reverse=True)

    async def resolve(self, channel: str, file: SharedFile) -> SharedFile:
        """See ``Workplace``."""
        self._answer("resolve")
        if file.id not in self._files:
            raise FileDeleted(name=file.name)
        found, _ = self._files[file.id]
        if channel not in self._channels[file.id]:
            raise FileElsewhere(name=file.name)
        if found.kind == "external":
            raise FileExternal(name=found.name)
        if not is_taken(found.name, found.mimetype, found.filetype):
            raise FileKindUnsupported(name=found.name, kind=found.filetype or "?")
        if not found.size:
            raise FileEmpty(name=found.name)
        return found

    @asynccontextmanager
    async def open_file(self, channel: str, file: SharedFile) -> AsyncIterator[AsyncIterator[bytes]]:
        """See ``Workplace``."""
        data = self._files[(await self.resolve(channel, file)).id][1]

        async def chunks() -> AsyncIterator[bytes]:
            for begin in range(0, len(data), self._chunk):
                yield data[begin : begin + self._chunk]

        yield chunks()

    async def person(self, user: str) -> Person:
        """See ``Workplace``."""
        return self.people.get(user, Person(user))

    async def account(self, user: str) -> Person:
        """See ``Workplace``."""
        self._answer("account")
        return self.people.get(user) or Person(user, is_stranger=True)

    async def apps(self, channel: str) -> Sequence[Person]:
        """See ``Workplace``."""
        self._answer("apps")
        posted = {message.user for message in self._messages[channel].values() if message.is_bot}
        return [person for person in self.people.values() if person.is_bot and person.id in posted]

    async def is_member(self, channel: str, user: str) -> bool:
        """See ``Workplace``."""
        self._answer("is_member")
        return user in self.people and (channel, user) not in self.absent

    async def channel_name(self, channel: str) -> str:
        """See ``Workplace``."""
        self._answer("channel_name")
        return self.names.get(channel, "")

    async def group_members(self, group: str) -> Collection[str] | None:
        """See ``Workplace``."""
        self._answer("group_members")
        return self.groups.get(group)

    async def creator(self, channel: str) -> str:
        """See ``Workplace``."""
        self._answer("creator")
        return self.creators.get(channel, "")

    def _answer(self, verb: str) -> None:
        self.asked.append(verb)
        if self.refuses:
            raise self.refuses
