"""The off switch: a workspace, or a channel, in which no question is begun until an admin says otherwise.

It is read in the transaction that accepts a question, and in the one that begins its turn: all replicas see it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from conversations.audit.entry import Entry
from conversations.audit.log import note
from conversations.database.database import Database
from conversations.database.models import Pause
from conversations.errors import PausedHere, PausedWorkspace
from errors import AnalystError

WORKSPACE = ""
"""In place of a channel: all of them."""

_PAUSES: Any = Pause.__table__
_COUNTS = (
    (_PAUSES.c.team == bindparam("team"))
    & ((_PAUSES.c.channel == WORKSPACE) | (_PAUSES.c.channel == bindparam("channel")))
    & _PAUSES.c.is_on
)
_ROWS = select(Pause).where(_COUNTS).order_by(Pause.channel)
_PLACES = select(_PAUSES.c.channel).where(_COUNTS).order_by(_PAUSES.c.channel)
"""The same for those who wait for it, without the ORM's overhead."""


class Pauses:
    """Where the bot is paused."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def switch(self, team: str, channel: str, *, is_on: bool, by: str, at: float) -> None:
        """Pause a channel (``WORKSPACE``: all of them), or let it go on.

        Args:
            team: In which workspace.
            channel: Where.
            is_on: Whether it is paused from now on.
            by: Who wants that.
            at: When they said so (epoch seconds): what was said later stays.
        """
        row = {"team": team, "channel": channel, "is_on": is_on, "by": by, "at": at}

        def write(session: Session) -> None:
            known = session.get(Pause, (team, channel), with_for_update=True)
            if known is None or known.at <= at:
                self._database.upsert(session, Pause, row, update=("is_on", "by", "at"))
                facts = {"pause": "on" if is_on else "off"}
                note(session, Entry(f"{team}:{channel}:{at:.6f}:pause", "setting", team, channel, by, facts=facts))

        await self._database.run(write)

    async def of(self, team: str, channel: str) -> Sequence[Pause]:
        """What keeps a channel from being answered: the workspace's pause, and its own."""
        place = {"team": team, "channel": channel}
        return await self._database.run(lambda session: session.scalars(_ROWS, place).all())


def refusal(session: Session, team: str, channel: str) -> AnalystError | None:
    """Why a question of a channel is not begun, or None."""
    found = session.connection().execute(_PLACES, {"team": team, "channel": channel}).first()
    if found is None:
        return None
    return PausedWorkspace() if found.channel == WORKSPACE else PausedHere()
