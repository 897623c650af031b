"""``SlackWorkplace``: the port ``Workplace`` on Slack's Web API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from typing_extensions import override

from conversations.ports.workplace import Discussion, Message, Person, SharedFile, Workplace
from slack_api.api import SlackApi
from slack_api.identity import Identity
from workplace.directory.channels import Channels
from workplace.directory.groups import Groups
from workplace.directory.names import Names
from workplace.directory.people import People
from workplace.download import Downloads
from workplace.files import Files
from workplace.messages import Messages


class SlackWorkplace(Workplace):
    """Reading from one Slack workspace."""

    def __init__(self, api: SlackApi, identity: Identity, file_limit: int) -> None:
        """Reads with one bot token."""
        self._api = api
        self._organisation = identity.enterprise
        self._messages = Messages(api, identity.user, identity.bot)
        self._channels = Channels(api)
        self._files = Files(api, self._messages, self._channels, identity, file_limit)
        self._downloads = Downloads(api.session, api.token, api.url, file_limit)
        self._people = People(api, identity)
        self._groups = Groups(api)
        self._names = Names(self._people, self._channels, self._groups)

    @property
    @override
    def organisation(self) -> str:
        return self._organisation

    @override
    async def message(self, channel: str, ts: str, thread: str = "") -> Message | None:
        found = await self._messages.one(channel, ts, thread)
        return (await self._seen([found]))[0] if found else None

    @override
    async def thread(self, channel: str, thread: str, limit: int = 50) -> Discussion:
        found = await self._messages.thread(channel, thread, limit)
        return replace(found, messages=await self._seen(found.messages))

    async def _seen(self, messages: Sequence[Message]) -> list[Message]:
        texts = await self.as_seen([message.text for message in messages])
        return [replace(message, text=text) for message, text in zip(messages, texts, strict=True)]

    @override
    async def as_seen(self, texts: Sequence[str]) -> Sequence[str]:
        return await self._names.as_seen(texts)

    async def messages_since(self, channel: str, oldest: str, thread: str = "") -> Sequence[Mapping[str, Any]]:
        """Raw messages after a ts, oldest first, for catching up after an outage."""
        return await self._messages.since(channel, oldest, thread)

    @override
    async def recent_files(self, channel: str, days: int = 7) -> Sequence[SharedFile]:
        return await self._files.recent(channel, days)

    @override
    async def resolve(self, channel: str, file: SharedFile) -> SharedFile:
        return await self._files.resolve(channel, file)

    @override
    @asynccontextmanager
    async def open_file(self, channel: str, file: SharedFile) -> AsyncIterator[AsyncIterator[bytes]]:
        """The file's bytes in chunks. A file without an address is resolved first."""
        if not file.url:
            file = await self._files.resolve(channel, file)
        async with self._downloads.open(file) as chunks:
            yield chunks

    @override
    async def person(self, user: str) -> Person:
        return await self._people.person(user)

    @override
    async def account(self, user: str) -> Person:
        return await self._people.account(user)

    @override
    async def apps(self, channel: str) -> Sequence[Person]:
        return await self._messages.apps(channel)

    @override
    async def is_member(self, channel: str, user: str) -> bool:
        return await self._channels.is_member(channel, user)

    @override
    async def channel_name(self, channel: str) -> str:
        return await self._channels.seen_name(channel)

    @override
    async def group_members(self, group: str) -> Collection[str] | None:
        return await self._groups.members(group)

    @override
    async def creator(self, channel: str) -> str:
        return await self._channels.creator(channel)
