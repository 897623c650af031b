"""Who is an admin, here and everywhere: an admin or owner of the workspace, or a person whom the settings name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from conversations.access.rules import Access
from conversations.errors import AccessError, AdminsOnly


class Admins:
    """The admins of this installation."""

    def __init__(self, access: Access, named: Collection[str]) -> None:
        self._access = access
        self._named = frozenset(named)

    async def check(self, user: str, team: str) -> None:
        """Return if a person is an admin in a workspace; raises ``AdminsOnly`` if not."""
        if not await self.is_admin(user, team):
            raise AdminsOnly(user)

    async def is_admin(self, user: str, team: str) -> bool:
        """Whether a person is an admin in a workspace; one of another workspace is not, unless named.

        Nobody is whom the settings do not admit. Rules that are made in Slack do not count: an admin can undo them.
        """
        try:
            person = await self._access.bound(team, user)
        except AccessError:
            return False
        return user in named_in(team, self._named) or (person.is_admin and person.team in {"", team})


def named_in(team: str, named: Iterable[str]) -> Sequence[str]:
    """The ids of the people whom the settings name for a workspace, or for whichever there is (without a workspace)."""
    told = (one.rpartition(":") for one in named)
    return sorted({user for where, _, user in told if where in {"", team}})
