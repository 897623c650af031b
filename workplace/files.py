"""What a file is now, proof that it was shared in the channel that asks for it, and the files shared there lately."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace

from conversations.errors import (
    FileDeleted,
    FileElsewhere,
    FileEmpty,
    FileExternal,
    FileIsEmail,
    FileKindUnsupported,
    FileNotVisible,
    FileTooLarge,
    ForwardUnproven,
    ReadRefused,
)
from conversations.ports.workplace import SharedFile
from slack_api.api import SlackApi
from slack_api.identity import Identity
from tables import is_data, is_taken
from untrusted.payload import Json, identifier, items, mapping, number, string, timestamp, values
from workplace.directory.channels import Channels
from workplace.download import fresh_patience, megabytes
from workplace.messages import Messages
from workplace.parsing import is_by_app
from workplace.reading.attachments import forwards
from workplace.reading.shared_file import attachment, attachments_of, shared_file, split_id

_LISTED = frozenset({"hosted", "snippet"})
_WITH_BYTES = _LISTED | {"file_access"}
_PAGE = 100
_PAGES = 3
_DAY = 24 * 60 * 60
_REFUSALS = {
    "file_deleted": FileDeleted,
    "file_not_found": FileNotVisible,
    "not_visible": FileNotVisible,
    "access_denied": FileNotVisible,
}


class Files:
    """Looks files up (https://docs.slack.dev/reference/methods/files.info/)."""

    def __init__(self, api: SlackApi, messages: Messages, channels: Channels, identity: Identity, limit: int) -> None:
        self._api = api
        self._messages = messages
        self._channels = channels
        self._identity = identity
        self._limit = limit

    async def resolve(self, channel: str, file: SharedFile) -> SharedFile:
        """The file's present facts.

        Raises:
            FileDeleted: It is gone.
            FileNotVisible: The bot may not see it (other workspace, or hidden by the free plan's limit).
            FileElsewhere: It was never shared in ``channel``.
            ForwardUnproven: It was forwarded from where the bot, or who forwarded it, is not.
            FileExternal: Slack has only a link to it.
            FileIsEmail: An email, of whose attachments Slack tells nothing.
            FileKindUnsupported: A document of Slack's own, or of a kind that holds no data.
            FileEmpty: It has no bytes.
            FileTooLarge: It has more bytes than the limit.
        """
        if file.kind == "tombstone":
            raise FileDeleted("tombstone", name=file.name)
        if file.kind == "hidden_by_limit":
            raise FileNotVisible("hidden by the plan's limit", name=file.name)
        raw = await self._info(file)
        shares = shared_in(channel, raw)
        if channel not in _channels(raw):
            await self._prove_by_message(channel, file, raw)
        shared_at = file.shared_at if file.shared_at in shares or not shares else shares[-1]
        fresh = shared_file(raw, shared_at)
        if (place := split_id(file.id)[1]) is not None:
            if place >= len(attachments_of(raw)):
                raise FileNotVisible("no such attachment", name=file.name)
            fresh, raw = attachment(raw, place, shared_at), attachments_of(raw)[place]
        fresh = replace(fresh, id=fresh.id or file.id, name=fresh.name or file.name or file.id)
        self._check(fresh, raw)
        return fresh

    async def recent(self, channel: str, days: int) -> list[SharedFile]:
        """Data files of a channel or DM, newest first; at most 300 of all kinds are looked at.

        https://docs.slack.dev/reference/methods/files.list/ (pages, not cursors; its ``types`` do not know CSV)

        Raises:
            SlackError: Slack refused.
        """
        since = int(time.time()) - days * _DAY
        found: dict[str, SharedFile] = {}
        for page in range(1, _PAGES + 1):
            answer = await self._api.read("files.list", channel=channel, ts_from=str(since), count=_PAGE, page=page)
            for raw in items(answer.get("files")):
                shares = shared_in(channel, raw)
                file = shared_file(raw, shares[-1] if shares else "")
                if file.id and raw.get("size") != 0 and _holds_data(file):
                    found[file.id] = replace(file, is_own=file.user == self._identity.user)
            if page >= number(mapping(answer.get("paging")).get("pages")):
                break
        return sorted(found.values(), key=lambda file: (file.created, float(file.shared_at or 0)), reverse=True)

    async def _info(self, file: SharedFile) -> Json:
        youth = fresh_patience(file)
        while True:
            try:
                answer = await self._api.read("files.info", file=split_id(file.id)[0])
            except ReadRefused as error:
                refusal = _REFUSALS.get(error.fields["error"])
                if refusal is None:
                    raise
                wait = youth.after_failure()
                if wait is None:
                    unseen = ForwardUnproven if file.forwarded and refusal is FileNotVisible else refusal
                    raise unseen(error.fields["error"], name=file.name) from error
            else:
                return mapping(answer.get("file"))
            await asyncio.sleep(wait)

    async def _prove_by_message(self, channel: str, file: SharedFile, raw: Json) -> None:
        """The message that carries the file is read from Slack: right after an upload ``shares`` may be missing.

        A message that forwards it is a proof as well, if the file was shared where the forward says, and whoever
        forwarded it is there now, as the bot is.
        """
        message = await self._messages.raw(channel, f"{float(file.shared_at):.6f}") if file.shared_at else None
        key = split_id(file.id)[0]
        if message and any(identifier(own.get("id")) == key for own in items(message.get("files"))):
            return
        forwarded = [
            forward
            for forward in forwards(items(message.get("attachments")) if message and not is_by_app(message) else [])
            if any(split_id(carried.id)[0] == key for carried in forward.files)
        ]
        if not message or not forwarded:
            raise FileElsewhere(f"not shared in {channel}", name=_name(raw, file))
        for forward in forwarded:
            if forward.ts in shared_in(forward.channel, raw) and await self._are_there(forward.channel, message):
                return
        raise ForwardUnproven(f"forwarded into {channel}", name=_name(raw, file))

    async def _are_there(self, channel: str, message: Json) -> bool:
        """Whether the bot and whoever has written a message are in a channel."""
        try:
            bot, person = await asyncio.gather(
                self._channels.is_member(channel, self._identity.user),
                self._channels.is_member(channel, identifier(message.get("user"))),
            )
        except ReadRefused:
            return False
        return bot and person

    def _check(self, file: SharedFile, raw: Json) -> None:
        if raw.get("file_access") == "access_denied":
            raise FileNotVisible("access denied", name=file.name)
        if file.kind == "tombstone":
            raise FileDeleted("tombstone", name=file.name)
        if file.kind == "hidden_by_limit":
            raise FileNotVisible("hidden by the plan's limit", name=file.name)
        if file.kind == "external":
            raise FileExternal(string(raw.get("external_type")), name=file.name)
        if file.kind == "email":
            raise FileIsEmail(name=file.name)
        if file.kind not in _WITH_BYTES or not is_taken(file.name, file.mimetype, file.filetype):
            kind = file.kind if file.kind not in _WITH_BYTES else file.filetype or file.mimetype
            raise FileKindUnsupported(name=file.name, kind=kind or "?")
        if raw.get("size") == 0:
            raise FileEmpty(name=file.name)
        if file.size > self._limit:
            raise FileTooLarge(name=file.name, size=megabytes(file.size), limit=megabytes(self._limit))


def _holds_data(file: SharedFile) -> bool:
    return file.kind in _LISTED and is_data(file.name, file.mimetype, file.filetype)


def _name(raw: Json, file: SharedFile) -> str:
    """A name for the sentence about a file from elsewhere: only what the asker's message showed already."""
    return file.name or ("" if raw else file.id)


def _channels(raw: Json) -> set[str]:
    listed = {identifier(name) for key in ("channels", "groups", "ims") for name in values(raw.get(key))}
    return listed | {channel for channel, _ in _shares(raw)}


def _shares(raw: Json) -> Iterator[tuple[str, list[Json]]]:
    for kind in mapping(raw.get("shares")).values():
        for channel, shares in mapping(kind).items():
            if found := items(shares):
                yield channel, found


def shared_in(channel: str, raw: Json) -> list[str]:
    """When a file was shared in a channel: the messages' ts, oldest first."""
    shares = [share for name, found in _shares(raw) if name == channel for share in found]
    return sorted(filter(None, (timestamp(share.get("ts")) for share in shares)), key=float)
