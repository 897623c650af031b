"""Which acts become events of the app, and what those events look like (Slack's Events API)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from playground.slack.state import filestore, messages
from playground.slack.state.entities import SCOPE_PREFIX, Channel, Record, StoredFile
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace

_MESSAGE_EVENT = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
_SCOPES = {
    "app_mention": ("app_mentions:read",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
}


class Sender(Protocol):
    """Takes payloads for delivery."""

    def put_event(self, payload: Json) -> None:
        """Deliver an Events API payload."""
        ...


class Events:
    """Turns acts into events, for what the app subscribes to, may see, and is a member of."""

    def __init__(self, workspace: Workspace, sender: Sender) -> None:
        self._workspace = workspace
        self._sender = sender

    def posted(self, record: Record) -> None:
        """A new message: by anybody, the app included."""
        self._emit_all(self._of_message(record))

    def changed(self, record: Record, before: Json) -> None:
        """An edit, an unfurl, an update by the app, or progress of a stream."""
        now = messages.render(self._workspace, record)
        self._hidden(record, {"subtype": "message_changed", "message": now, "previous_message": before})

    def deleted(self, record: Record, before: Json) -> None:
        """A message was deleted."""
        self._hidden(record, {"subtype": "message_deleted", "deleted_ts": record.ts, "previous_message": before})

    def shared(self, record: Record) -> None:
        """A message with files: one ``file_shared`` for each, and the message, in any order."""
        user = record.body.get("user", "")
        events = [
            {"type": "file_shared", "file_id": file_id, "user_id": user, "file": {"id": file_id}}
            | {"channel_id": record.channel}
            for file_id in record.file_ids
        ]
        channel = self._workspace.channels[record.channel]
        batches = [[(event, channel) for event in events], self._of_message(record)]
        self._workspace.clock.random.shuffle(batches)
        for batch in batches:
            self._emit_all(batch)

    def file(self, kind: str, file: StoredFile, **fields: object) -> None:
        """``file_change``, ``file_deleted``…, when the bot can see the file."""
        if filestore.visible_to_bot(self._workspace, file):
            self.emit({"type": kind, "file_id": file.id, "file": {"id": file.id}, **fields})

    def emit(self, event: Json, channel: Channel | None = None) -> None:
        """Deliver one event, if the app may have it."""
        workspace = self._workspace
        if channel is not None and workspace.bot_user not in channel.members and not _about_bot(workspace, event):
            return
        if workspace.revoked or not self._subscribed(event, channel):
            return
        event.setdefault("event_ts", workspace.clock.ts())
        self._sender.put_event(self.envelope(event, channel))

    def _subscribed(self, event: Json, channel: Channel | None) -> bool:
        workspace, kind = self._workspace, str(event["type"])
        if kind == "message" and channel is not None:
            prefix = SCOPE_PREFIX[channel.kind]
            name = f"message.{_MESSAGE_EVENT[channel.kind]}"
            return name in workspace.subscriptions and f"{prefix}:history" in workspace.scopes
        needed: tuple[str, ...] = ("files:read",) if kind.startswith("file_") else _SCOPES.get(kind, ())
        granted = not needed or bool(workspace.scopes.intersection(needed))
        return kind in workspace.subscriptions and granted

    def envelope(self, event: Json, channel: Channel | None = None) -> Json:
        """The outer envelope of an event: https://docs.slack.dev/apis/events-api/#callback-field."""
        workspace = self._workspace
        payload: Json = {
            "token": "verification-token",
            # Over Slack Connect, the workspace of whoever acted.
            "team_id": str(event.get("user_team") or workspace.team_id),
            "context_team_id": workspace.team_id,
            "context_enterprise_id": None,
            "api_app_id": workspace.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": workspace.clock.new_id("Ev"),
            "event_time": int(workspace.clock.now()),
            "is_ext_shared_channel": channel is not None and channel.is_ext_shared,
            "event_context": f"4-{workspace.clock.new_id('')}",
        }
        payload |= self._authorizations()
        if event["type"] == "app_mention":
            del payload["context_team_id"]
        if workspace.options.authorizations == "organization":
            payload |= {"enterprise_id": workspace.enterprise_id, "context_enterprise_id": workspace.enterprise_id}
        return payload

    def _authorizations(self) -> Json:
        workspace, kind = self._workspace, self._workspace.options.authorizations
        if kind in {"missing", "null", "empty"}:
            return {} if kind == "missing" else {"authorizations": None if kind == "null" else []}
        organization = kind == "organization"
        entry: Json = {
            "enterprise_id": workspace.enterprise_id if organization else None,
            "team_id": None if organization else workspace.team_id,
            "user_id": workspace.bot_user,
            "is_bot": True,
            "is_enterprise_install": organization,
        }
        if kind == "nobody":
            del entry["user_id"]
        return {"authorizations": [entry]}

    def _emit_all(self, events: Iterable[tuple[Json, Channel]]) -> None:
        for event, channel in events:
            self.emit(event, channel)

    def _of_message(self, record: Record) -> list[tuple[Json, Channel]]:
        workspace = self._workspace
        channel = workspace.channels[record.channel]
        event = messages.render(workspace, record, metadata=True)
        event |= {"channel": channel.id, "event_ts": record.ts, "channel_type": channel.kind}
        if record.file_ids and any(workspace.files[file_id].connect for file_id in record.file_ids):
            event["files"] = [filestore.stub(workspace.files[file_id]) for file_id in record.file_ids]
        if record.body.get("subtype") == "file_share":
            event.pop("team", None)
        if record.body.get("subtype") == "thread_broadcast":
            event["root"] = messages.render(workspace, channel.records[record.thread])
        if channel.kind == "im" and workspace.options.agent and "bot_id" not in event:
            event["app_context"] = workspace.contexts.get(str(record.body["user"]), {})
        twins = [(event, channel)]
        mention = self._mention(event, channel)
        if mention is not None:
            if workspace.options.team_on != "both":
                (event if workspace.options.team_on == "mention" else mention).pop("team", None)
            twins.append((mention, channel))
            if workspace.options.twins == "mention_first":
                twins.reverse()
            elif workspace.options.twins == "random":
                workspace.clock.random.shuffle(twins)
        return twins

    def _mention(self, event: Json, channel: Channel) -> Json | None:
        workspace = self._workspace
        if channel.kind == "im" or event.get("user") == workspace.bot_user:
            return None
        if f"<@{workspace.bot_user}" not in str(event.get("text", "")):
            return None
        if event.get("files") and not workspace.options.mention_on_upload:
            return None
        left_out = {"channel_type", "subtype", "root", "upload", "display_as_bot", "app_context"}
        if not workspace.options.mention_files:
            left_out.add("files")
        return {key: value for key, value in event.items() if key not in left_out} | {"type": "app_mention"}

    def _hidden(self, record: Record, fields: Json) -> None:
        channel = self._workspace.channels[record.channel]
        ts = self._workspace.clock.ts()
        event = {"type": "message", "hidden": True, "channel": channel.id, "channel_type": channel.kind}
        self.emit(event | fields | {"ts": ts, "event_ts": ts}, channel)


def _about_bot(workspace: Workspace, event: Json) -> bool:
    return event["type"] == "member_left_channel" and event.get("user") == workspace.bot_user
