"""What channels have chosen for themselves."""

from __future__ import annotations

from typing import cast

from conversations.database.database import Database
from conversations.database.models import ChannelSetting
from conversations.ports.incoming import CardMode


class ChannelSettings:
    """Settings of channels; ``card`` is the installation's choice, for channels that have none."""

    def __init__(self, database: Database, card: CardMode) -> None:
        self._database = database
        self._card = card

    async def card(self, team: str, channel: str) -> CardMode:
        """What happens in a channel when a data file is shared."""
        row = await self._database.run(lambda session: session.get(ChannelSetting, (team, channel)))
        return cast(CardMode, row.card) if row else self._card

    async def set_card(self, team: str, channel: str, card: CardMode) -> None:
        """Choose it."""
        row = {"team": team, "channel": channel, "card": card}
        await self._database.run(lambda session: self._database.upsert(session, ChannelSetting, row, update=("card",)))
