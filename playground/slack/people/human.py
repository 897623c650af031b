"""People: they write, share files, edit, delete, react, invite, stop the bot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from playground.slack.api import basics, files, oauth
from playground.slack.api.stream import end as end_stream
from playground.slack.people.forging import Forging
from playground.slack.people.forwarding import Forwarding
from playground.slack.people.injecting import Injecting
from playground.slack.people.other_apps import OtherApps
from playground.slack.people.people import ANN
from playground.slack.people.special_files import SpecialFiles
from playground.slack.state import filestore, messages, status
from playground.slack.state.entities import Channel, Record
from playground.slack.state.options import Json

Upload = tuple[str, bytes | Path]
"""A file's name and its bytes, or where they lie when they are too many to hold."""


class Human(Forging, Forwarding, Injecting, OtherApps, SpecialFiles):
    """Acts as people do in Slack's client. ``user`` is who acts; Ann unless said otherwise."""

    async def post(
        self,
        channel: str,
        text: str = "",
        *,
        user: str = ANN,
        thread: str | None = None,
        files: Sequence[Upload] = (),
        file_ids: Sequence[str] = (),
        titles: Sequence[str] = (),
        broadcast: bool = False,
        attachments: Sequence[Json] = (),
        connect: bool = False,
        ts: str | None = None,
        subtype: str = "",
    ) -> str:
        """Write a message, perhaps with files. Returns its ts.

        Args:
            channel: where; a direct message is the channel ``slack.direct(user)``.
            text: as typed: ``@analyst`` becomes a mention, links become links, ``&<>`` are escaped.
            user: who.
            thread: ts of the thread's root, for a reply.
            files: to upload along with it.
            file_ids: files that are in Slack already, to share again.
            titles: of the files that are uploaded, where they differ from their names.
            broadcast: also send the reply to the channel.
            attachments: such as a table pasted into the composer.
            connect: the event names the files by id only, as over Slack Connect.
            ts: instead of now.
            subtype: such as ``me_message``.
        """
        place = self._workspace.channel(channel)
        if user not in place.members:
            raise ValueError(f"{user} is not in {channel}")
        stored = [filestore.store(self._workspace, name, data, user) for name, data in files]
        for file in stored:
            file.connect = connect
        for file, title in zip(stored, titles, strict=False):
            file.title = title
        body = self._body(user, text)
        if attachments:
            body["attachments"] = list(attachments)
        if ts:
            body["ts"] = ts
        if subtype:
            body["subtype"] = subtype
        ids = [*(file.id for file in stored), *file_ids]
        return self._enter(place, body, thread, ids, broadcast=broadcast)

    async def share_file(self, channel: str, file_id: str, *, user: str = ANN, thread: str | None = None) -> str:
        """Share a file that is in Slack already. Returns the message's ts."""
        return await self.post(channel, user=user, thread=thread, file_ids=[file_id])

    async def share_external(
        self, channel: str, name: str, url: str, *, user: str = ANN, kind: str = "gdrive", text: str = ""
    ) -> str:
        """Share a file that lies elsewhere (Google Drive…). Returns the message's ts."""
        file = filestore.store(self._workspace, name, b"", user)
        file.mode, file.external_type, file.external_url = "external", kind, url
        file.mimetype = "application/vnd.slack-remote"
        return await self.post(channel, text, user=user, file_ids=[file.id])

    async def edit(self, channel: str, ts: str, text: str, *, user: str | None = None) -> None:
        """Change what an own message says."""
        record = self._own(channel, ts, user)
        before = messages.render(self._workspace, record)
        author = str(record.body["user"])
        fresh = self._body(author, text)
        record.body |= {"text": fresh["text"], "blocks": fresh.get("blocks", [])}
        record.body["edited"] = {"user": author, "ts": self._workspace.clock.ts()}
        messages.note(self._workspace, record, "updated")
        messages.publish(self._workspace, record, "message_changed")
        self._core.events.changed(record, before)

    async def unfurl(self, channel: str, ts: str, url: str) -> None:
        """Slack itself adds a link's preview to a message: a change without ``edited``."""
        record = self._workspace.record(channel, ts)
        before = messages.render(self._workspace, record)
        record.body["attachments"] = [{"id": 1, "from_url": url, "title": url, "fallback": url}]
        messages.publish(self._workspace, record, "message_changed")
        self._core.events.changed(record, before)

    async def delete(self, channel: str, ts: str, *, user: str | None = None) -> None:
        """Delete an own message."""
        record = self._own(channel, ts, user)
        before = messages.render(self._workspace, record)
        messages.remove(self._workspace, record)
        self._core.events.deleted(record, before)

    async def change_file(self, file_id: str, data: bytes) -> None:
        """Replace a file's content (a snippet that is edited)."""
        file = self._workspace.files[file_id]
        file.data, file.size, file.updated = data, len(data), int(self._workspace.clock.now())
        self._core.events.file("file_change", file, user_id=file.user)
        files.refresh(self._workspace, file)

    async def delete_file(self, file_id: str) -> None:
        """Delete a file; the messages that showed it stay."""
        files.remove(self._core, self._workspace.files[file_id])

    async def react(self, channel: str, ts: str, name: str, *, user: str = ANN, remove: bool = False) -> None:
        """Put an emoji under a message, or take it away."""
        record = self._workspace.record(channel, ts)
        (basics.unreact if remove else basics.react)(self._workspace, record, name, user)
        item = {"type": "message", "channel": channel, "ts": ts}
        kind = "reaction_removed" if remove else "reaction_added"
        event = {"type": kind, "user": user, "reaction": name, "item": item, "item_user": record.body["user"]}
        self._core.events.emit(event, self._workspace.channels[channel])

    async def invite(self, channel: str, user: str | None = None, *, by: str = ANN) -> None:
        """Invite somebody; the bot unless said otherwise."""
        place = self._workspace.channel(channel)
        guest = user or self._workspace.bot_user
        place.members.append(guest)
        self._moved(place, guest, "member_joined_channel", "channel_join", inviter=by)

    async def kick(self, channel: str, user: str | None = None) -> None:
        """Remove somebody; the bot unless said otherwise."""
        place = self._workspace.channel(channel)
        guest = user or self._workspace.bot_user
        place.members.remove(guest)
        self._moved(place, guest, "member_left_channel", "channel_leave")

    async def archive(self, channel: str, archived: bool = True) -> None:
        """Archive a channel, or bring it back."""
        self._workspace.channel(channel).is_archived = archived
        self._workspace.changes.publish({"type": "channel", "channel": channel})

    async def stop(self, channel: str, thread: str, *, user: str = ANN) -> list[str]:
        """Press the Stop button of a thread. Returns the streams that it ended."""
        place = self._workspace.channel(channel)
        ended: list[str] = []
        for record in messages.thread(place, thread):
            if record.stream is not None and record.stream.state == "in_progress":
                end_stream(self._workspace, record, record.stream, by_user=True)
                ended.append(record.ts)
        status.clear(self._workspace, channel, thread)
        event: Json = {"type": "agent_session_stopped", "channel": channel, "user": user, "thread_ts": thread}
        self._core.events.emit(event | {"streaming_message_ts": ended}, place)
        return ended

    async def open_dm(self, user: str = ANN) -> str:
        """Open the direct message with the bot. Returns its id."""
        await self.open_home(user, tab="messages")
        return self._workspace.direct(user)

    async def open_home(self, user: str = ANN, *, tab: str = "home") -> Json:
        """Open the app's home tab, or its messages tab. Returns the home tab's view as it stood; {} without one."""
        channel = self._workspace.direct(user)
        event: Json = {"type": "app_home_opened", "user": user, "channel": channel, "tab": tab}
        view = self._workspace.views.get(self._workspace.homes.get(user, ""))
        if tab == "home" and view is not None:
            event["view"] = view.body
        elif tab == "messages":
            event["context"] = self._workspace.contexts.get(user, {"entities": []})
        self._core.events.emit(event)
        return view.body if view is not None else {}

    async def look_at(self, channel: str, *, user: str = ANN) -> None:
        """Look at a channel while the agent's pane is open."""
        entity = {"type": "slack#/types/channel_id", "value": channel, "team_id": self._workspace.team_id}
        self._workspace.contexts[user] = {"entities": [entity]}
        direct = self._workspace.direct(user)
        event = {"type": "app_context_changed", "channel": direct, "user": user, "context": {"entities": [entity]}}
        self._core.events.emit(event)

    async def uninstall(self) -> None:
        """Remove the app from the workspace; its tokens die."""
        oauth.remove(self._core)

    def _own(self, channel: str, ts: str, user: str | None) -> Record:
        record = self._workspace.record(channel, ts)
        if user is not None and record.body.get("user") != user:
            raise ValueError("people change and delete only what they wrote themselves")
        return record

    def _moved(self, place: Channel, guest: str, event: str, subtype: str, **fields: str) -> None:
        body: Json = {"user": guest, "subtype": subtype, "text": f"<@{guest}> has {subtype.partition('_')[2]}ed"}
        record = messages.add(self._workspace, place, body | fields)
        letter = {"channel": "C", "group": "G"}.get(place.kind, "C")
        moved: Json = {"type": event, "user": guest, "channel": place.id, "channel_type": letter}
        self._core.events.emit(moved | {"team": self._workspace.team_id} | fields, place)
        self._core.events.posted(record)
        self._workspace.changes.publish({"type": "channel", "channel": place.id})
