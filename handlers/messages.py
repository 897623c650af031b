"""``message`` events: what people write, change and delete."""

from __future__ import annotations

from dataclasses import replace

from conversations.ports.incoming import UserText
from conversations.service import Conversations
from slack_api.identity import Identity
from untrusted.payload import Json
from workplace import events


class Messages:
    """Takes ``message`` events of channels, groups and direct messages."""

    def __init__(self, conversations: Conversations, identity: Identity) -> None:
        self._intake = conversations.intake
        self._identity = identity

    async def handle(self, event: Json) -> None:
        """Accept what was written; own posts, other bots, unfurls and system messages come to nothing."""
        if written := events.user_text(event, self._identity):
            await self._intake.user_text(addressed(written, self._identity.user))
        elif edited := events.edited_text(event, self._identity):
            now = addressed(edited.now, self._identity.user)
            await self._intake.edited(now, asks_now=edited.adds_mention)
        elif gone := events.deleted_text(event, self._identity):
            await self._intake.deleted(gone.team, gone.channel, gone.ts)


def addressed(message: UserText, bot_user: str) -> UserText:
    """The text without the bot's mention, and the word to the bot that it may be."""
    text = events.strip_mention(message.text, bot_user)
    return replace(message, text=text, command=events.command(text) or "")
