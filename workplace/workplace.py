"""``SlackWorkplace``: the port ``Workplace`` on Slack's Web API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from conversations.ports.workplace import Message, Person, SharedFile
from slack_api.api import SlackApi
from slack_api.identity import Identity
from workplace.channels import Channel, Channels
from workplace.download import Downloads
from workplace.files import Files
from workplace.messages import Messages
from workplace.people import People
from workplace.recent import recent_files


class SlackWorkplace:
    """Reading from one Slack workspace."""

    def __init__(self, api: SlackApi, identity: Identity, file_limit: int) -> None:
        """Reads with one bot token.

        Args:
            api: The way to Slack.
            identity: Who the bot is.
            file_limit: Bytes of a file at most.
        """
        self._api = api
        self._bot_user = identity.user
        self._messages = Messages(api, identity.user, identity.bot)
        self._files = Files(api, self._messages, file_limit)
        self._downloads = Downloads(api.session, api.token, api.url, file_limit)
        self._people = People(api, identity)
        self._channels = Channels(api)

    async def message(self, channel: str, ts: str, thread: str = "") -> Message | None:
        """See ``Workplace.message``."""
        return await self._messages.one(channel, ts, thread)

    async def thread(self, channel: str, thread: str, limit: int = 50) -> Sequence[Message]:
        """See ``Workplace.thread``."""
        return await self._messages.thread(channel, thread, limit)

    async def messages_since(self, channel: str, oldest: str, thread: str = "") -> Sequence[Mapping[str, Any]]:
        """Raw messages after a ts, oldest first, for catching up after an outage."""
        return await self._messages.since(channel, oldest, thread)

    async def recent_files(self, channel: str, days: int = 7) -> Sequence[SharedFile]:
        """See ``Workplace.recent_files``."""
        return await recent_files(self._api, channel, days, self._bot_user)

    async def resolve(self, channel: str, file: SharedFile) -> SharedFile:
        """See ``Workplace.resolve``."""
        return await self._files.resolve(channel, file)

    @asynccontextmanager
    async def open_file(self, channel: str, file: SharedFile) -> AsyncIterator[AsyncIterator[bytes]]:
        """See ``Workplace.open_file``. A file without an address is resolved first."""
        if not file.url:
            file = await self._files.resolve(channel, file)
        async with self._downloads.open(file) as chunks:
            yield chunks

    async def person(self, user: str) -> Person:
        """See ``Workplace.person``."""
        return await self._people.person(user)

    async def account(self, user: str) -> Person:
        """See ``Workplace.account``."""
        return await self._people.account(user)

    async def channel(self, channel: str) -> Channel:
        """What a channel is."""
        return await self._channels.info(channel)

    async def is_member(self, channel: str, user: str) -> bool:
        """See ``Workplace.is_member``."""
        return await self._channels.is_member(channel, user)
