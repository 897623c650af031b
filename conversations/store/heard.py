"""What events have told of since it was last read: how far each thread goes, and when files nearby last changed.

Ids and times only. Every process writes here what it hears, and reads what the others have heard. What happened while
nobody listened is in no event, so a process trusts only what was read from Slack after it had begun to listen.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from conversations.database.database import Database
from conversations.database.models import Heard

SETTLED_SECONDS = 60.0
"""What another process has read so soon after this one has begun to listen is not trusted: clocks differ."""

UPGRADE_SECONDS = 900.0
"""So long after a start nothing is trusted beside other replicas: one of an earlier version writes nothing here."""

LAG_SECONDS = 30.0
"""So long Slack's list of files may lack what was shared, or show what has changed."""

KEPT_SECONDS = 7 * 24 * 3600.0
"""What was heard is kept so long, and trusted for less."""


class HeardEvents:
    """What was heard of threads and files."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._began = self._since = float("inf")
        self.period = 0
        """Of listening without a gap; 0 while nobody listens."""

    def listens(self, since: float) -> None:
        """Everything is heard since an epoch time; of what was said before, some may have been missed."""
        self._began, self._since = min(self._began, since), since
        self.period += 1

    def trusts(self, read_at: float, period: int) -> bool:
        """Whether all that has happened since something was read was heard by somebody.

        Args:
            read_at: When it was read, as epoch seconds.
            period: In which period this process has read it; 0 when another one has.
        """
        if not self._database.is_sqlite and time.time() < self._began + UPGRADE_SECONDS:
            return False
        in_time = read_at > max(self._since + SETTLED_SECONDS, time.time() - KEPT_SECONDS / 2)
        return in_time or 0 < period == self.period

    async def said(self, team: str, channel: str, thread: str, ts: str) -> None:
        """Something was said in a thread that is no question to the bot; durable when this returns."""
        await self._note(ts, f"{team}:{channel}:{thread}")

    async def shared(self, team: str, channel: str, files: Iterable[str]) -> None:
        """Files, by their ids, were shared in a channel; durable when this returns."""
        await self._note(_now(), *(f"{team}:{channel}:{file}" for file in files))

    async def changed(self, team: str, file: str) -> None:
        """A file has changed, or is gone; durable when this returns."""
        await self._note(_now(), f"{team}:{file}")

    async def last_said(self, team: str, channel: str, thread: str) -> str:
        """The ts of the newest message of a thread that was heard of; "" for none."""
        here = select(Heard.ts).where(Heard.place == f"{team}:{channel}:{thread}")
        return next(iter(await self._database.scalars(here)), "")

    async def are_all(self, team: str, channel: str, files: Collection[str], read_at: float) -> bool:
        """Whether a channel's files, by their ids, are still those that were listed at an epoch time.

        A list may lack what was shared just before, so what it has is compared with that, too.
        """
        since, prefix = f"{read_at - LAG_SECONDS:.6f}", f"{team}:{channel}:F"
        shared = Heard.place.startswith(prefix, autoescape=True)
        changed = Heard.place.in_([f"{team}:{file}" for file in files])
        known = {f"{team}:{channel}:{file}" for file in files}
        return known.issuperset(
            await self._database.scalars(select(Heard.place).where(Heard.ts > since, shared | changed))
        )

    async def _note(self, ts: str, *places: str) -> None:
        def note(session: Session) -> None:
            for place in sorted(places):
                if not self._database.upsert(session, Heard, {"place": place, "ts": ts}):
                    session.connection().execute(_LATER, {"_place": place, "_ts": ts, "ts": ts})

        await self._database.run(note, urgent=True)


def drop_before(session: Session, now: float) -> None:
    """Delete what is older than it is kept."""
    session.execute(delete(Heard).where(Heard.ts < f"{now - KEPT_SECONDS:.6f}"))


def _now() -> str:
    return f"{time.time():.6f}"


_HEARD: Any = Heard.__table__
_LATER = update(_HEARD).where(_HEARD.c.place == bindparam("_place"), _HEARD.c.ts < bindparam("_ts"))
"""Events come in any order."""
