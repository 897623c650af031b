"""Messages of a channel or thread, as they stand now."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conversations.errors import ReadRefused
from conversations.ports.workplace import Discussion, Message, Person, SharedFile
from slack_api.api import SlackApi
from untrusted.payload import Json, items, timestamp
from workplace.parsing import app
from workplace.parsing import message as parsed

_PAGE = 200
_PAGES = 25
_FILES = 500
"""Files of a thread that are known; of more, the newest."""

_NOT_THERE = frozenset({"thread_not_found", "message_not_found"})


class Messages:
    """Reads messages (https://docs.slack.dev/reference/methods/conversations.replies/)."""

    def __init__(self, api: SlackApi, bot_user: str, bot_id: str) -> None:
        self._api = api
        self._bot_user = bot_user
        self._bot_id = bot_id

    async def one(self, channel: str, ts: str, thread: str = "") -> Message | None:
        """One message, or None when it is gone. Without ``thread`` it is also looked for among replies."""
        found = await self.raw(channel, ts, thread)
        return self._parsed(found) if found else None

    async def raw(self, channel: str, ts: str, thread: str = "") -> Json | None:
        """The same, as Slack tells it."""
        span = {"channel": channel, "oldest": ts, "latest": ts, "inclusive": True}
        if not thread and (found := _with_ts(await self._history(limit=1, **span), ts)):
            return found
        return _with_ts(await self._replies(ts=thread or ts, limit=2, **span), ts)

    async def thread(self, channel: str, thread: str, limit: int) -> Discussion:
        """The last ``limit`` messages of a thread with its root, and all files; empty when it is gone.

        Slack gives threads from their start, so that of very long ones (5,000 messages) the end may be missing.
        """
        root: Json | None = None
        last: deque[Json] = deque(maxlen=limit)
        files: deque[SharedFile] = deque(maxlen=_FILES)
        try:
            pages = self._api.pages("conversations.replies", "messages", _PAGE, _PAGES, channel=channel, ts=thread)
            async for page in pages:
                root = root or _with_ts(items(page), thread)
                last.extend(raw for raw in items(page) if timestamp(raw.get("ts")) not in ("", thread))
                for raw in items(page):
                    files += self._files_of(raw)
        except ReadRefused as error:
            if error.fields["error"] not in _NOT_THERE:
                raise
        found = [*([root] if root else []), *list(last)[-max(1, limit - 1) :]]
        return Discussion([self._parsed(raw) for raw in found if not _is_gone(raw)], list(files))

    def _files_of(self, raw: Json) -> list[SharedFile]:
        if _is_gone(raw) or not (raw.get("files") or raw.get("attachments")):
            return []
        found = self._parsed(raw)
        return [replace(file, is_own=found.is_own) for file in found.files]

    async def since(self, channel: str, oldest: str, thread: str = "") -> list[Json]:
        """Raw messages of a channel or thread after a ts, oldest first: what was missed while no socket was up."""
        method = "conversations.replies" if thread else "conversations.history"
        pages = self._api.pages(method, "messages", _PAGE, _PAGES, channel=channel, oldest=oldest, ts=thread or None)
        found = [raw async for page in pages for raw in items(page)]
        told = {ts: raw for raw in found if (ts := timestamp(raw.get("ts")))}
        newer = {ts: raw for ts, raw in told.items() if float(ts) > float(oldest or 0)}
        return [newer[ts] for ts in sorted(newer, key=float) if not _is_gone(newer[ts])]

    async def apps(self, channel: str) -> list[Person]:
        """The apps among the last messages of a channel, each once; the bot itself is none."""
        found = map(app, await self._history(channel=channel, limit=_PAGE))
        return list({one.id: one for one in found if one and one.id not in (self._bot_user, self._bot_id)}.values())

    async def _history(self, **arguments: Any) -> Sequence[Json]:
        answer = await self._api.read("conversations.history", **arguments)
        return items(answer.get("messages"))

    async def _replies(self, **arguments: Any) -> Sequence[Json]:
        try:
            answer = await self._api.read("conversations.replies", **arguments)
        except ReadRefused as error:
            if error.fields["error"] in _NOT_THERE:
                return ()
            raise
        return items(answer.get("messages"))

    def _parsed(self, raw: Json) -> Message:
        return parsed(raw, self._bot_user, self._bot_id)


def _with_ts(messages: Sequence[Json], ts: str) -> Json | None:
    return next((raw for raw in messages if timestamp(raw.get("ts")) == ts and not _is_gone(raw)), None)


def _is_gone(raw: Json) -> bool:
    return raw.get("subtype") == "tombstone" or bool(raw.get("hidden"))
