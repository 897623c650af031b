"""response_url: answering an interaction without a token, five times in half an hour."""

from __future__ import annotations

import json

from aiohttp import web

from playground.slack.api.chat import as_bot, show_ephemeral
from playground.slack.api.content import checked_blocks
from playground.slack.delivery.core import Core
from playground.slack.state import messages
from playground.slack.state.entities import Record
from playground.slack.state.errors import Refused
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace

USES = 5


def new_response_url(workspace: Workspace, channel: str, user: str, message_ts: str | None) -> str:
    """An address for answers to what a person did, perhaps to a message."""
    key = workspace.clock.new_id("")
    entry: Json = {"channel": channel, "user": user, "message_ts": message_ts, "uses": 0}
    workspace.response_urls[key] = entry | {"made": workspace.clock.monotonic()}
    return f"{workspace.url}/hooks/actions/{workspace.team_id}/{key}"


class ResponseUrls:
    """Serves ``/hooks/actions/``."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take one answer."""
        workspace = self._core.workspace
        entry = workspace.response_urls.get(request.match_info["key"])
        if entry is None:
            return web.Response(status=404, text="no_service")
        age = workspace.clock.monotonic() - entry["made"]
        if entry["uses"] >= USES or age > workspace.options.seconds(workspace.options.response_url_seconds):
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        entry["uses"] += 1
        try:
            said = json.loads(await request.text())
            self._do(entry, said)
        except ValueError:
            return web.Response(status=400, text="invalid_payload")
        except Refused as refused:
            return web.json_response(refused.answer(), status=400)
        return web.Response(text="ok")

    def _do(self, entry: Json, said: Json) -> None:
        workspace = self._core.workspace
        original = self._original(entry)
        if said.get("delete_original"):
            if original is not None:
                messages.remove(workspace, original)
            return
        content: Json = {"text": said.get("text", "")}
        if said.get("blocks"):
            content["blocks"] = checked_blocks(workspace, said["blocks"])
        if said.get("replace_original") and original is not None:
            before = messages.render(workspace, original)
            original.body.pop("blocks", None)
            original.body |= content
            messages.note(workspace, original, "updated")
            messages.publish(workspace, original, "message_changed")
            self._core.events.changed(original, before)
            return
        message = as_bot(workspace) | content
        thread = str(said.get("thread_ts") or "")
        if said.get("response_type") == "in_channel":
            channel = workspace.channel(entry["channel"])
            record = messages.add(workspace, channel, message, root=messages.root_of(channel, thread))
            self._core.events.posted(record)
        else:
            show_ephemeral(workspace, entry["channel"], entry["user"], message, thread)

    def _original(self, entry: Json) -> Record | None:
        channel = self._core.workspace.channels[entry["channel"]]
        return channel.records.get(str(entry["message_ts"]))
