"""Pressed buttons: Stop, Try again, Delete, feedback. What must not be lost is on disk before the ack."""

from __future__ import annotations

from typing import Any

from conversations.service import Conversations
from replies.buttons import DELETE_ANSWER, FEEDBACK, STOP_RUN, TRY_AGAIN, verdict


class Actions:
    """Takes ``block_actions``."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def handle(self, body: dict[str, Any]) -> None:
        """Do what was pressed; unknown buttons (of an older version) do nothing."""
        user = str(body["user"]["id"])
        for action in body.get("actions", []):
            await self._press(
                user, str(action.get("action_id")), str(action.get("value")), str(action.get("action_ts"))
            )

    async def _press(self, user: str, button: str, value: str, pressed: str) -> None:
        if button == STOP_RUN:
            await self._conversations.stop_turn(value, user)
        elif button == TRY_AGAIN:
            await self._conversations.intake.again(value, user, pressed)
        elif button == DELETE_ANSWER:
            await self._conversations.intake.delete(value, user, pressed)
        elif button == FEEDBACK:
            given = verdict(value)
            await self._conversations.feedback(given.turn, user, given.thumb)
