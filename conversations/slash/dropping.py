"""What is set aside or suspected, for those who look after the bot; and dropping it.

See ``conversations/engine/suspects.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from conversations.access.admins import Admins
from conversations.audit.entry import Entry
from conversations.audit.log import note
from conversations.database.database import Database
from conversations.database.inspection import transact
from conversations.database.models import Job, Question
from conversations.engine.suspects import SUSPECT
from conversations.ports.notices import Notice, NoticeKind
from conversations.slash.words import Said

DROPPED = -1.0
MOST = 20
"""How many are listed."""

_QUESTIONS = select(Question.id, Question.user, Question.channel, Question.deaths, Question.set_aside).where(
    or_(Question.set_aside > 0, (Question.deaths >= SUSPECT) & (Question.state != "done") & (Question.set_aside == 0))
)
_CHORES = select(Job.id, Job.user, Job.channel, Job.deaths, Job.set_aside).where(
    or_(Job.set_aside > 0, (Job.deaths >= SUSPECT) & (Job.set_aside == 0))
)


@dataclass(frozen=True)
class Suspect:
    """A turn or job that was open at two deaths or more, and whether it is set aside."""

    id: str
    user: str
    channel: str
    deaths: int
    is_set_aside: bool


def suspects(session: Session, team: str = "") -> list[Suspect]:
    """What is set aside or suspected, by id; ``team``: of one workspace."""
    rows: list[Any] = []
    for query, key in ((_QUESTIONS, Question.id), (_CHORES, Job.id)):
        here = query.where(key.startswith(f"{team}:", autoescape=True)) if team else query
        rows += session.execute(here.order_by("id").limit(MOST))
    return [Suspect(work, user, channel, deaths, aside > 0) for work, user, channel, deaths, aside in rows]


def drop(session: Session, work: str, by: str = "") -> bool:
    """Take something off the list, given up as soon as it comes to its turn; whether it was on it.

    ``by``: the id of who asks for it; "" at the command line.
    """
    if work not in {suspect.id for query in (_QUESTIONS, _CHORES) for suspect in session.execute(query)}:
        return False
    for kind in (Question, Job):
        session.execute(update(kind).where(kind.id == work).values(set_aside=DROPPED))
    team, channel = work.split(":")[:2]
    note(session, Entry(f"{work}:dropped", "setting", team, channel, by, about=work, facts={"set_aside": "dropped"}))
    return True


class Dropping:
    """Drops from within the bot."""

    def __init__(self, database: Database, admins: Admins, stop: Callable[[str], Awaitable[None]]) -> None:
        self._database = database
        self._admins = admins
        self._stop = stop

    async def answer(self, said: Said) -> Notice:
        """Drop something of a workspace for an admin, or tell what could be dropped. Raises ``AccessError``."""
        team, user, work = said.press.team, said.press.user, "".join(said.more[:1])
        await self._admins.check(user, team)
        if not work:
            found = await self._database.run(lambda session: suspects(session, team))
            listed = ", ".join(f"`{suspect.id}`" for suspect in found)
            return Notice(NoticeKind.SUSPECTS, {"listed": listed or "–"})
        if work.startswith(f"{team}:") and await self._database.run(lambda session: drop(session, work, user)):
            await self._stop(work)
            return Notice(NoticeKind.DROPPED, {"turn": work})
        return Notice(NoticeKind.NOTHING_TO_DROP, {"turn": work})


async def read_suspects(url: str) -> Sequence[Suspect]:
    """What is set aside or suspected in a database that a bot may be using. Raises ``DatabaseUnusable``."""
    return await asyncio.to_thread(transact, url, suspects)


async def drop_from(url: str, work: str) -> bool:
    """The same for dropping; see ``drop``."""
    return await asyncio.to_thread(transact, url, lambda session: drop(session, work), is_writing=True)
