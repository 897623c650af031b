"""Files that are none: emails, canvases, lists, posts, and what Slack hides.

The words of ``mode``: https://docs.slack.dev/reference/objects/file-object/
"""

from __future__ import annotations

from collections.abc import Sequence

from playground.slack.people.acting import Acting
from playground.slack.people.people import ANN
from playground.slack.state import filestore
from playground.slack.state.entities import StoredFile
from playground.slack.state.options import Json

_KINDS = {
    "quip": ("quip", "Canvas", "application/vnd.slack-docs"),
    "canvas": ("quip", "Canvas", "application/vnd.slack-docs"),
    "list": ("list", "List", "application/vnd.slack-list"),
    "post": ("space", "Post", "text/plain"),
}


class SpecialFiles(Acting):
    """Shares them."""

    async def share_document(
        self,
        channel: str,
        title: str,
        *,
        mode: str = "quip",
        user: str = ANN,
        text: str = "",
        thread: str | None = None,
    ) -> str:
        """A canvas (``quip``, ``canvas``), a list (``list``) or a post (``post``): its bytes are no data.

        Returns the message's ts.
        """
        filetype, pretty, mimetype = _KINDS[mode]
        file = filestore.store(self._workspace, title, b"<p>not data</p>", user)
        file.mode, file.mimetype = mode, mimetype
        file.facts = {"filetype": filetype, "pretty_type": pretty, "editable": True}
        return self._share(channel, file, user, text, thread)

    async def share_email(
        self,
        channel: str,
        subject: str,
        *,
        attached: Sequence[tuple[str, bytes]] = (),
        user: str = ANN,
        text: str = "",
        thread: str | None = None,
    ) -> str:
        """An email that was sent to the channel's address, with its attachments. Returns the message's ts.

        The attachments are no files of their own: name, size, type and address stand in the email's ``attachments``,
        and their bytes want the token as any download does.
        """
        file = filestore.store(self._workspace, subject, b"<html><body>See the numbers.</body></html>", user)
        file.mode, file.mimetype = "email", "text/html"
        file.parts = dict(attached)
        sender = {"address": "ann@example.com", "name": "Ann", "original": "Ann <ann@example.com>"}
        file.facts = {"filetype": "email", "pretty_type": "Email", "subject": subject, "from": [sender], "to": []}
        file.facts |= {"cc": [], "plain_text": "See the numbers.", "original_attachment_count": len(attached)}
        return self._share(channel, file, user, text, thread)

    async def hide_file(self, file_id: str) -> None:
        """Slack hides a file that is older than the workspace's plan shows."""
        self._workspace.files[file_id].mode = "hidden_by_limit"

    async def retitle(self, file_id: str, title: str) -> None:
        """Give a file a title other than its name."""
        file = self._workspace.files[file_id]
        file.title, file.updated = title, int(self._workspace.clock.now())
        self._core.events.file("file_change", file, user_id=file.user)

    def _share(self, channel: str, file: StoredFile, user: str, text: str, thread: str | None) -> str:
        body: Json = self._body(user, text)
        return self._enter(self._workspace.channel(channel), body, thread, [file.id])
