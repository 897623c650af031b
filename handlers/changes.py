"""Files that change or are deleted, channels that get another id, the app that is removed."""

from __future__ import annotations

import asyncio
import logging

from slack_bolt.context.async_context import AsyncBoltContext

from conversations.service import Conversations
from untrusted.payload import Json, identifier, mapping, timestamp, values

log = logging.getLogger(__name__)


class FileChanges:
    """Takes ``file_change``, ``file_deleted`` and ``channel_id_changed``.

    Args:
        conversations: What uses the files and channels.
        team: The workspace, as events name it.
    """

    def __init__(self, conversations: Conversations, team: str) -> None:
        self._changes = conversations.changes
        self._team = team

    async def changed(self, event: Json) -> None:
        """A file may have new content."""
        if file := _file(event):
            await self._changes.file_changed(file)

    async def deleted(self, event: Json) -> None:
        """A file is gone."""
        if file := _file(event):
            await self._changes.file_deleted(file, timestamp(event.get("event_ts")))

    async def moved(self, event: Json) -> None:
        """A channel has another id."""
        old, new = identifier(event.get("old_channel_id")), identifier(event.get("new_channel_id"))
        if old and new:
            await self._changes.channel_moved(self._team, old, new)


class Removal:
    """Takes ``tokens_revoked`` and ``app_uninstalled``; ``happened`` is then set, and the bot ends.

    Args:
        bot_user: The bot's user id: tokens of people are none of its business.
    """

    def __init__(self, bot_user: str) -> None:
        self._bot_user = bot_user
        self.happened = asyncio.Event()

    async def revoked(self, context: AsyncBoltContext) -> None:
        """Tokens are revoked."""
        event = mapping(context["payload"].get("event"))
        if self._bot_user in values(mapping(event.get("tokens")).get("bot")):
            await self.uninstalled()

    async def uninstalled(self) -> None:
        """The app is removed from the workspace."""
        log.error("The app was removed from the workspace, or its bot token was revoked.")
        self.happened.set()


def _file(event: Json) -> str:
    return identifier(event.get("file_id")) or identifier(mapping(event.get("file")).get("id"))
