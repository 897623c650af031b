"""The modal that asks what was wrong with an answer, submitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conversations.ports.incoming import PressKind
from conversations.service import Conversations
from replies.views.code_modal import REASON
from workplace import presses


class FeedbackReasons:
    """Takes ``view_submission`` of the feedback modal."""

    def __init__(self, conversations: Conversations, team: str) -> None:
        self._presses = conversations.presses
        self._team = team

    async def record(self, body: Mapping[str, Any]) -> None:
        """Before the ack, which closes the modal: the reason is on disk."""
        sent = presses.sent_modal(body, self._team)
        await self._presses.accept(replace(sent, name=PressKind.GIVE_REASON, more=presses.written(body, REASON)))
