"""Workspaces in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from conversations.ports.testing.replies import FakeReplies
from conversations.ports.testing.windows import FakeWindows
from conversations.ports.testing.workplace import FakeWorkplace


@dataclass
class FakeWorkspaces:
    """Implements ``Workspaces``: one, which everything belongs to that is not one of the ``others``, by their ids."""

    read: FakeWorkplace
    written: FakeReplies
    shown: FakeWindows
    others: dict[str, FakeWorkspaces] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """Those in which the app is not installed."""

    async def enter(self, team: str) -> bool:
        """See ``Workspaces``."""
        return team not in self.gone

    def workplace(self, team: str) -> FakeWorkplace:
        """See ``Workspaces``."""
        return self.others.get(team, self).read

    def replies(self, team: str) -> FakeReplies:
        """See ``Workspaces``."""
        return self.others.get(team, self).written

    def windows(self, team: str) -> FakeWindows:
        """See ``Workspaces``."""
        return self.others.get(team, self).shown
