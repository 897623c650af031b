"""Forwarded messages: attachments that carry another message's words and files."""

from __future__ import annotations

from playground.slack.people.acting import Acting
from playground.slack.people.people import ANN
from playground.slack.state import filestore
from playground.slack.state.entities import Channel, Record
from playground.slack.state.options import Json


class Forwarding(Acting):
    """Forwards messages."""

    async def forward(
        self,
        channel: str,
        source: str,
        ts: str,
        text: str = "",
        *,
        user: str = ANN,
        thread: str | None = None,
    ) -> str:
        """Forward a message. Returns the ts of the message that carries it.

        The original's files come along as the app may see them: whole from channels that it is in, else as stubs.

        Args:
            channel: where to.
            source: the original's channel; the person must be able to read it.
            ts: the original.
            text: a comment, as typed; "" for a wordless forward.
            user: who forwards.
            thread: into which thread.
        """
        place, origin = self._workspace.channel(channel), self._workspace.channel(source)
        if user not in place.members or (origin.kind != "channel" and user not in origin.members):
            raise ValueError(f"{user} cannot forward from {source} to {channel}")
        body = self._body(user, text) | {"attachments": [self._shared(origin, self._workspace.record(source, ts))]}
        return self._enter(place, body, thread)

    def _shared(self, origin: Channel, record: Record) -> Json:
        workspace, body = self._workspace, record.body
        author = workspace.users.get(str(body.get("user", "")), {})
        name = str(body.get("username") or author.get("real_name") or "unknown")
        shared: Json = {
            "id": 1,
            "ts": record.ts,
            "channel_id": origin.id,
            "channel_team": workspace.team_id,
            "is_msg_unfurl": True,
            "is_share": True,
            "author_id": body.get("user", ""),
            "author_name": name,
            "author_subname": name,
            "author_link": f"{workspace.url}/team/{body.get('user', '')}",
            "from_url": f"{workspace.url}/archives/{origin.id}/p{record.ts.replace('.', '')}",
            "text": body.get("text", ""),
            "fallback": f"[{record.ts}] {name}: {body.get('text', '')}",
            "footer": f"Posted in #{origin.name}" if origin.name else "Direct message",
            "mrkdwn_in": ["text"],
            "color": "D0D0D0",
        }
        if record.is_reply:
            shared["footer"] = f"Thread in #{origin.name}"
        if body.get("blocks"):
            inner = {"team": workspace.team_id, "channel": origin.id, "ts": record.ts}
            shared["message_blocks"] = [inner | {"message": {"blocks": body["blocks"]}}]
        if record.file_ids:
            shared["files"] = [self._file(file_id) for file_id in record.file_ids]
        return shared

    def _file(self, file_id: str) -> Json:
        file = self._workspace.files[file_id]
        seen = filestore.visible_to_bot(self._workspace, file)
        return filestore.render(self._workspace, file) if seen else filestore.stub(file)
