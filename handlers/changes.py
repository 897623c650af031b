"""Files that change or are deleted, channels that get another id, the app that is removed."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from conversations.service import Conversations

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

    async def changed(self, _body: dict[str, Any], event: dict[str, Any]) -> None:
        """A file may have new content."""
        await self._changes.file_changed(str(event["file_id"]))

    async def deleted(self, _body: dict[str, Any], event: dict[str, Any]) -> None:
        """A file is gone."""
        await self._changes.file_deleted(str(event["file_id"]), str(event["event_ts"]))

    async def moved(self, _body: dict[str, Any], event: dict[str, Any]) -> None:
        """A channel has another id."""
        await self._changes.channel_moved(self._team, str(event["old_channel_id"]), str(event["new_channel_id"]))


class Removal:
    """Takes ``tokens_revoked`` and ``app_uninstalled``; ``happened`` is then set, and the bot ends.

    Args:
        bot_user: The bot's user id: tokens of people are none of its business.
    """

    def __init__(self, bot_user: str) -> None:
        self._bot_user = bot_user
        self.happened = asyncio.Event()

    async def revoked(self, event: dict[str, Any]) -> None:
        """Tokens are revoked."""
        if self._bot_user in ((event.get("tokens") or {}).get("bot") or ()):
            await self.uninstalled()

    async def uninstalled(self) -> None:
        """The app is removed from the workspace."""
        log.error("The app was removed from the workspace, or its bot token was revoked.")
        self.happened.set()
