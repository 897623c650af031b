"""The app's home is opened: its home tab, or the direct message of the agent view."""

from __future__ import annotations

from slack_bolt.context.async_context import AsyncBoltContext

from conversations.service import Conversations
from untrusted.payload import identifier, mapping


class Home:
    """Takes ``app_home_opened`` (https://docs.slack.dev/reference/events/app_home_opened), after its ack.

    Args:
        conversations: What is shown there.
        team: The workspace, as events name it.
    """

    def __init__(self, conversations: Conversations, team: str) -> None:
        self._interactions = conversations.interactions
        self._team = team

    async def opened(self, context: AsyncBoltContext) -> None:
        """Fill the home tab, or offer what to ask."""
        event = mapping(context["payload"].get("event"))
        user = identifier(event.get("user"))
        if not user:
            return
        if event.get("tab") == "messages":
            await self._interactions.prompts(user, identifier(event.get("channel")))
        else:
            await self._interactions.home(self._team, user)
