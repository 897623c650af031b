"""What channels have chosen for themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from conversations.database.database import Database
from conversations.database.models import ChannelBot, ChannelSetting
from conversations.ports.incoming import CardMode

Write = Callable[[Session], None]


class ChannelSettings:
    """Settings of channels; ``card`` is the installation's choice, for channels that have none."""

    def __init__(self, database: Database, card: CardMode) -> None:
        self._database = database
        self._card = card

    async def card(self, team: str, channel: str) -> CardMode:
        """What happens in a channel when a data file is shared."""
        row = await self._database.run(lambda session: session.get(ChannelSetting, (team, channel)))
        return cast(CardMode, row.card) if row else self._card

    async def set_card(self, team: str, channel: str, card: CardMode, write: Write) -> None:
        """Choose it, with what ``write`` writes in the same transaction."""
        row = {"team": team, "channel": channel, "card": card}

        def choose(session: Session) -> None:
            self._database.upsert(session, ChannelSetting, row, update=("card",))
            write(session)

        await self._database.run(choose)

    async def bots(self, team: str, channel: str) -> Mapping[str, str]:
        """The apps that are answered in a channel: names by id."""
        here = (ChannelBot.team == team) & (ChannelBot.channel == channel)
        rows = await self._database.scalars(select(ChannelBot).where(here).order_by(ChannelBot.name))
        return {row.bot: row.name for row in rows}

    async def add_bot(self, team: str, channel: str, bot: str, name: str, write: Write) -> None:
        """Let an app be answered in a channel; ``write`` as above."""
        row = {"team": team, "channel": channel, "bot": bot, "name": name}

        def add(session: Session) -> None:
            self._database.upsert(session, ChannelBot, row, update=("name",))
            write(session)

        await self._database.run(add)

    async def remove_bot(self, team: str, channel: str, bot: str, write: Write) -> None:
        """Let an app be answered there no more; ``write`` as above."""
        this = (ChannelBot.team == team) & (ChannelBot.channel == channel) & (ChannelBot.bot == bot)

        def remove(session: Session) -> None:
            session.execute(delete(ChannelBot).where(this))
            write(session)

        await self._database.run(remove)
