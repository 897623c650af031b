"""Where the bot works: in the one workspace of ``SLACK_BOT_TOKEN``, or wherever the app is installed by OAuth."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.doctor.slack import OPTIONAL_SCOPES, SCOPES
from app.settings import Settings
from conversations.database.database import Database
from conversations.privacy.removal import Removal
from conversations.store.installations import Installations
from handlers.install_pages import InstallPages
from installations.workspace import OneWorkspace, Workspace, connect
from slack_api.api import SlackApi
from slack_api.identity import Identity
from slack_api.rate_budget import WorkspaceBudget
from slack_api.tokens import check_app_token, identify, open_slack

if TYPE_CHECKING:
    from installations.oauth_app import OAuthApp
    from installations.workspaces import InstalledWorkspaces


@dataclass(frozen=True)
class Places:
    """The workspaces, the client that connections to Slack are opened with, and the pages for installing, if any."""

    workspaces: OneWorkspace | InstalledWorkspaces
    api: SlackApi
    pages: InstallPages | None = None


class InstallationWatch:
    """Told when the app is removed somewhere; ``ended`` is set when that was the one workspace of a bot token."""

    def __init__(self, workspaces: OneWorkspace | InstalledWorkspaces, removal: Removal) -> None:
        self.ended = asyncio.Event()
        self._workspaces = workspaces
        self._removal = removal

    async def removed(self, workspace: Workspace, at: float, only: Collection[str]) -> None:
        """The app was removed at an epoch time; ``only`` from some workspaces of an organisation, if there are any."""
        if not isinstance(self._workspaces, OneWorkspace):
            await self._removal.remove(workspace.installation, at, only)
            self._workspaces.changed()
        elif not only or workspace.identity.team in only:
            self.ended.set()

    async def granted(self, workspace: Workspace, teams: Collection[str]) -> None:
        """The app may be used in some workspaces of an organisation."""
        if not isinstance(self._workspaces, OneWorkspace):
            await self._removal.grant(workspace.installation, teams)
            self._workspaces.changed()


async def one_place(settings: Settings, stack: AsyncExitStack) -> Places:
    """The workspace of the bot token, once the tokens are tried. Raises ``CannotStart``."""
    budget = WorkspaceBudget(share=settings.slack_rate_share)
    api = await stack.enter_async_context(open_slack(settings.slack_bot_token, settings.slack_api_url, budget))
    identity = await identify(api)
    if settings.slack_app_token:
        await check_app_token(api, settings.slack_app_token)
    workspace = connect(api, identity, settings.max_file_bytes, settings.charts)
    own_name = asyncio.create_task(workspace.read.person(identity.user))  # most threads mention the bot
    stack.callback(own_name.cancel)
    stack.push_async_callback(workspace.written.close)
    return Places(OneWorkspace(workspace), api)


async def installed_places(settings: Settings, app: OAuthApp, database: Database, stack: AsyncExitStack) -> Places:
    """All workspaces in which the app is installed, now or later."""
    from installations.cipher import Cipher  # with cryptography: 7 MB that the bot of one workspace does without
    from installations.oauth import installing
    from installations.store import InstallationStore
    from installations.workspaces import InstalledWorkspaces

    nobodys = await stack.enter_async_context(open_slack("", settings.slack_api_url))

    def connected(token: str, identity: Identity) -> Workspace:
        budget = WorkspaceBudget(share=settings.slack_rate_share)
        api = SlackApi(token, nobodys.url, nobodys.session, budget=budget)
        return connect(api, identity, settings.max_file_bytes, settings.charts)

    cipher = Cipher(app.keys)
    store = InstallationStore(Installations(database), cipher)
    await store.reencrypt()
    workspaces = InstalledWorkspaces(store, connected)
    stack.push_async_callback(workspaces.close)
    return Places(
        workspaces, nobodys, InstallPages(installing(app, nobodys.client, (*SCOPES, *OPTIONAL_SCOPES), store, cipher))
    )
