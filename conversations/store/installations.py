"""Where the app is installed, as rows; tokens come and go encrypted.

An organisation's installation covers workspaces that are known only once something comes from them: each then has a row
of its own, without a token.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from conversations.database.database import Database
from conversations.database.models import Installation

Write = Callable[[Session], None]


@dataclass(frozen=True)
class Installed:
    """An installation: of a workspace, or of an organisation (``team`` is "") or what it covers (``is_whole``).

    ``token`` is encrypted; ``bot_user`` and ``bot`` are the bot's ids there.
    """

    team: str
    enterprise: str
    token: str
    bot_user: str
    bot: str
    installed_at: float
    is_whole: bool = False

    @property
    def id(self) -> str:
        """Whose installation it is: the organisation's id, or the workspace's."""
        return self.enterprise if self.is_whole else self.team


class Installations:
    """Installations in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, installed: Installed, write: Write = lambda _: None) -> None:
        """Keep a new installation, or the same again; what it covered before its removal is covered again.

        ``write`` writes in the same transaction.
        """
        values: dict[str, Any] = asdict(installed) | {"id": installed.id, "removed_at": 0.0}
        del values["is_whole"]

        def put(session: Session) -> None:
            self._database.upsert(session, Installation, values, update=tuple(values.keys() - {"id"}))
            if installed.is_whole:
                covered = {"removed_at": 0.0, "installed_at": installed.installed_at}
                session.execute(update(Installation).where(_covered_by(installed.id)).values(covered))
            write(session)

        await self._database.run(put)

    async def find(self, enterprise: str, team: str) -> Installed | None:
        """What is installed in a workspace: its own installation, else that of its organisation.

        Args:
            enterprise: The organisation; "" for none, or for the one that the workspace is known to belong to.
            team: The workspace; "" for the organisation itself.
        """
        return await self._database.run(lambda session: self._find(session, enterprise, team))

    def _find(self, session: Session, enterprise: str, team: str) -> Installed | None:
        own = session.get(Installation, team) if team else None
        if own and not own.team:
            return None
        if own and own.token and not own.removed_at:
            return _read(own)
        whole = session.get(Installation, enterprise or (own.enterprise if own else ""))
        if whole is None or whole.team or whole.removed_at:
            return None
        if own and own.removed_at and not own.token and own.enterprise == whole.id:
            return None  # the organisation has it still, and this workspace not any more
        found = Installed(team, whole.id, whole.token, whole.bot_user, whole.bot, whole.installed_at, is_whole=True)
        if team and (own is None or own.token or own.removed_at):
            row: dict[str, Any] = {"id": team, "team": team, "enterprise": whole.id, "token": "", "removed_at": 0.0}
            row |= {"bot_user": whole.bot_user, "bot": whole.bot, "installed_at": whole.installed_at}
            self._database.upsert(session, Installation, row, update=tuple(row.keys() - {"id"}))
        return found

    async def reencrypt(self, renewed: Callable[[str], str]) -> None:
        """Put what ``renewed`` makes of it in the place of each token."""

        def renew(session: Session) -> None:
            for row in session.scalars(select(Installation).where(Installation.token != "")):
                row.token = renewed(row.token)

        await self._database.run(renew)

    async def grant(self, enterprise: str, teams: Collection[str]) -> None:
        """Let an organisation's installation cover workspaces again from which the app was removed."""
        again = _covered_by(enterprise) & Installation.id.in_(teams)
        await self._database.execute(update(Installation).where(again).values(removed_at=0.0))

    async def removed_before(self, then: float) -> Sequence[str]:
        """The ids of what was removed before an epoch time, and is not installed again."""
        removed = select(Installation.id).where(Installation.removed_at > 0, Installation.removed_at < then)
        return await self._database.scalars(removed)


def remove(session: Session, installation: str, at: float, only: Collection[str] = ()) -> Sequence[str]:
    """Note that an installation was removed, if it was there at an epoch time; the workspaces that were removed.

    ``only``: some workspaces of an organisation, which itself keeps the app.
    """
    covered = _covered_by(installation)
    which = covered & Installation.id.in_(only) if only else (Installation.id == installation) | covered
    gone = which & (Installation.installed_at <= at)
    not_yet = Installation.removed_at == 0
    session.execute(update(Installation).where(gone, not_yet).values(removed_at=time.time()))
    teams = select(Installation.team).where(gone, Installation.removed_at > 0, Installation.team != "")
    return session.scalars(teams).all()


def is_removed(session: Session, installation: str) -> bool:
    """Whether something was removed, and is not installed again before the transaction ends."""
    row = session.get(Installation, installation, with_for_update=True)
    return row is not None and row.removed_at > 0


def _covered_by(enterprise: str) -> ColumnElement[bool]:
    return (Installation.enterprise == enterprise) & (Installation.token == "") & (Installation.team != "")


def _read(row: Installation) -> Installed:
    return Installed(row.team, row.enterprise, row.token, row.bot_user, row.bot, row.installed_at)
