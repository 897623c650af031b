"""One workspace: who the bot is in it, and the parts that read it and write to it."""

from __future__ import annotations

from dataclasses import dataclass

from conversations.ports.replies import ChartForm
from replies import SlackReplies, SlackWindows
from slack_api.api import SlackApi
from slack_api.identity import Identity
from workplace import SlackWorkplace


@dataclass(frozen=True)
class Workspace:
    """A workspace, with caches, rate limits and a token of its own; ``is_whole``: the token is its organisation's."""

    identity: Identity
    api: SlackApi
    read: SlackWorkplace
    written: SlackReplies
    shown: SlackWindows
    is_whole: bool = False

    @property
    def installation(self) -> str:
        """Whose installation it is: the workspace's id, or the organisation's."""
        return self.identity.enterprise if self.is_whole else self.identity.team


def connect(api: SlackApi, identity: Identity, file_limit: int, charts: ChartForm) -> Workspace:
    """Put the parts together.

    Args:
        api: With the workspace's token.
        identity: Who the bot is there.
        file_limit: The most bytes that a file may have.
        charts: How charts are shown.
    """
    api.team = identity.team
    replies = SlackReplies(api, bot_user=identity.user, charts=charts)
    return Workspace(identity, api, SlackWorkplace(api, identity, file_limit), replies, SlackWindows(api))


class OneWorkspace:
    """Implements ``Workspaces`` for an app that has one token, and one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def enter(self, _team: str) -> bool:
        """See ``Workspaces``."""
        return True

    async def find(self, _enterprise: str, _team: str) -> Workspace | None:
        """The workspace, whatever an envelope says: that may be missing or null."""
        return self._workspace

    def workplace(self, _team: str) -> SlackWorkplace:
        """See ``Workspaces``."""
        return self._workspace.read

    def replies(self, _team: str) -> SlackReplies:
        """See ``Workspaces``."""
        return self._workspace.written

    def windows(self, _team: str) -> SlackWindows:
        """See ``Workspaces``."""
        return self._workspace.shown
