"""``app_mention`` events: the twin of a ``message`` event, sometimes first, sometimes without its files."""

from __future__ import annotations

from conversations.service import Conversations
from handlers.messages import addressed
from slack_api.identity import Identity
from untrusted.payload import Json
from workplace import events


class Mentions:
    """Takes ``app_mention`` events; whichever twin comes first makes the question, the other adds to it."""

    def __init__(self, conversations: Conversations, identity: Identity) -> None:
        self._intake = conversations.intake
        self._identity = identity

    async def handle(self, event: Json) -> None:
        """Accept a mention."""
        if written := events.user_text(event, self._identity):
            await self._intake.user_text(addressed(written, self._identity.user))
