"""conversations.info, history, replies, members, open, and users.conversations."""

from __future__ import annotations

from collections.abc import Sequence

from playground.slack.api.args import Args, page
from playground.slack.api.method import Method
from playground.slack.delivery.core import Core
from playground.slack.state import messages
from playground.slack.state.entities import SCOPE_PREFIX, Channel, Record
from playground.slack.state.errors import Refused
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace

_HISTORY = tuple(f"{prefix}:history" for prefix in SCOPE_PREFIX.values())
_READ = tuple(f"{prefix}:read" for prefix in SCOPE_PREFIX.values())
_KINDS = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}


def info(core: Core, args: Args) -> Json:
    """One conversation."""
    channel = _visible(core.workspace, args)
    body = channel.as_json(core.workspace.bot_user) | {"context_team_id": core.workspace.team_id}
    if args.flag("include_num_members"):
        body["num_members"] = len(channel.members)
    return {"ok": True, "channel": body}


def members(core: Core, args: Args) -> Json:
    """Who is in a conversation."""
    channel = _visible(core.workspace, args)
    chosen, cursor = page(channel.members, args.text("cursor"), min(args.number("limit", 100), 1000))
    return {"ok": True, "members": list(chosen), "response_metadata": {"next_cursor": cursor}}


def history(core: Core, args: Args) -> Json:
    """Messages of a channel, newest first, without replies."""
    channel = core.workspace.readable(args.text("channel"))
    records = _between(messages.top_level(channel), args)[::-1]
    chosen, cursor = page(records, args.text("cursor"), _limit(core.workspace, args, 100, 999))
    return _answer(core.workspace, args, chosen, cursor) | {"pin_count": 0}


def replies(core: Core, args: Args) -> Json:
    """A thread: its root first, then its replies, oldest first."""
    channel = core.workspace.readable(args.text("channel"))
    records = messages.thread(channel, args.need("ts"))
    if not records:
        raise Refused("thread_not_found")
    bounded = [records[0], *_between(records[1:], args)]
    chosen, cursor = page(bounded, args.text("cursor"), _limit(core.workspace, args, 1000, 1000))
    return _answer(core.workspace, args, chosen, cursor)


def open_(core: Core, args: Args) -> Json:
    """The direct message with a person."""
    users = args.optional("users")
    if not users:
        raise Refused("users_list_not_supplied")
    names = users if isinstance(users, list) else str(users).split(",")
    if len(names) > 1:
        raise Refused("method_not_supported_for_channel_type")
    core.workspace.person(names[0])
    channel = core.workspace.channel(core.workspace.direct(names[0]))
    shown = channel.as_json(core.workspace.bot_user) if args.flag("return_im") else {"id": channel.id}
    return {"ok": True, "no_op": True, "already_open": True, "channel": shown}


def of_user(core: Core, args: Args) -> Json:
    """The conversations that the bot, or a person, is in."""
    user = args.text("user", core.workspace.bot_user)
    kinds = set()
    for name in args.text("types", "public_channel").split(","):
        if name.strip() not in _KINDS:
            raise Refused("invalid_types")
        kinds.add(_KINDS[name.strip()])
    bot = core.workspace.bot_user
    found = [
        channel
        for channel in core.workspace.channels.values()
        if channel.kind in kinds and user in channel.members and (channel.kind == "channel" or bot in channel.members)
    ]
    if args.flag("exclude_archived"):
        found = [channel for channel in found if not channel.is_archived]
    chosen, cursor = page(found, args.text("cursor"), min(args.number("limit", 100), 999))
    shown = [channel.as_json(bot) for channel in chosen]
    return {"ok": True, "channels": shown, "response_metadata": {"next_cursor": cursor}}


def _visible(workspace: Workspace, args: Args) -> Channel:
    channel = workspace.channel(args.text("channel"))
    workspace.need(f"{SCOPE_PREFIX[channel.kind]}:read")
    if channel.kind != "channel" and workspace.bot_user not in channel.members:
        raise Refused("channel_not_found")
    return channel


def _limit(workspace: Workspace, args: Args, default: int, most: int) -> int:
    if workspace.options.distributed_app:
        default = most = 15
    return min(args.number("limit", default), most)


def _between(records: Sequence[Record], args: Args) -> list[Record]:
    oldest, latest = args.text("oldest", "0"), args.text("latest")
    for name, value in (("oldest", oldest), ("latest", latest or "0")):
        try:
            float(value)
        except ValueError:
            raise Refused(f"invalid_ts_{name}") from None
    low, high = float(oldest), float(latest) if latest else float("inf")
    if args.flag("inclusive"):
        return [record for record in records if low <= float(record.ts) <= high]
    return [record for record in records if low < float(record.ts) < high]


def _answer(workspace: Workspace, args: Args, records: Sequence[Record], cursor: str) -> Json:
    metadata = args.flag("include_all_metadata")
    shown = [messages.render(workspace, record, metadata=metadata) for record in records]
    answer: Json = {"ok": True, "messages": shown, "has_more": bool(cursor)}
    return answer | {"response_metadata": {"next_cursor": cursor}}


METHODS = {
    "conversations.info": Method(info, _READ, 50),
    "conversations.members": Method(members, _READ, 100),
    "conversations.history": Method(history, _HISTORY, 50),
    "conversations.replies": Method(replies, _HISTORY, 50),
    "conversations.open": Method(open_, ("im:write", "mpim:write", "channels:manage", "groups:write"), 50),
    "users.conversations": Method(of_user, _READ, 50),
}
