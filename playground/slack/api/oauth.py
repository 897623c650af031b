"""oauth.v2.access, auth.revoke, apps.uninstall."""

from __future__ import annotations

from playground.slack.api.args import Args
from playground.slack.api.method import Method
from playground.slack.delivery.core import Core
from playground.slack.state.errors import Refused
from playground.slack.state.options import Json


def access(core: Core, args: Args) -> Json:
    """A token for a code. The credentials may come as HTTP Basic authentication, as the SDK sends them."""
    given = (args.text(name) for name in ("client_id", "client_secret", "code", "redirect_uri"))
    return core.app.exchange(*given)


def revoke(core: Core, args: Args) -> Json:
    """Let the token die that it is called with."""
    if args.flag("test"):
        return {"ok": True, "revoked": False}
    core.events.emit({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [core.workspace.bot_user]}})
    core.app.end(core.workspace)
    return {"ok": True, "revoked": True}


def uninstall(core: Core, args: Args) -> Json:
    """Remove the app from the workspace."""
    options = core.app.options
    if args.text("client_id") != options.client_id:
        raise Refused("invalid_client_id")
    if args.text("client_secret") != options.client_secret:
        raise Refused("bad_client_secret")
    remove(core)
    return {"ok": True}


def remove(core: Core) -> None:
    """The app is removed: two events, and no token opens anything any more."""
    core.events.emit({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [core.workspace.bot_user]}})
    core.events.emit({"type": "app_uninstalled"})
    core.app.end(core.workspace)


METHODS = {
    "oauth.v2.access": Method(access, (), 600, caller="anyone"),
    "auth.revoke": Method(revoke, (), 50),
    "apps.uninstall": Method(uninstall, (), 1),
}
