"""The modal that asks what was wrong with an answer, submitted."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from conversations.service import Conversations
from replies.code_modal import reason_of


class FeedbackReasons:
    """Takes ``view_submission`` of the feedback modal."""

    def __init__(self, conversations: Conversations) -> None:
        self._desk = conversations.desk

    async def submitted(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Keep the reason, then close the modal and say thanks."""
        user, view = str(body["user"]["id"]), body["view"]
        turn = str(view["private_metadata"])
        await self._desk.judge(turn, user, "down", reason_of(view))
        await ack()
        await self._desk.thank(turn, user)
