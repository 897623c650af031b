"""What every handler works with."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from conversations.service import Conversations
from handlers.origin import origin
from installations.workspace import Workspace
from slack_api.identity import Identity
from untrusted.payload import Json


@dataclass(frozen=True)
class Context:
    """Given to each handler: the heart, the workspace that something comes from, and whom to tell of its end."""

    conversations: Conversations
    workspace: Workspace
    removed: Callable[[], Awaitable[None]]

    @property
    def identity(self) -> Identity:
        """Who the bot is in the workspace."""
        return self.workspace.identity


class _Workspaces(Protocol):
    """Where the app is installed."""

    async def find(self, enterprise: str, team: str) -> Workspace | None: ...


Removed = Callable[[Workspace, float], Awaitable[None]]
"""Told that the app was removed from a workspace, and when (epoch seconds)."""


class Contexts:
    """Finds out where an envelope comes from."""

    def __init__(self, conversations: Conversations, workspaces: _Workspaces, removed: Removed) -> None:
        self.conversations = conversations
        self._workspaces = workspaces
        self._removed = removed

    def listens(self) -> None:
        """From now on Slack reaches us; what it tried to tell before may have been missed, or may come late."""
        self.conversations.heard.listens(time.time())

    async def of(self, body: Json) -> Context | None:
        """What the handlers of an envelope's payload get; None when the app is not installed where it comes from."""
        where = origin(body)
        return await self._found(where.enterprise, where.team, where.at or time.time())

    async def within(self, team: str) -> Context | None:
        """The same for a workspace."""
        return await self._found("", team, time.time())

    async def _found(self, enterprise: str, team: str, at: float) -> Context | None:
        workspace = await self._workspaces.find(enterprise, team)
        if workspace is None:
            return None
        return Context(self.conversations, workspace, partial(self._removed, workspace, at))
