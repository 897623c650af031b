"""All workspaces in which the app is installed, each with parts of its own."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from installations.cipher import KeyLost
from installations.store import InstallationStore
from installations.workspace import Workspace
from replies import SlackReplies, SlackWindows
from slack_api.identity import Identity
from workplace import SlackWorkplace

log = logging.getLogger(__name__)

GOOD_SECONDS = 60.0
"""How long an installation is known without looking: another replica may have heard that it was removed, or is new."""

Connect = Callable[[str, Identity], Workspace]
"""Puts the parts of a workspace together, from a bot token."""


@dataclass(frozen=True)
class _Known:
    """A workspace that is served, since when it is installed, and when that was looked at."""

    workspace: Workspace
    installed_at: float
    seen_at: float


class InstalledWorkspaces:
    """Implements ``Workspaces``. What was connected once stays: what runs there may have to end."""

    def __init__(self, store: InstallationStore, connect: Connect) -> None:
        self._store = store
        self._connect = connect
        self._known: dict[str, _Known] = {}
        self._looking = asyncio.Lock()
        store.on_saved = self.changed

    async def enter(self, team: str) -> bool:
        """See ``Workspaces``."""
        return await self.find("", team) is not None

    async def find(self, enterprise: str, team: str) -> Workspace | None:
        """The workspace with an id (with the id "": an organisation itself), or None where nothing is installed."""
        key = team or enterprise
        async with self._looking:
            known = self._known.get(key)
            if known and time.monotonic() - known.seen_at < GOOD_SECONDS:
                return known.workspace
            try:
                bot = await self._store.async_find_bot(enterprise_id=enterprise, team_id=team)
            except KeyLost:
                log.error("INSTALLATION_KEYS: no key opens the token of %s.", key)  # noqa: TRY400 - it says all
                return None
            if bot is None:
                return None
            if known is None or known.installed_at != bot.installed_at:
                identity = Identity(team, bot.bot_user_id, bot.bot_id, bot.enterprise_id or "")
                workspace = replace(self._connect(bot.bot_token, identity), is_whole=bool(bot.is_enterprise_install))
                known = _Known(workspace, bot.installed_at, 0.0)
            self._known[key] = replace(known, seen_at=time.monotonic())
            return known.workspace

    def changed(self) -> None:
        """Something was installed or removed: look again."""
        self._known = {key: replace(known, seen_at=float("-inf")) for key, known in self._known.items()}

    def workplace(self, team: str) -> SlackWorkplace:
        """See ``Workspaces``."""
        return self._known[team].workspace.read

    def replies(self, team: str) -> SlackReplies:
        """See ``Workspaces``."""
        return self._known[team].workspace.written

    def windows(self, team: str) -> SlackWindows:
        """See ``Workspaces``."""
        return self._known[team].workspace.shown

    async def close(self) -> None:
        """End what is on its way."""
        await asyncio.gather(*(known.workspace.written.close() for known in self._known.values()))
