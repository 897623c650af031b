"""Files: their bytes, their facts as Slack shows them, who may see them."""

from __future__ import annotations

import mimetypes
import struct
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from playground.slack.state.entities import StoredFile
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace

SNIPPET_BYTES = 1_000_000
IMAGES = {"png", "jpg", "jpeg", "gif"}
_TEXTS = {"csv": "CSV", "tsv": "TSV", "txt": "Plain Text", "py": "Python", "sql": "SQL"}
_TEXTS |= {"json": "JSON", "md": "Markdown"}
_TYPES = {"csv": "text/csv", "tsv": "text/tab-separated-values", "py": "text/x-python", "md": "text/markdown"}
_TYPES |= {"parquet": "application/octet-stream"}


def media_type(name: str) -> str:
    """Slack's guess from the name."""
    extension = Path(name).suffix.lower().lstrip(".")
    return _TYPES.get(extension) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def store(workspace: Workspace, name: str, data: bytes | Path, user: str) -> StoredFile:
    """Add a person's file, complete at once."""
    size = data.stat().st_size if isinstance(data, Path) else len(data)
    file = StoredFile(
        id=workspace.clock.new_id("F"),
        name=name,
        title=name,
        user=user,
        created=int(workspace.clock.now()),
        data=data,
        size=size,
        mimetype=media_type(name),
    )
    if file.extension in _TEXTS and size < SNIPPET_BYTES:
        file.mode = "snippet"
    file.shares_at = workspace.clock.monotonic() + workspace.options.seconds(workspace.options.human_share_lag)
    workspace.files[file.id] = file
    return file


def image_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG or GIF."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data[:4] == b"GIF8" and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    return None


def render(workspace: Workspace, file: StoredFile, *, shares: bool = False) -> Json:
    """The file object as events and answers carry it; ``shares`` adds where it was shared, once Slack knows."""
    if file.state == "deleted":
        return {"id": file.id, "mode": "tombstone"}
    if file.mode == "hidden_by_limit":
        return {"id": file.id, "mode": "hidden_by_limit"}
    body = _facts(workspace, file)
    now = workspace.clock.monotonic()
    if now < file.ready_at:
        for late in ("mimetype", "filetype", "pretty_type"):
            body[late] = ""
        return body
    if not file.external_type:
        body |= _preview(workspace, file)
    if shares and now >= file.shares_at:
        body |= _shares(workspace, file)
    return body


def stub(file: StoredFile) -> Json:
    """What events of Slack Connect channels carry instead of the file."""
    return {
        "id": file.id,
        "created": 0,
        "timestamp": 0,
        "mode": "file_access",
        "file_access": "check_file_info",
        "user": "",
        "is_external": False,
    }


def visible_to_bot(workspace: Workspace, file: StoredFile) -> bool:
    """Its own files, and those shared where it is a member."""
    if file.user == workspace.bot_user:
        return True
    return any(workspace.bot_user in workspace.channels[share.channel].members for share in file.shares)


def quoted(name: str) -> str:
    """A name as part of a URL, whatever stands in it."""
    return quote(name, errors="replace")


def _facts(workspace: Workspace, file: StoredFile) -> Json:
    base = workspace.url
    name = quoted(file.name)
    body: Json = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.extension or "text",
        "pretty_type": _TEXTS.get(file.extension, file.extension.upper()),
        "user": file.user,
        "user_team": workspace.users.get(file.user, {}).get("team_id", workspace.team_id),
        "editable": file.mode == "snippet",
        "size": file.size,
        "mode": file.mode,
        "is_external": bool(file.external_type),
        "external_type": file.external_type,
        "is_public": any(workspace.channels[share.channel].kind == "channel" for share in file.shares),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "permalink": f"{base}/human/file/{file.id}/{name}",
        "file_access": "visible",
    }
    if file.updated:
        body |= {"updated": file.updated, "edit_timestamp": file.updated}
    if file.external_type:
        return body | {"url_private": file.external_url, "external_url": file.external_url}
    path = f"{base}/files-pri/{workspace.team_id}-{file.id}"
    body |= {"url_private": f"{path}/{name}", "url_private_download": f"{path}/download/{name}"}
    return body | file.facts | ({"attachments": _attached(workspace, file)} if file.parts else {})


def _attached(workspace: Workspace, file: StoredFile) -> list[Json]:
    path = f"{workspace.url}/files-email-priv/{workspace.team_id}-{file.id}"
    return [
        {"filename": name, "size": len(data), "mimetype": media_type(name), "url": f"{path}/{quoted(name)}"}
        for name, data in file.parts.items()
    ]


def _preview(workspace: Workspace, file: StoredFile) -> Json:
    if file.mode == "snippet" and isinstance(file.data, bytes):
        lines = len(file.data.splitlines())
        head = _text(b"\n".join(file.data[:4000].splitlines()[:5]))
        return {"preview": head, "lines": lines, "lines_more": max(0, lines - 5), "preview_is_truncated": lines > 5}
    if file.extension not in IMAGES or not isinstance(file.data, bytes):
        return {}
    width, height = image_size(file.data) or (0, 0)
    thumb = f"{workspace.url}/files-tmb/{workspace.team_id}-{file.id}/{quoted(file.name)}"
    body: Json = {"original_w": width, "original_h": height, "thumb_360": thumb, "thumb_480": thumb}
    return body | ({"alt_txt": file.alt} if file.alt else {})


def _text(data: bytes) -> str:
    """Text in an encoding that people here use. How Slack itself guesses is not documented."""
    for encoding in ("utf-8-sig", "cp932"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return data.decode("utf-8", "replace")


def _shares(workspace: Workspace, file: StoredFile) -> Json:
    public: dict[str, list[Json]] = {}
    private: dict[str, list[Json]] = {}
    for share in file.shares:
        channel = workspace.channels[share.channel]
        entry: Json = {"ts": share.ts, "channel_name": channel.name, "team_id": workspace.team_id, "source": "UNKNOWN"}
        entry |= {"share_user_id": file.user, "reply_users": [], "reply_users_count": 0, "reply_count": 0}
        if share.thread and share.thread != share.ts:
            entry["thread_ts"] = share.thread
        (public if channel.kind == "channel" else private).setdefault(share.channel, []).append(entry)
    kinds = {share.channel: workspace.channels[share.channel].kind for share in file.shares}
    return {
        "shares": ({"public": public} if public else {}) | ({"private": private} if private else {}),
        "channels": [channel for channel, kind in kinds.items() if kind == "channel"],
        "groups": [channel for channel, kind in kinds.items() if kind in {"group", "mpim"}],
        "ims": [channel for channel, kind in kinds.items() if kind == "im"],
    }
