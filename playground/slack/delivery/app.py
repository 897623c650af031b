"""The app as Slack knows it: its credentials, where it is installed, and the codes that become tokens (OAuth v2)."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from playground.slack.state.clock import Clock
from playground.slack.state.errors import Refused
from playground.slack.state.options import Json, Options
from playground.slack.state.workspace import Workspace

CODE_SECONDS = 600.0
"""How long a code is good (https://docs.slack.dev/authentication/installing-with-oauth)."""

ORGANIZATION = "organization"
"""In place of a workspace's id: all of them."""


@dataclass
class Grant:
    """What a person has allowed, until the app turns its code into a token."""

    where: str
    scopes: tuple[str, ...]
    redirect_uri: str
    user: str
    made: float


class App:
    """One app, in the workspaces of one server. The first one has it from the start; the others do not yet."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.workspaces: dict[str, Workspace] = {}
        self._clock = Clock(options.seed)
        self._grants: dict[str, Grant] = {}

    def join(self, workspace: Workspace) -> None:
        """Add a workspace."""
        self.workspaces[workspace.team_id] = workspace

    def owner(self, token: str, team: str = "") -> Workspace | None:
        """Whose bot token something is; ``team`` says which workspace, for a token of the organization's."""
        holders = [one for one in self.workspaces.values() if token and one.bot_token == token]
        return next((one for one in holders if one.team_id == team), holders[0] if holders else None)

    def check(self, client_id: str, redirect_uri: str, scopes: str) -> None:
        """Refuse what Slack's page refuses."""
        if client_id != self.options.client_id:
            raise Refused("invalid_client_id")
        if redirect_uri not in self.options.redirect_urls:
            raise Refused("bad_redirect_uri")
        if not scopes or set(scopes.split(",")) - set(self.options.scopes):
            raise Refused("invalid_scope")

    def grant(self, where: str, scopes: str, redirect_uri: str, user: str) -> str:
        """Note that a person has pressed "Allow"; the code for it."""
        code = self._clock.new_id("code-")
        self._grants[code] = Grant(where, tuple(scopes.split(",")), redirect_uri, user, self._clock.monotonic())
        return code

    def exchange(self, client_id: str, client_secret: str, code: str, redirect_uri: str) -> Json:
        """Turn a code into a token, once (https://docs.slack.dev/reference/methods/oauth.v2.access)."""
        if client_id != self.options.client_id:
            raise Refused("invalid_client_id")
        if client_secret != self.options.client_secret:
            raise Refused("bad_client_secret")
        grant = self._grants.pop(code, None)
        if grant is None or self._clock.monotonic() - grant.made > self.options.seconds(CODE_SECONDS):
            raise Refused("invalid_code")
        if redirect_uri != grant.redirect_uri:
            raise Refused("bad_redirect_uri")
        return self._install(grant)

    def _install(self, grant: Grant) -> Json:
        is_whole = grant.where == ORGANIZATION
        places = list(self.workspaces.values()) if is_whole else [self.workspaces[grant.where]]
        token = self._clock.new_id("xoxb-")
        for workspace in places:
            workspace.bot_token, workspace.revoked, workspace.scopes = token, False, set(grant.scopes)
            authorizations = "organization" if is_whole else self.options.authorizations
            workspace.options = dataclasses.replace(workspace.options, authorizations=authorizations)
        first = places[0]
        organization = {"id": first.enterprise_id, "name": "Organization"}
        return {
            "ok": True,
            "app_id": first.app_id,
            "access_token": token,
            "token_type": "bot",
            "scope": ",".join(grant.scopes),
            "bot_user_id": first.bot_user,
            "authed_user": {"id": grant.user},
            "team": None if is_whole else {"id": first.team_id, "name": first.team["name"]},
            "enterprise": organization if is_whole else None,
            "is_enterprise_install": is_whole,
        }

    def end(self, workspace: Workspace) -> None:
        """Let the tokens die by which the app is in a workspace; an organization's is that of all."""
        token = workspace.bot_token
        for other in self.workspaces.values():
            if other.bot_token == token:
                other.revoked = True
