"""Agent sessions: the Stop button that Slack itself shows in agent apps."""

from __future__ import annotations

from typing import Any

from conversations.service import Conversations


class Sessions:
    """Takes ``agent_session_stopped`` (https://docs.slack.dev/reference/events/agent_session_stopped)."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def stopped(self, body: dict[str, Any], event: dict[str, Any]) -> None:
        """A person pressed Stop; Slack has ended the streams already."""
        authorizations = body.get("authorizations") or [{}]
        team = str(authorizations[0].get("team_id") or body.get("team_id") or "")
        await self._conversations.stop(team, str(event["channel"]), str(event["thread_ts"]), str(event["user"]))
