"""The Slack workspaces that the bot serves. Ids of channels, people and files say nothing without their workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from conversations.ports.checks import CheckReplies
from conversations.ports.replies import Replies
from conversations.ports.windows import Windows
from conversations.ports.workplace import Workplace


class TeamReplies(Replies, CheckReplies, Protocol):
    """All that is written to a workspace."""


WorkplaceOf = Callable[[str], Workplace]
RepliesOf = Callable[[str], TeamReplies]
WindowsOf = Callable[[str], Windows]


class Workspaces(Protocol):
    """Reading from each workspace and writing to it, by the workspace's id."""

    async def enter(self, team: str) -> bool:
        """Get ready for a workspace before anything is done there; False when the app is not installed there (now)."""
        ...

    def workplace(self, team: str) -> Workplace:
        """What can be read there."""
        ...

    def replies(self, team: str) -> TeamReplies:
        """How answers are shown there."""
        ...

    def windows(self, team: str) -> Windows:
        """What only one person sees there."""
        ...
