"""chat.postMessage, update, delete, postEphemeral, getPermalink."""

from __future__ import annotations

from playground.slack.api import content
from playground.slack.api.args import Args
from playground.slack.api.method import Method
from playground.slack.delivery.core import Core
from playground.slack.state import messages, status
from playground.slack.state.entities import Channel, Record
from playground.slack.state.errors import Refused
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace

UPDATE_LIMIT = 4_000


def as_bot(workspace: Workspace) -> Json:
    """Who a message of the app is from."""
    return {
        "user": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "app_id": workspace.app_id,
        "team": workspace.team_id,
        "bot_profile": workspace.bot_profile(),
    }


def post_message(core: Core, args: Args) -> Json:
    """Post into a channel, or into a thread."""
    workspace = core.workspace
    channel = _target(workspace, args)
    said = content.read(workspace, args)
    metadata = content.metadata(args)
    root = messages.root_of(channel, args.text("thread_ts"))
    body = as_bot(workspace) | said
    if root is not None and args.flag("reply_broadcast"):
        body["subtype"] = "thread_broadcast"
    record = messages.add(workspace, channel, body, root=root, metadata=metadata or None, raw=args.values)
    status.clear(workspace, channel.id, record.thread)
    core.events.posted(record)
    return {"ok": True, "channel": channel.id, "ts": record.ts, "message": _shown(workspace, record)}


def update(core: Core, args: Args) -> Json:
    """Replace what an own message says."""
    workspace = core.workspace
    record = own(workspace, args, "cant_update_message")
    if record.stream is not None and record.stream.state == "in_progress":
        raise Refused("streaming_state_conflict")
    if len(args.text("text")) > UPDATE_LIMIT:
        raise Refused("msg_too_long")
    metadata = content.metadata(args)
    said = content.read(workspace, args) if _says(args) else {}
    if not said and metadata is None:
        raise Refused("no_text")
    before = messages.render(workspace, record)
    if said:
        if args.optional("text") is None and not args.optional("markdown_text"):
            said.pop("text")
        elif "blocks" not in said:
            record.body.pop("blocks", None)
        record.body |= said
    record.body["edited"] = {"user": workspace.bot_id, "ts": workspace.clock.ts()}
    if metadata is not None:
        record.metadata = metadata or None
    record.raw = args.values
    messages.note(workspace, record, "updated")
    messages.publish(workspace, record, "message_changed")
    core.events.changed(record, before)
    shown = _shown(workspace, record)
    return {"ok": True, "channel": record.channel, "ts": record.ts, "text": shown.get("text", ""), "message": shown}


def delete(core: Core, args: Args) -> Json:
    """Delete an own message."""
    record = own(core.workspace, args, "cant_delete_message")
    before = messages.render(core.workspace, record)
    if record.stream is not None:
        record.stream.end("errored")
        core.workspace.clock.cancel(record.stream.timer)
    messages.remove(core.workspace, record)
    core.events.deleted(record, before)
    return {"ok": True, "channel": record.channel, "ts": record.ts}


def post_ephemeral(core: Core, args: Args) -> Json:
    """Show something to one person only."""
    workspace = core.workspace
    channel = _target(workspace, args)
    user = args.need("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    said = content.read(workspace, args)
    show_ephemeral(workspace, channel.id, user, as_bot(workspace) | said, args.text("thread_ts"))
    return {"ok": True, "message_ts": workspace.ephemerals[-1]["message"]["ts"]}


def get_permalink(core: Core, args: Args) -> Json:
    """The address of a message."""
    record = core.workspace.record(args.text("channel"), args.need("message_ts"))
    link = f"{core.workspace.url}/archives/{record.channel}/p{record.ts.replace('.', '')}"
    return {"ok": True, "channel": record.channel, "permalink": link}


def show_ephemeral(workspace: Workspace, channel: str, user: str, message: Json, thread_ts: str = "") -> None:
    """Put an ephemeral message before a person."""
    message = {"type": "message", "ts": workspace.clock.ts(), "is_ephemeral": True, **message}
    if thread_ts:
        message["thread_ts"] = thread_ts
    shown: Json = {"type": "ephemeral", "channel": channel, "user": user, "message": message}
    if thread_ts:
        shown["thread_ts"] = thread_ts
    workspace.ephemerals.append(shown)
    workspace.changes.publish(shown, channel)


def own(workspace: Workspace, args: Args, refusal: str) -> Record:
    """The message that a call names, which must be the app's."""
    record = workspace.record(args.text("channel"), args.need("ts"))
    if record.body.get("bot_id") != workspace.bot_id:
        raise Refused(refusal)
    return record


def _target(workspace: Workspace, args: Args) -> Channel:
    return workspace.writable(args.text("channel"))


def _says(args: Args) -> bool:
    return any(args.optional(key) is not None for key in ("text", "blocks", "attachments", "markdown_text"))


def _shown(workspace: Workspace, record: Record) -> Json:
    return messages.render(workspace, record, metadata=True)


METHODS = {
    "chat.postMessage": Method(post_message, ("chat:write",), 60, per_channel=True),
    "chat.update": Method(update, ("chat:write",), 50),
    "chat.delete": Method(delete, ("chat:write",), 50),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",), 100),
    "chat.getPermalink": Method(get_permalink, (), 600),
}
