"""Who is an admin, here and everywhere: an admin or owner of the workspace, or a person whom the settings name."""

from __future__ import annotations

from collections.abc import Collection

from conversations.ports.workspaces import WorkplaceOf


class Admins:
    """The admins of this installation."""

    def __init__(self, workplace: WorkplaceOf, named: Collection[str]) -> None:
        self._workplace = workplace
        self._named = frozenset(named)

    async def is_admin(self, user: str, team: str) -> bool:
        """Whether a person is an admin in a workspace; one of another workspace is not, unless named."""
        if user in self._named:
            return True
        person = await self._workplace(team).person(user)
        return person.is_admin and person.team in {"", team}
