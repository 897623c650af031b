"""Agent sessions: the Stop button that Slack itself shows in agent apps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conversations.ports.incoming import Press, PressKind
from conversations.service import Conversations
from untrusted.payload import identifier, timestamp

Json = Mapping[str, Any]


class Sessions:
    """Takes ``agent_session_stopped`` (https://docs.slack.dev/reference/events/agent_session_stopped)."""

    def __init__(self, conversations: Conversations, team: str) -> None:
        self._presses = conversations.presses
        self._team = team

    async def stopped(self, event: Json) -> None:
        """A person pressed Stop; Slack has ended the streams already."""
        pressed = Press(
            name=PressKind.STOP_THREAD,
            team=self._team,
            user=identifier(event.get("user")),
            at=timestamp(event.get("event_ts")),
            channel=identifier(event.get("channel")),
            thread=timestamp(event.get("thread_ts")),
        )
        await self._presses.accept(pressed)
