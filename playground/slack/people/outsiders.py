"""People who are no ordinary members: guests, the deactivated, other workspaces' people, the users of bots.

The members that tell them apart: https://docs.slack.dev/reference/objects/user-object/
"""

from __future__ import annotations

from collections.abc import Sequence

from playground.slack.people import people
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace

PARTNER = "T0PARTNER1"
_OF_MEMBERS = ["tz", "tz_label", "tz_offset", "locale", "is_admin", "is_owner", "is_restricted", "is_ultra_restricted"]
"""What ``users.info`` leaves out for the deactivated and for other companies' people."""


class Outsiders:
    """Adds them to a workspace. Every adding act returns the user's id."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def add_guest(self, user_id: str, name: str, channels: Sequence[str], *, single: bool = False) -> str:
        """A guest who is in some channels only.

        Args:
            user_id: whose; begins with U.
            name: as handle and display name.
            channels: ids of the channels that the guest is in.
            single: a single-channel guest (``is_ultra_restricted`` besides ``is_restricted``).
        """
        person = people.user(self._workspace.team_id, user_id, name, name, "en-US", ("UTC", 0))
        return self._join(person | {"is_restricted": True, "is_ultra_restricted": single}, channels)

    def add_stranger(
        self, user_id: str, name: str, channels: Sequence[str], *, team: str = PARTNER, known: bool = True
    ) -> str:
        """Somebody of another company, over Slack Connect; the channels become shared ones.

        Args:
            user_id: whose.
            name: as handle and display name.
            channels: ids of the channels shared with them.
            team: their workspace.
            known: False for ``is_stranger``: Slack shows the app no channel that it has in common with them.
        """
        person = people.user(team, user_id, name, name, "en-US", ("UTC", 0)) | {"is_stranger": not known}
        for key in _OF_MEMBERS:
            del person[key]
        for channel in channels:
            self._workspace.channel(channel).is_ext_shared = True
        return self._join(person, channels)

    def add_neighbour(self, user_id: str, name: str, channels: Sequence[str], *, team: str = "T0NEIGHBOR") -> str:
        """Somebody of another workspace of the same Enterprise Grid organization; no stranger to it."""
        person = people.user(team, user_id, name, name, "en-US", ("UTC", 0))
        person["enterprise_user"] = {"id": user_id, "enterprise_id": self._workspace.enterprise_id, "teams": [team]}
        return self._join(person, channels)

    def add_bot(self, user_id: str, name: str, channels: Sequence[str]) -> str:
        """The user of another app. What it writes by ``Human.post`` has no ``bot_id``; see ``post_as_bot``."""
        person = people.user(self._workspace.team_id, user_id, name, name, "en-US", ("UTC", 0)) | {"is_bot": True}
        del person["locale"]
        return self._join(person, channels)

    def deactivate(self, user: str) -> None:
        """Close somebody's account. They stay in their channels here, so that what is on its way still arrives."""
        person = self._workspace.person(user)
        for key in _OF_MEMBERS:
            person.pop(key, None)
        person["deleted"] = True

    def _join(self, person: Json, channels: Sequence[str]) -> str:
        places = [self._workspace.channel(channel) for channel in channels]
        people.add_user(self._workspace, person)
        for place in places:
            place.members.append(person["id"])
        return str(person["id"])
