"""The slash command and the message shortcut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from conversations.jobs.interactions import card_mode
from conversations.ports.incoming import PressKind
from conversations.service import Conversations
from workplace import presses

SLASH = "/analyst"
ANALYSE = "analyze_message"

Json = Mapping[str, Any]


class Commands:
    """Takes ``/analyst`` and "Analyse this".

    Args:
        conversations: Where they lead.
        team: The workspace, as events name it.
    """

    def __init__(self, conversations: Conversations, team: str) -> None:
        self._presses = conversations.presses
        self._interactions = conversations.interactions
        self._team = team

    async def record_choice(self, body: Json) -> None:
        """Before the ack: what somebody has chosen."""
        used = presses.command(body, self._team)
        if card_mode(used.value):
            await self._presses.accept(replace(used, name=PressKind.CHOOSE_CARD))

    async def slash(self, ack: AsyncAck, context: AsyncBoltContext) -> None:
        """After the ack: the answer to anything else."""
        await ack()
        used = presses.command(context["payload"], self._team)
        if not card_mode(used.value):
            await self._interactions.command(replace(used, name=PressKind.COMMAND))

    async def record_analyse(self, body: Json) -> None:
        """Before the ack: a message is to be analysed."""
        await self._presses.accept(replace(presses.shortcut(body, self._team), name=PressKind.ANALYSE))
