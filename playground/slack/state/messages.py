"""Posting, changing, deleting and reading messages; threads keep their counts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from playground.slack.state import filestore
from playground.slack.state.entities import Channel, Record, Share
from playground.slack.state.errors import Refused
from playground.slack.state.ledger import Act
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace

TS = re.compile(r"\d{9,11}\.\d{6}")


def render(workspace: Workspace, record: Record, *, metadata: bool = False) -> Json:
    """The message as answers and events show it now."""
    body = dict(record.body)
    if record.file_ids:
        body["files"] = [filestore.render(workspace, workspace.files[file_id]) for file_id in record.file_ids]
    if metadata and record.metadata:
        body["metadata"] = record.metadata
    return body


def root_of(channel: Channel, thread_ts: str) -> Record | None:
    """The root of the thread that a reply to ``thread_ts`` joins; None for a message at top level."""
    if not thread_ts:
        return None
    if not TS.fullmatch(thread_ts):
        raise Refused("invalid_thread_ts")
    found = channel.records.get(thread_ts)
    if found is not None and found.is_reply:
        found = channel.records.get(found.thread)
    if found is None:
        raise Refused("thread_not_found")
    if str(found.body.get("subtype", "")).startswith("channel_"):
        raise Refused("cannot_reply_to_message")
    if found.ts in channel.locked_threads:
        raise Refused("restricted_action_thread_locked")
    return found


def add(
    workspace: Workspace,
    channel: Channel,
    body: Json,
    *,
    root: Record | None = None,
    file_ids: Iterable[str] = (),
    metadata: Json | None = None,
    raw: Json | None = None,
) -> Record:
    """Put a message into a channel, or into the thread of ``root``. ``body`` needs at least user and text."""
    body = {"type": "message", **body}
    body.setdefault("ts", workspace.clock.ts())
    record = Record(channel.id, body, list(file_ids), metadata, raw or {})
    if root is not None:
        body |= {"thread_ts": root.ts, "parent_user_id": root.body.get("user", "")}
    for file_id in record.file_ids:
        workspace.files[file_id].shares.append(Share(channel.id, record.ts, record.thread))
    _insert(channel, record)
    workspace.places[record.ts] = channel.id
    if root is not None:
        channel.replies.setdefault(root.ts, {})[record.ts] = None
        _count(channel, root)
    note(workspace, record, "stream_started" if body.get("streaming_state") else "posted")
    publish(workspace, record, "message")
    if root is not None:
        publish(workspace, root, "message_changed")
    return record


def note(
    workspace: Workspace,
    record: Record,
    kind: Literal["posted", "updated", "deleted", "stream_started", "appended", "stream_ended"],
) -> None:
    """Write what happened into the ledger."""
    size = len(str(record.body.get("text", "")))
    user = str(record.body.get("user", ""))
    act = Act(workspace.clock.now(), kind, record.channel, record.ts, record.thread, user, size, record.metadata)
    workspace.ledger.acts.append(act)


def publish(workspace: Workspace, record: Record, kind: str) -> None:
    """Tell the pages and wake those who wait for this channel or thread."""
    if not workspace.changes.has_listeners:
        workspace.changes.notify(record.channel, (record.channel, record.thread))
        return
    frame: Json = {"type": kind, "channel": record.channel, "message": render(workspace, record)}
    if record.is_reply:
        frame["thread_ts"] = record.thread
    workspace.changes.publish(frame, record.channel, (record.channel, record.thread))


def remove(workspace: Workspace, record: Record) -> None:
    """Delete a message; a root with replies leaves a tombstone."""
    channel = workspace.channels[record.channel]
    note(workspace, record, "deleted")
    for file_id in record.file_ids:
        file = workspace.files[file_id]
        file.shares = [share for share in file.shares if (share.channel, share.ts) != (channel.id, record.ts)]
    if channel.replies.get(record.ts):
        kept = {"ts", "thread_ts", "reply_count", "reply_users", "reply_users_count", "latest_reply"}
        body = {key: value for key, value in record.body.items() if key in kept}
        record.body = body | {"type": "message", "subtype": "tombstone", "hidden": True, "user": "USLACKBOT"}
        record.body["text"] = "This message was deleted."
        record.file_ids, record.metadata = [], None
        publish(workspace, record, "message_changed")
        return
    del channel.records[record.ts]
    if workspace.places.get(record.ts) == channel.id:
        del workspace.places[record.ts]
    root = channel.records.get(record.thread)
    if record.is_reply and root is not None:
        channel.replies[root.ts].pop(record.ts, None)
        _count(channel, root)
        publish(workspace, root, "message_changed")
    frame: Json = {"type": "message_deleted", "channel": channel.id, "ts": record.ts, "deleted_ts": record.ts}
    if record.is_reply:
        frame["thread_ts"] = record.thread
    workspace.changes.publish(frame, channel.id, (channel.id, record.thread))


def top_level(channel: Channel) -> list[Record]:
    """What the channel itself shows, oldest first: no replies but those also sent to the channel."""
    return [r for r in channel.records.values() if not r.is_reply or r.body.get("subtype") == "thread_broadcast"]


def thread(channel: Channel, ts: str) -> list[Record]:
    """Root first, then its replies, oldest first; ``ts`` may be any message of the thread."""
    found = channel.records.get(ts)
    root = channel.records.get(found.thread) if found else None
    if root is None:
        return []
    return [root, *(channel.records[reply] for reply in sorted(channel.replies.get(root.ts, {})))]


def _insert(channel: Channel, record: Record) -> None:
    newest = next(reversed(channel.records), "")
    if record.ts in channel.records:
        raise ValueError(f"there is a message {record.ts} in {channel.id}")
    channel.records[record.ts] = record
    if record.ts < newest:
        channel.records = dict(sorted(channel.records.items()))


def _count(channel: Channel, root: Record) -> None:
    replies = channel.replies.get(root.ts, {})
    facts = ("thread_ts", "reply_count", "reply_users", "reply_users_count", "latest_reply", "is_locked", "subscribed")
    if not replies:
        for fact in facts:
            root.body.pop(fact, None)
        return
    users = list(dict.fromkeys(str(channel.records[ts].body.get("user", "")) for ts in replies))
    root.body |= {
        "thread_ts": root.ts,
        "reply_count": len(replies),
        "reply_users": users[:5],
        "reply_users_count": len(users),
        "latest_reply": max(replies),
        "is_locked": root.ts in channel.locked_threads,
        "subscribed": True,
    }
