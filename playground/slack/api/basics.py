"""auth.test, apps.*, users.info, bots.info, usergroups.*, reactions.*, blocks.validate."""

from __future__ import annotations

import json
import re

from playground.slack.api.args import Args
from playground.slack.api.method import Method
from playground.slack.delivery.core import Core
from playground.slack.state import blocks as block_kit
from playground.slack.state import messages
from playground.slack.state.entities import Record
from playground.slack.state.errors import Refused
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace

_REACTION = re.compile(r"[\w'+-]+(::skin-tone-[2-6])?")


def auth_test(core: Core, args: Args) -> Json:
    """Who the token is."""
    del args
    workspace = core.workspace
    organization = workspace.options.authorizations == "organization"
    answer = {
        "ok": True,
        "url": f"{workspace.url}/",
        "team": workspace.team["name"],
        "user": workspace.users[workspace.bot_user]["name"],
        "team_id": workspace.team_id,
        "user_id": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": organization,
    }
    return answer | ({"enterprise_id": workspace.enterprise_id} if organization else {})


def connections_open(core: Core, args: Args) -> Json:
    """An address for one Socket Mode connection."""
    del args
    if not core.workspace.socket_mode:
        raise Refused("forbidden_team")
    return {"ok": True, "url": core.sockets.open_url()}


def manifest_create(core: Core, args: Args) -> Json:
    """Make an app from a manifest (https://docs.slack.dev/reference/methods/apps.manifest.create)."""
    try:
        manifest = json.loads(args.need("manifest"))
    except ValueError:
        raise Refused("invalid_manifest") from None
    if not (isinstance(manifest, dict) and isinstance(manifest.get("display_information"), dict)):
        raise Refused("invalid_manifest")
    credentials = {"client_id": "1.2", "client_secret": "x", "verification_token": "x", "signing_secret": "x"}
    address = "https://slack.com/oauth/v2/authorize?client_id=1.2"
    return {"ok": True, "app_id": core.workspace.app_id, "credentials": credentials, "oauth_authorize_url": address}


def users_info(core: Core, args: Args) -> Json:
    """One person."""
    person = dict(core.workspace.person(args.need("user")))
    if not args.flag("include_locale"):
        person.pop("locale", None)
    return {"ok": True, "user": person}


def bots_info(core: Core, args: Args) -> Json:
    """The app's bot."""
    workspace = core.workspace
    if args.text("bot", workspace.bot_id) != workspace.bot_id:
        raise Refused("bot_not_found")
    profile = workspace.bot_profile()
    return {"ok": True, "bot": {key: profile[key] for key in ("id", "app_id", "user_id", "name", "icons", "deleted")}}


def usergroups_list(core: Core, args: Args) -> Json:
    """The groups; disabled ones only when they are wanted."""
    wanted = args.flag("include_disabled")
    groups = [dict(one) for one in core.workspace.groups.values() if wanted or not one["date_delete"]]
    for group in groups if not args.flag("include_users") else ():
        del group["users"]
    return {"ok": True, "usergroups": groups}


def usergroups_users_list(core: Core, args: Args) -> Json:
    """Who is in a group; of a disabled one only when that is wanted."""
    group = core.workspace.groups.get(args.need("usergroup"))
    if group is None or (group["date_delete"] and not args.flag("include_disabled")):
        raise Refused("no_such_subteam")
    return {"ok": True, "users": list(group["users"])}


def add_reaction(core: Core, args: Args) -> Json:
    """Put an emoji under a message."""
    react(core.workspace, _reacted(core, args), args.text("name"), core.workspace.bot_user)
    return {"ok": True}


def remove_reaction(core: Core, args: Args) -> Json:
    """Take an emoji away."""
    unreact(core.workspace, _reacted(core, args), args.text("name"), core.workspace.bot_user)
    return {"ok": True}


def validate_blocks(core: Core, args: Args) -> Json:
    """Check blocks without posting them."""
    del core
    blocks = args.optional("blocks")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refused("invalid_blocks_format")
    found = list(block_kit.find_problems(blocks, block_kit.Rules("message")))
    if not found:
        return {"ok": True}
    errors = [{"code": "invalid", "message": problem.message, "pointer": problem.pointer} for problem in found]
    return {"ok": False, "error": "invalid_blocks", "errors": errors}


def react(workspace: Workspace, record: Record, name: str, user: str) -> None:
    """Add a reaction of anybody's."""
    reactions = record.body.setdefault("reactions", [])
    entry = next((reaction for reaction in reactions if reaction["name"] == name), None)
    if entry is None:
        entry = {"name": name, "users": [], "count": 0}
        reactions.append(entry)
    if user in entry["users"]:
        raise Refused("already_reacted")
    entry["users"].append(user)
    entry["count"] += 1
    _publish(workspace, record, name, user, added=True)


def unreact(workspace: Workspace, record: Record, name: str, user: str) -> None:
    """Remove a reaction of anybody's."""
    reactions = record.body.get("reactions", [])
    entry = next((reaction for reaction in reactions if reaction["name"] == name), None)
    if entry is None or user not in entry["users"]:
        raise Refused("no_reaction")
    entry["users"].remove(user)
    entry["count"] -= 1
    if not entry["count"]:
        reactions.remove(entry)
    if not reactions:
        record.body.pop("reactions", None)
    _publish(workspace, record, name, user, added=False)


def _publish(workspace: Workspace, record: Record, name: str, user: str, *, added: bool) -> None:
    frame: Json = {"type": "reaction", "channel": record.channel, "ts": record.ts, "user": user, "reaction": name}
    frame |= {"added": added, "message": messages.render(workspace, record)}
    if record.is_reply:
        frame["thread_ts"] = record.thread
    workspace.changes.publish(frame, record.channel, (record.channel, record.thread))


def _reacted(core: Core, args: Args) -> Record:
    if not _REACTION.fullmatch(args.text("name")):
        raise Refused("invalid_name")
    if not messages.TS.fullmatch(args.text("timestamp")):
        raise Refused("bad_timestamp" if args.text("timestamp") else "no_item_specified")
    channel = core.workspace.readable(args.text("channel"))
    if channel.is_archived:
        raise Refused("is_archived")
    return core.workspace.record(channel.id, args.text("timestamp"))


METHODS = {
    "auth.test": Method(auth_test, (), 600),
    "apps.connections.open": Method(connections_open, (), 50, caller="app"),
    "apps.manifest.create": Method(manifest_create, (), 20, caller="config"),
    "users.info": Method(users_info, ("users:read",), 100),
    "bots.info": Method(bots_info, ("users:read",), 50),
    "usergroups.list": Method(usergroups_list, ("usergroups:read",), 20),
    "usergroups.users.list": Method(usergroups_users_list, ("usergroups:read",), 20),
    "reactions.add": Method(add_reaction, ("reactions:write",), 50),
    "reactions.remove": Method(remove_reaction, ("reactions:write",), 20),
    "blocks.validate": Method(validate_blocks, (), 100, caller="anyone"),
}
