"""The slash command and the message shortcut."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from conversations.service import Conversations
from workplace import events

SLASH = "/analyst"
ANALYSE = "analyze_message"


class Commands:
    """Takes ``/analyst`` and "Analyse this".

    Args:
        conversations: Where they lead.
        team: The workspace, as events name it.
    """

    def __init__(self, conversations: Conversations, team: str) -> None:
        self._intake = conversations.intake
        self._desk = conversations.desk
        self._team = team

    async def slash(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """A choice is on disk before the ack; the answer comes after it."""
        channel, user, text = str(body["channel_id"]), str(body["user_id"]), str(body.get("text") or "")
        await self._desk.choose(self._team, channel, user, text)
        await ack()
        await self._desk.command(self._team, channel, user, text, str(body["response_url"]))

    async def analyse(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """A message is to be analysed: accepted before the ack."""
        asked = events.analysed(body, self._team)
        if asked:
            await self._intake.user_text(asked)
        await ack()
        if asked is None:
            await self._desk.nothing_to_analyse(str(body["user"]["id"]), str(body["response_url"]))
