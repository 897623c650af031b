"""files.getUploadURLExternal, completeUploadExternal, info, list, delete."""

from __future__ import annotations

import math

from playground.slack.api import content
from playground.slack.api.args import Args, page
from playground.slack.api.chat import as_bot
from playground.slack.api.method import Method
from playground.slack.delivery.core import Core
from playground.slack.state import filestore, messages, status
from playground.slack.state.entities import Channel, Record, StoredFile
from playground.slack.state.errors import Refused
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace

_SNIPPETS = {"csv", "tsv", "python", "sql", "text", "json", "javascript", "markdown", "yaml", "html", "shell"}
_TYPES = {"all", "spaces", "snippets", "images", "gdocs", "zips", "pdfs"}


def get_upload_url(core: Core, args: Args) -> Json:
    """Begin an upload."""
    workspace = core.workspace
    length = args.number("length", 0)
    if not args.text("filename") or length <= 0:
        raise Refused("missing_argument")
    if len(args.text("alt_txt")) > 1000:
        raise Refused("alt_txt_too_large")
    snippet = args.text("snippet_type")
    if snippet and snippet not in _SNIPPETS:
        raise Refused("unknown_snippet_type")
    if snippet and length > filestore.SNIPPET_BYTES:
        raise Refused("snippet_too_large")
    name = args.text("filename")
    file = StoredFile(
        id=workspace.clock.new_id("F"),
        name=name,
        title=name,
        user=workspace.bot_user,
        created=int(workspace.clock.now()),
        size=length,
        alt=args.text("alt_txt"),
        mode="snippet" if snippet else "hosted",
        state="pending",
        mimetype=filestore.media_type(name),
    )
    workspace.files[file.id] = file
    return {"ok": True, "upload_url": f"{workspace.url}/upload/v1/{workspace.team_id}/{file.id}", "file_id": file.id}


def complete_upload(core: Core, args: Args) -> Json:
    """Finish uploads and share them; the message follows a little later."""
    workspace = core.workspace
    named = args.optional("files")
    if not isinstance(named, list) or not named:
        raise Refused("invalid_arguments", ["missing required field: files"])
    files = [_uploaded(workspace, entry) for entry in named]
    channels = [workspace.writable(channel) for channel in _channels(args)]
    thread_ts = args.text("thread_ts")
    if thread_ts and len(channels) != 1:
        raise Refused("invalid_arguments", ["thread_ts needs exactly one channel"])
    roots = [messages.root_of(channel, thread_ts) for channel in channels]
    body: Json = {"text": args.text("initial_comment"), "upload": True, "display_as_bot": False}
    if args.optional("blocks") and not body["text"]:
        body["blocks"] = content.checked_blocks(workspace, args.optional("blocks"))
    low, high = (workspace.options.seconds(bound) for bound in workspace.options.file_lag)
    ready = workspace.clock.monotonic() + workspace.clock.random.uniform(low, high)
    for file, entry in zip(files, named, strict=True):
        file.title = str(entry.get("title") or file.name)
        file.state, file.ready_at = "complete", ready
    delay = _share_delay(core, args)
    if delay is not None:
        for channel, root in zip(channels, roots, strict=True):
            _share_later(core, channel, root, files, body, delay)
    return {"ok": True, "files": [{"id": file.id, "title": file.title} for file in files]}


def info(core: Core, args: Args) -> Json:
    """One file."""
    workspace = core.workspace
    file = _known(workspace, args.need("file"))
    body: Json = {"ok": True, "file": filestore.render(workspace, file, shares=True), "comments": []}
    if file.mode == "snippet" and isinstance(file.data, bytes):
        body["content"] = file.data[:4000].decode("utf-8", "replace")
    return body | {"response_metadata": {"next_cursor": ""}}


