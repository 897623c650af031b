"""What other apps and Slack's own helpers post: tools of people, workflows, alerts, bots, GIFs, link previews."""

from __future__ import annotations

from collections.abc import Sequence

from playground.slack.people.acting import Acting
from playground.slack.people.people import ANN
from playground.slack.people.typing_text import to_markup
from playground.slack.state.options import Json

TOOL = {"bot_id": "B0TOOL0001", "app_id": "A0TOOL0001"}
WORKFLOWS = {"bot_id": "B0WORKFLOW", "app_id": "A0WORKFLOW"}
MONITOR = {"bot_id": "B0MONITOR1", "app_id": "A0MONITOR1"}
GIPHY = {"bot_id": "B0GIPHY001", "app_id": "A0GIPHY001"}
ALERT: Json = {
    "title": "[FIRING:1] Latency (web-3)",
    "title_link": "https://alerts.example/1",
    "text": "p95 = 1843 ms on web-3",
    "fallback": "[FIRING:1] Latency",
    "fields": [
        {"title": "Region", "value": "eu-west", "short": True},
        {"title": "Errors", "value": "4.2 %", "short": True},
    ],
    "color": "D63232",
    "footer": "Alerting",
}


class OtherApps(Acting):
    """Posts as they do. ``text`` is as typed: ``@analyst`` becomes a mention."""

    async def post_by_tool(
        self, channel: str, text: str, *, user: str = ANN, thread: str | None = None, bot_id: bool = True
    ) -> str:
        """A person's message, posted by a tool with that person's own token: ``user``, ``bot_id`` and ``app_id``."""
        body = self._body(user, text) | (TOOL if bot_id else {})
        del body["client_msg_id"]
        return self._enter(self._workspace.channel(channel), body, thread)

    async def post_by_workflow(
        self, channel: str, text: str, *, name: str = "Weekly report", thread: str | None = None
    ) -> str:
        """A message of Workflow Builder: ``subtype: bot_message``, a name, no user."""
        return self._of_nobody(channel, text, {"username": name} | WORKFLOWS, thread)

    async def post_alert(
        self,
        channel: str,
        text: str = "",
        *,
        attachments: Sequence[Json] = (ALERT,),
        blocks: Sequence[Json] = (),
        thread: str | None = None,
    ) -> str:
        """An alert by an incoming webhook: its words stand in attachments or blocks, ``text`` is "" or stands in.

        https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments

        Args:
            channel: where.
            text: what notifications show.
            attachments: one alert by default; none together with ``blocks`` if so wished.
            blocks: such as header, section with fields, context, rich_text, table.
            thread: into which thread.
        """
        body: Json = {"username": "Alerting", "attachments": list(attachments)} | MONITOR
        return self._of_nobody(channel, text, body | ({"blocks": list(blocks)} if blocks else {}), thread)

    async def post_as_bot(self, channel: str, text: str, *, user: str, thread: str | None = None) -> str:
        """What another app's bot says with its bot token: its user, ``bot_id``, ``bot_profile``, no subtype."""
        name = self._workspace.users[user]["name"]
        profile = {"id": MONITOR["bot_id"], "app_id": MONITOR["app_id"], "user_id": user, "name": name}
        profile |= {"icons": {}, "deleted": False, "updated": 1_767_000_000, "team_id": self._workspace.team_id}
        body = self._body(user, text) | MONITOR | {"bot_profile": profile}
        del body["client_msg_id"]
        return self._enter(self._workspace.channel(channel), body, thread)

    async def post_gif(
        self, channel: str, *, user: str = ANN, thread: str | None = None, by_command: bool = False
    ) -> str:
        """A GIF without a word: an image block, or (``by_command``) the attachment of ``/giphy``."""
        url, title = "https://gifs.example/party.gif", "party"
        body = self._body(user, "")
        if by_command:
            shown = {"id": 1, "title": title, "title_link": url, "image_url": url, "image_bytes": 90_210}
            attachments = [shown | {"fallback": f"giphy: {title}", "footer": "Posted using /giphy"}]
            return self._enter(self._workspace.channel(channel), body | GIPHY | {"attachments": attachments}, thread)
        block: Json = {"type": "image", "block_id": "gif", "image_url": url, "alt_text": title}
        block["title"] = {"type": "plain_text", "text": title}
        return self._enter(self._workspace.channel(channel), body | {"blocks": [block]}, thread)

    async def post_preview(
        self, channel: str, url: str = "https://example.com/", *, user: str = ANN, thread: str | None = None
    ) -> str:
        """A link's preview without the link: what is left when its text was taken away."""
        preview = {"id": 1, "from_url": url, "original_url": url, "title": "Example", "title_link": url}
        preview |= {"service_name": "example.com", "text": "An example", "fallback": "Example"}
        body = self._body(user, "") | {"attachments": [preview]}
        return self._enter(self._workspace.channel(channel), body, thread)

    def _of_nobody(self, channel: str, text: str, body: Json, thread: str | None) -> str:
        said: Json = {"subtype": "bot_message", "text": to_markup(self._workspace, text)}
        return self._enter(self._workspace.channel(channel), said | body, thread)
