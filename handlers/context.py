"""What every handler works with."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection
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
    """Given to each handler: the heart, the workspace that something comes from, and whom to tell of its end.

    ``removed`` is told that the app was removed, from all that its installation covers or only from some workspaces of
    an organisation; ``granted``, that it may be used in some of them.
    """

    conversations: Conversations
    workspace: Workspace
    removed: Callable[[Collection[str]], Awaitable[None]]
    granted: Callable[[Collection[str]], Awaitable[None]]

    @property
    def identity(self) -> Identity:
        """Who the bot is in the workspace."""
        return self.workspace.identity


class _Workspaces(Protocol):
    """Where the app is installed."""

    async def find(self, enterprise: str, team: str) -> Workspace | None: ...


class _Installations(Protocol):
    """What is told of changes."""

    async def removed(self, workspace: Workspace, at: float, only: Collection[str]) -> None:
        """The app was removed at an epoch time."""
        ...

    async def granted(self, workspace: Workspace, teams: Collection[str]) -> None:
        """The app may be used in some workspaces of an organisation."""
        ...


class Contexts:
    """Finds out where an envelope comes from."""

    def __init__(self, conversations: Conversations, workspaces: _Workspaces, installations: _Installations) -> None:
        self.conversations = conversations
        self._workspaces = workspaces
        self._installations = installations

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
        removed = partial(self._installations.removed, workspace, at)
        return Context(self.conversations, workspace, removed, partial(self._installations.granted, workspace))