def list_(core: Core, args: Args) -> Json:
    """Files of a channel or a person, newest first."""
    workspace = core.workspace
    kinds = set(args.text("types", "all").split(","))
    if not kinds <= _TYPES:
        raise Refused("unknown_type")
    if args.text("channel"):
        workspace.readable(args.text("channel"))
    found = [file for file in workspace.files.values() if _listed(workspace, file, args, kinds)]
    found.sort(key=lambda file: file.created, reverse=True)
    count, number = min(args.number("count", 100), 1000), max(args.number("page", 1), 1)
    chosen, _ = page(found[(number - 1) * count :], "", count)
    pages = max(1, -(-len(found) // count))
    paging = {"count": count, "total": len(found), "page": number, "pages": pages}
    shown = [filestore.render(workspace, file, shares=True) for file in chosen]
    return {"ok": True, "files": shown, "paging": paging}


def delete(core: Core, args: Args) -> Json:
    """Delete an own file."""
    file = _known(core.workspace, args.need("file"))
    if file.user != core.workspace.bot_user:
        raise Refused("cant_delete_file")
    remove(core, file)
    return {"ok": True}


def remove(core: Core, file: StoredFile) -> None:
    """Delete anybody's file; messages that showed it show a tombstone."""
    channels = list(dict.fromkeys(share.channel for share in file.shares))
    core.events.file("file_deleted", file, channel_ids=channels)
    file.state, file.data = "deleted", b""
    refresh(core.workspace, file)


def refresh(workspace: Workspace, file: StoredFile) -> None:
    """Show anew the messages that carry a file."""
    for share in file.shares:
        record = workspace.channels[share.channel].records.get(share.ts)
        if record is not None:
            messages.publish(workspace, record, "message_changed")


def _channels(args: Args) -> list[str]:
    many = args.optional("channels")
    names = many if isinstance(many, list) else args.text("channels").split(",")
    found = [args.text("channel_id"), *names]
    channels = [name for name in found if name]
    if len(channels) > 100:
        raise Refused("channels_limit_exceeded")
    return channels


def _uploaded(workspace: Workspace, entry: object) -> StoredFile:
    file = workspace.files.get(str(entry.get("id"))) if isinstance(entry, dict) else None
    if file is None or file.state != "uploaded":
        raise Refused("file_not_found")
    return file


def _share_delay(core: Core, args: Args) -> float | None:
    """Seconds until the message with the files comes; None when it never does."""
    options = core.workspace.options
    for rule in core.faults.take("files.completeUploadExternal", args.values, "during"):
        later: float | None = rule.values["later"]
        return later
    return options.seconds(core.workspace.clock.random.uniform(*options.share_delay))


def _share_later(
    core: Core, channel: Channel, root: Record | None, files: list[StoredFile], body: Json, delay: float
) -> None:
    workspace = core.workspace

    def share() -> None:
        subtype = workspace.options.bot_share_subtype
        shown = as_bot(workspace) | body | ({"subtype": subtype} if subtype else {})
        living = [file.id for file in files if file.state == "complete"]
        record = messages.add(workspace, channel, shown, root=root, file_ids=living)
        status.clear(workspace, channel.id, record.thread)
        core.events.shared(record)
        remaining = max(file.ready_at for file in files) - workspace.clock.monotonic()
        workspace.clock.later(max(0.0, remaining), lambda: messages.publish(workspace, record, "message_changed"))

    workspace.clock.later(delay, share)


def _known(workspace: Workspace, file_id: str) -> StoredFile:
    file = workspace.files.get(file_id)
    if file is None or file.state in {"pending", "uploaded"} or not filestore.visible_to_bot(workspace, file):
        raise Refused("file_not_found")
    if file.state == "deleted":
        raise Refused("file_deleted")
    return file


def _listed(workspace: Workspace, file: StoredFile, args: Args, kinds: set[str]) -> bool:
    if file.state != "complete" or not filestore.visible_to_bot(workspace, file):
        return False
    if args.text("user") and file.user != args.text("user"):
        return False
    channel = args.text("channel")
    if channel and channel not in {share.channel for share in file.shares}:
        return False
    if not args.moment("ts_from", 0.0) <= file.created <= args.moment("ts_to", math.inf):
        return False
    if "all" in kinds or ("snippets" in kinds and file.mode == "snippet"):
        return True
    images = "images" in kinds and file.extension in filestore.IMAGES
    return images or (file.extension == "zip" and "zips" in kinds) or (file.extension == "pdf" and "pdfs" in kinds)


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, ("files:write",), 100),
    "files.completeUploadExternal": Method(complete_upload, ("files:write",), 100),
    "files.info": Method(info, ("files:read",), 100),
    "files.list": Method(list_, ("files:read",), 50),
    "files.delete": Method(delete, ("files:write",), 50),
}
