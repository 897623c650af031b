"""What a message says: text, Markdown, blocks, metadata, checked as Slack checks it."""

from __future__ import annotations

import json

from playground.slack.api.args import Args
from playground.slack.state import blocks as block_kit
from playground.slack.state import filestore
from playground.slack.state.errors import Refused
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace

TEXT_CUT = 40_000
MARKDOWN_LIMIT = 12_000
METADATA_LIMIT = 8_192


def message_rules(workspace: Workspace) -> block_kit.Rules:
    """The rules for blocks in messages of the app."""
    return block_kit.Rules("message", lambda file: _shows(workspace, file))


def checked_blocks(workspace: Workspace, blocks: object) -> list[Json]:
    """Blocks for a message, with ids."""
    return block_kit.with_ids(block_kit.check(blocks, message_rules(workspace)), workspace.clock)


def read(workspace: Workspace, args: Args) -> Json:
    """The content of a message: ``text``, and ``blocks`` and ``attachments`` when given."""
    markdown = args.optional("markdown_text")
    blocks, attachments = args.optional("blocks"), args.optional("attachments")
    if markdown and (args.optional("text") or blocks):
        raise Refused("markdown_text_conflict")
    if markdown:
        return _markdown(workspace, str(markdown))
    text = args.text("text")[:TEXT_CUT]
    if not (text.strip() or blocks or attachments):
        raise Refused("no_text")
    content: Json = {"text": text}
    if blocks:
        content["blocks"] = checked_blocks(workspace, blocks)
    if attachments:
        if not isinstance(attachments, list):
            raise Refused("invalid_attachments")
        if len(attachments) > 100:
            raise Refused("too_many_attachments")
        content["attachments"] = attachments
    return content


def metadata(args: Args) -> Json | None:
    """A message's metadata, or None when not given; ``{}`` removes it."""
    value = args.optional("metadata")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Refused("invalid_metadata_format")
    if not value:
        return {}
    if not isinstance(value.get("event_type"), str) or not isinstance(value.get("event_payload"), dict):
        raise Refused("invalid_metadata_schema")
    if len(json.dumps(value).encode()) > METADATA_LIMIT:
        raise Refused("metadata_too_large")
    return value


def _markdown(workspace: Workspace, markdown: str) -> Json:
    if len(markdown) > MARKDOWN_LIMIT:
        raise Refused("msg_too_long")
    block = {"type": "markdown", "text": markdown}
    return {"text": markdown, "blocks": block_kit.with_ids([block], workspace.clock)}


def _shows(workspace: Workspace, named: Json) -> bool:
    file_id = str(named.get("id") or "")
    if not file_id and "url" in named:
        file_id = next((f.id for f in workspace.files.values() if f"-{f.id}/" in str(named["url"])), "")
    file = workspace.files.get(file_id)
    if file is None or file.state != "complete" or file.extension not in filestore.IMAGES:
        return False
    return filestore.visible_to_bot(workspace, file) and workspace.clock.monotonic() >= file.ready_at
