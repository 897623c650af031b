"""Bolt's store of installations, on our database: Slack's own keeps tokens as they are, in a driver of its own.

https://docs.slack.dev/tools/bolt-python/concepts/authenticating-oauth
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from functools import partial

from slack_bolt.error import BoltError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from conversations.audit.entry import Entry
from conversations.audit.log import note
from conversations.store.installations import Installations, Installed
from installations.cipher import Cipher, KeyLost

log = logging.getLogger(__name__)

STATE_SECONDS = 600
"""How long somebody may take to press "Allow"."""


class InstallationStore(AsyncInstallationStore):
    """Keeps bot tokens, encrypted. People's own tokens are not asked for, and not kept."""

    def __init__(self, rows: Installations, cipher: Cipher) -> None:
        self._rows = rows
        self._cipher = cipher
        self.on_saved: Callable[[], None] = lambda: None
        """Called when there is a new installation."""

    async def async_save(self, installation: Installation) -> None:
        """Keep an installation. Raises ``BoltError`` when it is none that can be served."""
        is_whole = bool(installation.is_enterprise_install)
        home = installation.enterprise_id if is_whole else installation.team_id
        if not (home and installation.bot_token and installation.bot_user_id and installation.bot_id):
            raise BoltError("Slack has left something out of the installation.")
        if installation.bot_refresh_token:
            raise BoltError("Token rotation is on in the app's settings; this bot does not renew tokens.")
        row = Installed(
            team="" if is_whole else home,
            enterprise=installation.enterprise_id or "",
            token=self._cipher.encrypt(installation.bot_token),
            bot_user=installation.bot_user_id,
            bot=installation.bot_id,
            installed_at=time.time(),
            is_whole=is_whole,
        )
        place, facts = (home, "", installation.user_id or ""), {"app": "installed"}
        entry = Entry(f"{home}:{row.installed_at:.6f}:installed", "setting", *place, facts=facts)
        await self._rows.put(row, partial(note, entry=entry))
        log.info("The app is installed in %s.", home)
        self.on_saved()

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """The bot in a workspace: of its own installation, else of its organisation's. None where there is neither.

        Raises:
            KeyLost: Its token cannot be read any more.
        """
        found = await self._rows.find(enterprise_id or "", "" if is_enterprise_install else team_id or "")
        if found is None:
            return None
        return Bot(
            enterprise_id=found.enterprise or None,
            team_id=found.team or None,
            bot_token=self._cipher.decrypt(found.token),
            bot_id=found.bot,
            bot_user_id=found.bot_user,
            is_enterprise_install=found.is_whole,
            installed_at=found.installed_at,
        )

    async def reencrypt(self) -> None:
        """Encrypt with the newest key what an older one has encrypted; what no key opens is told, and left alone."""

        def renewed(token: str) -> str:
            try:
                return self._cipher.renewed(token)
            except KeyLost:
                log.error("INSTALLATION_KEYS: no key opens the token of an installation.")  # noqa: TRY400 - it says all
                return token

        await self._rows.reencrypt(renewed)


class StateStore(AsyncOAuthStateStore):
    """States that need no place: each is a number of chance, encrypted with the time.

    Nobody who only looks at the installation page makes the database grow. That a state comes back to the browser that
    it was given to is seen by Bolt's cookie; that an installation is done once, by Slack's code.
    """

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    async def async_issue(self, *_: object, **__: object) -> str:
        """A new state."""
        return self._cipher.encrypt(f"state:{secrets.token_urlsafe(16)}").rstrip("=")

    async def async_consume(self, state: str) -> bool:
        """Whether a state is one of ours, and fresh."""
        try:
            padded = state + "=" * (-len(state) % 4)
            return self._cipher.decrypt(padded, max_age=STATE_SECONDS).startswith("state:")
        except (KeyLost, ValueError):
            return False
