"""views.open, push, update, publish."""

from __future__ import annotations

import json
from typing import Any

from playground.slack.api.args import Args
from playground.slack.api.method import Method
from playground.slack.delivery.core import Core
from playground.slack.state import blocks as block_kit
from playground.slack.state.entities import View
from playground.slack.state.errors import Refused
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace

VIEW_BYTES = 250_000


def open_(core: Core, args: Args) -> Json:
    """Open a modal for the person who has just acted."""
    user = _use_trigger(core.workspace, args.need("trigger_id"))
    return {"ok": True, "view": show(core.workspace, user, args.optional("view")).body}


def push(core: Core, args: Args) -> Json:
    """Open a modal on top of that person's modal."""
    workspace = core.workspace
    user = _use_trigger(workspace, args.need("trigger_id"))
    top = next((view for view in reversed(workspace.views.values()) if _is_modal(view, user)), None)
    if top is None:
        raise Refused("not_found")
    return {"ok": True, "view": show(workspace, user, args.optional("view"), parent=str(top.body["id"])).body}


def update(core: Core, args: Args) -> Json:
    """Replace what a view shows."""
    workspace = core.workspace
    wanted = args.text("view_id")
    external = args.text("external_id")
    if not wanted and external:
        wanted = next((k for k, v in workspace.views.items() if v.body.get("external_id") == external), "")
    view = workspace.views.get(wanted)
    if view is None:
        raise Refused("not_found")
    if args.text("hash") and args.text("hash") != view.body["hash"]:
        raise Refused("hash_conflict")
    replace(workspace, view, args.optional("view"))
    return {"ok": True, "view": view.body}


def publish(core: Core, args: Args) -> Json:
    """Set a person's home tab."""
    workspace = core.workspace
    user = args.need("user_id")
    workspace.person(user)
    body = _checked(args.optional("view"), "home")
    known = workspace.views.get(workspace.homes.get(user, ""))
    if known is None:
        known = View(_new_body(workspace, body), user)
        workspace.views[known.body["id"]] = known
        workspace.homes[user] = known.body["id"]
    elif args.text("hash") and args.text("hash") != known.body["hash"]:
        raise Refused("hash_conflict")
    else:
        known.body = _new_body(workspace, body) | {"id": known.body["id"]}
    workspace.changes.publish({"type": "home", "user": user, "view": known.body})
    return {"ok": True, "view": known.body}


def show(workspace: Workspace, user: str, view: Any, parent: str = "") -> View:
    """Open a modal for a person."""
    opened = View(_new_body(workspace, _checked(view, "modal")), user, parent)
    opened.body |= {"root_view_id": parent or opened.body["id"], "previous_view_id": parent or None}
    workspace.views[opened.body["id"]] = opened
    workspace.changes.publish({"type": "view_opened", "user": user, "view": opened.body})
    return opened


def replace(workspace: Workspace, view: View, new: Any) -> None:
    """Change an open view."""
    body = _new_body(workspace, _checked(new, str(view.body["type"])))
    kept = {key: view.body[key] for key in ("id", "root_view_id", "previous_view_id") if key in view.body}
    view.body = body | kept
    kind = "home" if body["type"] == "home" else "view_updated"
    workspace.changes.publish({"type": kind, "user": view.user, "view": view.body})


def close(workspace: Workspace, view: View, *, whole_stack: bool = False) -> None:
    """Take a modal away; those on top of it go too, or all of them."""
    doomed = [str(view.body["id"])]
    if whole_stack:
        doomed = [key for key, other in workspace.views.items() if _is_modal(other, view.user)]
    for view_id in doomed:
        gone = workspace.views.pop(view_id)
        workspace.changes.publish({"type": "view_closed", "user": gone.user, "view": gone.body})


def new_trigger(workspace: Workspace, user: str) -> str:
    """A trigger id: good for three seconds, once."""
    trigger = f"{workspace.clock.new_id('')}.{workspace.clock.new_id('')}"
    workspace.triggers[trigger] = (workspace.clock.monotonic(), user)
    return trigger


def _use_trigger(workspace: Workspace, trigger: str) -> str:
    made, user = workspace.triggers.get(trigger, (0.0, ""))
    if not made:
        raise Refused("invalid_trigger_id" if trigger not in workspace.triggers else "exchanged_trigger_id")
    workspace.triggers[trigger] = (0.0, user)
    if workspace.clock.monotonic() - made > workspace.options.patience(workspace.options.trigger_seconds):
        raise Refused("expired_trigger_id")
    return user


def _is_modal(view: View, user: str) -> bool:
    return view.user == user and view.body["type"] == "modal"


def _checked(view: Any, kind: str) -> Json:
    if isinstance(view, str):
        try:
            view = json.loads(view)
        except ValueError:
            view = None
    if not isinstance(view, dict) or view.get("type") != kind:
        raise Refused("invalid_arguments", [f"must be a {kind} view [json-pointer:/view]"])
    if len(json.dumps(view).encode()) > VIEW_BYTES:
        raise Refused("view_too_large")
    if kind == "modal":
        _check_words(view)
    try:
        block_kit.check(view.get("blocks"), block_kit.Rules("view"))
    except Refused as refused:
        raise Refused("invalid_arguments", [text.replace(":/", ":/view/") for text in refused.messages]) from None
    if len(str(view.get("private_metadata", ""))) > 3000:
        raise Refused("invalid_arguments", ["must be less than 3001 characters [json-pointer:/view/private_metadata]"])
    return view


def _check_words(view: Json) -> None:
    for key in ("title", "submit", "close"):
        words = view.get(key)
        if words is None and key != "title":
            continue
        if not isinstance(words, dict) or not 1 <= len(str(words.get("text", ""))) <= 24:
            raise Refused("invalid_arguments", [f"must be 1 to 24 characters [json-pointer:/view/{key}/text]"])


def _new_body(workspace: Workspace, view: Json) -> Json:
    return {
        **view,
        "blocks": block_kit.with_ids(view["blocks"], workspace.clock),
        "id": workspace.clock.new_id("V"),
        "team_id": workspace.team_id,
        "app_id": workspace.app_id,
        "bot_id": workspace.bot_id,
        "hash": workspace.clock.new_id(""),
        "state": {"values": {}},
        "private_metadata": view.get("private_metadata", ""),
        "callback_id": view.get("callback_id", ""),
    }


METHODS = {
    "views.open": Method(open_, (), 100),
    "views.push": Method(push, (), 100),
    "views.update": Method(update, (), 100),
    "views.publish": Method(publish, (), 100),
}
