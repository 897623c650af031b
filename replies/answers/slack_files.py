"""Shares charts and files in the thread, each exactly once.

Three steps (https://docs.slack.dev/messaging/working-with-files): only the third shows the file. Its id is journaled
before, so that after a crash the id is looked for in the thread.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from contextlib import suppress

import aiohttp

from conversations.errors import SlackError, UploadRefused
from conversations.ports.contents import Stored
from conversations.ports.replies import Deliverable
from errors import AnalystError
from replies.answers.post import Poster
from replies.markdown.sanitize import on_one_line
from replies.views import blocks
from slack_api.failures import Refused, Unclear
from slack_api.patience import backoff
from untrusted.characters import visible, whole
from untrusted.payload import mapping

log = logging.getLogger(__name__)
_MOST_IN_MESSAGE = 10
_MOST_ALT = 1000
_LONGEST_NAME = 255
_MOST_NAMES = 20
_LOOKS = 4
_OK = 200
_UPLOAD_SECONDS = 60
_SLOWEST = 100_000
"""Bytes a second."""


class Uploader:
    """Shares files of one turn.

    Args:
        poster: Where, and the notes of what has been done.
    """

    def __init__(self, poster: Poster) -> None:
        self._poster = poster
        self._api = poster.api
        self._place = poster.place
        self._wording = poster.wording

    async def share(self, items: Sequence[Deliverable]) -> None:
        """Show files in order, several in a message; what is there already stays as it is.

        Raises:
            SlackError: The thread takes nothing any more, or Slack is out of reach.
        """
        for begin in range(0, len(items), _MOST_IN_MESSAGE):
            await self._share_group(items[begin : begin + _MOST_IN_MESSAGE])

    async def _share_group(self, group: Sequence[Deliverable]) -> None:
        noted = await self._poster.journal.noted()
        waiting: list[tuple[Deliverable, str]] = []
        for item in group:
            post = noted.get(item.part)
            if post is not None and post.state == "posted":
                continue
            uploaded = post.ref if post is not None else ""  # "" also of one that is only announced
            if uploaded and await self._is_shown(uploaded):
                await self._poster.journal.note(item.part, uploaded, "posted")
                continue
            file_id = uploaded or await self._upload_or_say(item)
            if file_id:
                waiting.append((item, file_id))
        if waiting:
            await self._complete(waiting)

    async def _complete(self, waiting: Sequence[tuple[Deliverable, str]]) -> None:
        patience = self._api.patience()
        while True:
            try:
                if not await self._share_uploaded(waiting):
                    await self._share_again(waiting)
                    return
            except Unclear:
                if not await self._appears(waiting[0][1]):
                    await patience.pause()
                    continue
            except Refused as refusal:
                await self._refused(waiting, refusal)
                return
            for item, file_id in waiting:
                await self._poster.journal.note(item.part, file_id, "posted")
            return

    async def _share_again(self, waiting: Sequence[tuple[Deliverable, str]]) -> None:
        """Files that Slack has taken and shows nowhere; they are deleted, so that they are not seen twice later."""
        for item, lost in waiting:
            log.warning("Slack has taken a file and does not show it; it is shared again")
            with suppress(Refused):
                await self._api.ask("files.delete", file=lost)
            if fresh := await self._upload_or_say(item):
                await self._complete_alone(item, fresh)

    async def _refused(self, waiting: Sequence[tuple[Deliverable, str]], refusal: Refused) -> None:
        """Slack refused to share: the files are shared already, lost, or not wanted."""
        if refusal.ends_thread:
            raise await self._poster.lost(refusal) from refusal
        for item, file_id in waiting:
            if refusal.error == "file_not_found":
                if await self._appears(file_id) or await self._exists(file_id):
                    await self._poster.journal.note(item.part, file_id, "posted")
                    continue
                fresh = await self._upload_or_say(item)
                if fresh:
                    await self._complete_alone(item, fresh)
            else:
                await self._say(item, _refused(item, refusal))

    async def _share_uploaded(self, waiting: Sequence[tuple[Deliverable, str]]) -> bool:
        """Step three. Whether the files are shown, all in one message: Slack may say ``ok`` and share nothing."""
        first = waiting[0][1]
        with self._poster.surface.shared.expect(first) as shared:
            await self._api.ask(
                "files.completeUploadExternal",
                repeatable=False,
                files=json.dumps([{"id": file_id, "title": _title(item)} for item, file_id in waiting]),
                channel_id=self._place.channel,
                thread_ts=self._place.thread,
            )
            for seconds in self._poster.surface.pace.share_looks:
                if await shared.wait(seconds) or await self._has_share(first):
                    return True
        return False

    async def _has_share(self, file_id: str) -> bool:
        """Whether a file is shared here, as far as Slack tells."""
        try:
            answer = await self._api.ask("files.info", file=file_id)
        except Refused as refusal:
            return refusal.error != "file_not_found"
        shares = mapping(mapping(answer.get("file")).get("shares"))
        return any(self._place.channel in mapping(places) for places in shares.values())

    async def _complete_alone(self, item: Deliverable, file_id: str) -> None:
        refusal = Refused("files.completeUploadExternal", "upload_failed")
        try:
            is_shown = await self._share_uploaded([(item, file_id)])
        except Refused as refused:
            is_shown, refusal = False, refused
        except Unclear:
            is_shown = await self._appears(file_id)
        if not is_shown:
            await self._say(item, _refused(item, refusal))
        await self._poster.journal.note(item.part, file_id, "posted")

    async def _upload_or_say(self, item: Deliverable) -> str:
        """Steps one and two; the file's id, or "" when Slack does not take it."""
        try:
            async with item.content.fetch() as stored:
                file_id = await self._upload(item, stored)
            if item.content.left_out:
                await self._say_left_out(item)
        except Refused as refusal:
            if refusal.ends_thread:
                raise await self._poster.lost(refusal) from refusal
            await self._say(item, _refused(item, refusal))
            return ""
        except SlackError:
            raise
        except AnalystError as error:
            log.warning("A file cannot be handed over: %s", error.detail)
            await self._say(item, error)
            return ""
        await self._poster.journal.note(item.part, file_id, "open")
        return file_id

    async def _upload(self, item: Deliverable, stored: Stored) -> str:
        patience = self._api.patience()
        while True:
            ticket = await self._api.ask(
                "files.getUploadURLExternal",
                filename=_file_name(item.name),
                length=stored.size,
                alt_txt=on_one_line(item.alt)[:_MOST_ALT] or None,
            )
            if await self._send(str(ticket["upload_url"]), stored):
                return str(ticket["file_id"])
            await patience.pause()

    async def _send(self, url: str, stored: Stored) -> bool:
        headers = {"Content-Type": "application/octet-stream"}
        limit = aiohttp.ClientTimeout(total=_UPLOAD_SECONDS + stored.size / _SLOWEST)
        try:
            with stored.open() as data:
                async with self._api.session.post(url, data=data, headers=headers, timeout=limit) as response:
                    return response.status == _OK
        except (aiohttp.ClientError, TimeoutError, OSError) as failure:
            log.warning("An upload broke off: %s", type(failure).__name__)
            return False

    async def _appears(self, file_id: str) -> bool:
        """Whether a file that may have been shared comes to be seen; Slack shows it up to some seconds later."""
        for attempt in range(1, _LOOKS + 1):
            if await self._is_shown(file_id):
                return True
            await asyncio.sleep(backoff(attempt))
        return False

    async def _exists(self, file_id: str) -> bool:
        """Whether Slack knows the file: then it has been completed, and its message is late."""
        try:
            await self._api.ask("files.info", file=file_id)
        except Refused:
            return False
        return True

    async def _is_shown(self, file_id: str) -> bool:
        return (await self._poster.look()).shares(file_id) is not None

    async def _say_left_out(self, item: Deliverable) -> None:
        """Before the file is noted, so that a crash in between does not lose it."""
        names = list(item.content.left_out)
        named = ", ".join(names[:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")
        said = self._wording.say("Not in {archive}, because too large or lost: {files}", archive=item.name, files=named)
        text = f":warning: {said}"
        await self._poster.once(f"{item.part}:left_out", [{"blocks": [blocks.section(text)], "text": text}])

    async def _say(self, item: Deliverable, error: AnalystError) -> None:
        """What cannot be shown is at least described."""
        lines = [f":warning: {self._wording.error(error)}"]
        if item.alt:
            lines.append(self._wording.say("It shows: {alt}", alt=item.alt))
        text = "\n".join(lines)
        await self._poster.once(f"{item.part}:refused", [{"blocks": [blocks.section(text)], "text": text}])
        await self._poster.journal.note(item.part, "", "posted")


def _refused(item: Deliverable, refusal: Refused) -> UploadRefused:
    return UploadRefused(str(refusal), name=item.name, error=refusal.error)


def _title(item: Deliverable) -> str:
    return on_one_line(item.title or item.name)[:250]


def _file_name(name: str) -> str:
    plain = visible(whole(name[:_LONGEST_NAME])).replace("/", "_").replace("\\", "_")
    return "".join(c for c in plain if c.isprintable() and c not in "<>") or "file"
