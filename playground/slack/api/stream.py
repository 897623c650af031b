"""chat.startStream, appendStream, stopStream."""

from __future__ import annotations

from playground.slack.api import content
from playground.slack.api.args import Args
from playground.slack.api.chat import as_bot
from playground.slack.api.method import Method
from playground.slack.delivery.core import Core
from playground.slack.state import messages, status
from playground.slack.state.entities import Channel, Record
from playground.slack.state.errors import Refused
from playground.slack.state.options import Json
from playground.slack.state.streams import Content, Stream, read_content
from playground.slack.state.workspace import Workspace

_SESSIONS = {"active", "processing", "suspended", "closed"}


def start(core: Core, args: Args) -> Json:
    """Begin a streamed message in a thread."""
    workspace = core.workspace
    channel = workspace.writable(args.text("channel"))
    given = _content(workspace, args)
    thread_ts = args.text("thread_ts")
    if not thread_ts and channel.kind != "im":
        raise Refused("invalid_thread_ts")
    if thread_ts and thread_ts not in channel.records:
        raise Refused("invalid_thread_ts")
    root = messages.root_of(channel, thread_ts)
    _check_recipient(workspace, channel, args)
    stream = Stream(workspace.clock.monotonic(), args.text("task_display_mode", "timeline"))
    stream.admit(given, workspace.options.stream_bytes)
    body = as_bot(workspace) | {"text": stream.text, "blocks": stream.render(), "streaming_state": "in_progress"}
    record = messages.add(workspace, channel, body, root=root, raw=args.values)
    record.stream = stream
    stream.timer = workspace.clock.later(
        workspace.options.seconds(workspace.options.stream_seconds), lambda: _expire(workspace, record)
    )
    status.clear(workspace, channel.id, record.thread)
    if workspace.options.stream_events != "none":
        core.events.posted(record)
    return {"ok": True, "channel": channel.id, "ts": record.ts}


def append(core: Core, args: Args) -> Json:
    """Add to a running stream."""
    workspace = core.workspace
    record, stream = _running(workspace, args)
    stream.admit(_content(workspace, args), workspace.options.stream_bytes)
    before = messages.render(workspace, record) if workspace.options.stream_events == "all" else None
    _show(workspace, record, stream)
    messages.note(workspace, record, "appended")
    if before is not None:
        core.events.changed(record, before)
    return {"ok": True, "channel": record.channel, "ts": record.ts}


def stop(core: Core, args: Args) -> Json:
    """End a stream, with last words and blocks below."""
    workspace = core.workspace
    record, stream = _running(workspace, args)
    given = _content(workspace, args)
    metadata = content.metadata(args)
    session = args.text("session_status", "active")
    if session not in _SESSIONS:
        raise Refused("invalid_arguments", ["must be a valid session_status"])
    final = content.checked_blocks(workspace, args.optional("blocks") or [])
    before = messages.render(workspace, record)
    stream.admit(given, workspace.options.stream_bytes)
    if not stream.pieces and not stream.tasks and not final:
        raise Refused("no_text")
    stream.final_blocks = final
    record.metadata = metadata or record.metadata
    end(workspace, record, stream)
    if workspace.options.stream_events != "none":
        core.events.changed(record, before)
    shown = messages.render(workspace, record, metadata=True)
    return {"ok": True, "channel": record.channel, "ts": record.ts, "message": shown}


def end(workspace: Workspace, record: Record, stream: Stream, *, by_user: bool = False) -> None:
    """Close a stream: at the app's word, or the user's."""
    workspace.clock.cancel(stream.timer)
    stream.stopped_by_user = by_user
    stream.end()
    _show(workspace, record, stream)
    messages.note(workspace, record, "stream_ended")


def _show(workspace: Workspace, record: Record, stream: Stream) -> None:
    record.body |= {"text": stream.text, "blocks": stream.render(), "streaming_state": stream.state}
    messages.publish(workspace, record, "message_changed")


def _expire(workspace: Workspace, record: Record) -> None:
    if record.stream is not None and record.stream.state == "in_progress":
        record.stream.end("errored")
        _show(workspace, record, record.stream)


def _content(workspace: Workspace, args: Args) -> Content:
    markdown = args.optional("markdown_text")
    text = None if markdown is None else str(markdown)
    return read_content(text, args.optional("chunks"), content.message_rules(workspace))


def _running(workspace: Workspace, args: Args) -> tuple[Record, Stream]:
    channel = workspace.writable(args.text("channel"))
    record = workspace.record(channel.id, args.need("ts"))
    if record.body.get("bot_id") != workspace.bot_id:
        raise Refused("message_not_owned_by_app")
    stream = record.stream
    if stream is not None and stream.stopped_by_user:
        raise Refused("stopped_by_user")
    if stream is None or stream.state != "in_progress":
        raise Refused("message_not_in_streaming_state")
    return record, stream


def _check_recipient(workspace: Workspace, channel: Channel, args: Args) -> None:
    user, team = args.text("recipient_user_id"), args.text("recipient_team_id")
    if channel.kind != "im":
        if not user:
            raise Refused("missing_recipient_user_id")
        if not team:
            raise Refused("missing_recipient_team_id")
    if user:
        workspace.person(user)
    if team and team not in {person["team_id"] for person in workspace.users.values()}:
        raise Refused("team_not_found")


METHODS = {
    "chat.startStream": Method(start, ("chat:write",), 20),
    "chat.appendStream": Method(append, ("chat:write",), 100),
    "chat.stopStream": Method(stop, ("chat:write",), 20),
}
