"""``app_mention`` events: the twin of a ``message`` event, sometimes first, sometimes without its files."""

from __future__ import annotations

from typing import Any

from conversations.service import Conversations
from handlers.messages import addressed
from workplace import events


class Mentions:
    """Takes ``app_mention`` events; whichever twin comes first makes the question, the other adds to it."""

    def __init__(self, conversations: Conversations, bot_user: str) -> None:
        self._intake = conversations.intake
        self._bot_user = bot_user

    async def handle(self, body: dict[str, Any], event: dict[str, Any]) -> None:
        """Accept a mention."""
        if written := events.user_text(event, body.get("authorizations") or []):
            await self._intake.user_text(addressed(written, self._bot_user))
