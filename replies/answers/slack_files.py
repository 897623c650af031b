"""Shares charts and files in the thread, each exactly once.

Three steps (https://docs.slack.dev/messaging/working-with-files): only the third shows the file, so the others run side
by side, and beside the answer's text. Its id is journaled before, so that after a crash the id is looked for in the
thread.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from contextlib import suppress

from conversations.errors import SlackError, UploadRefused
from conversations.files.answer_budget import AT_ONCE
from conversations.ports.replies import Deliverable
from errors import AnalystError
from replies.answers.post import Poster
from replies.charts.words import in_words
from replies.markdown.sanitize import on_one_line
from replies.views import blocks
from slack_api.failures import Refused, Unclear
from slack_api.patience import backoff
from slack_api.uploads import upload
from untrusted.payload import mapping

log = logging.getLogger(__name__)
_MOST_IN_MESSAGE = 10
_MOST_ALT = 1000
_MOST_NAMES = 20
_LOOKS = 4


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
        self._lanes = asyncio.Semaphore(AT_ONCE)
        self._uploads: dict[str, asyncio.Task[str]] = {}

    @property
    def has_begun(self) -> bool:
        """Whether files are on their way to Slack."""
        return bool(self._uploads)

    async def begin(self, items: Sequence[Deliverable]) -> None:
        """Bring files to Slack, some side by side; nobody sees them before ``share``."""
        noted = await self._poster.journal.noted()
        for item in items:
            post = noted.get(item.part)
            is_there = post is not None and (post.ref or post.state == "posted")  # one without is only announced
            if not is_there and item.part not in self._uploads:
                self._uploads[item.part] = asyncio.create_task(self._upload(item))

    async def close(self) -> None:
        """Bring nothing more."""
        uploads, self._uploads = list(self._uploads.values()), {}
        for task in uploads:
            task.cancel()
        await asyncio.gather(*uploads, return_exceptions=True)

    async def share(self, items: Sequence[Deliverable]) -> None:
        """Show files in order, several in a message; what is there already stays as it is.

        Raises:
            SlackError: The thread takes nothing any more, or Slack is out of reach.
        """
        for begin in range(0, len(items), _MOST_IN_MESSAGE):
            await self._share_group(items[begin : begin + _MOST_IN_MESSAGE])

    async def _share_group(self, group: Sequence[Deliverable]) -> None:
        await self.begin(group)
        noted = await self._poster.journal.noted()
        waiting: list[tuple[Deliverable, str]] = []
        failed: list[tuple[Deliverable, AnalystError]] = []
        for item in group:
            post = noted.get(item.part)
            if post is not None and post.state == "posted":
                continue
            if post is not None and post.ref and await self._is_shown(post.ref):
                await self._poster.journal.note(item.part, post.ref, "posted")
                continue
            brought = (post and post.ref) or await self._brought(item)
            if isinstance(brought, AnalystError):
                failed.append((item, brought))
            else:
                waiting.append((item, brought))
        if failed:
            await self._say(failed)
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
                await self._say([(item, _refused(item, refusal))])

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
            await self._say([(item, _refused(item, refusal))])
        await self._poster.journal.note(item.part, file_id, "posted")

    async def _upload_or_say(self, item: Deliverable) -> str:
        """The id of an uploaded file, or "" when it cannot be had."""
        brought = await self._brought(item)
        if isinstance(brought, AnalystError):
            await self._say([(item, brought)])
            return ""
        return brought

    async def _brought(self, item: Deliverable) -> str | AnalystError:
        """The id of an uploaded file, or why it cannot be had. Raises ``SlackError`` when the thread takes nothing."""
        begun = self._uploads.pop(item.part, None)
        try:
            file_id = await (begun or self._upload(item))
        except Refused as refusal:
            if refusal.ends_thread:
                raise await self._poster.lost(refusal) from refusal
            return _refused(item, refusal)
        except SlackError:
            raise
        except AnalystError as error:
            log.warning("A file cannot be handed over: %s", error.detail)
            return error
        if item.content.left_out:
            await self._say_left_out(item)
        await self._poster.journal.note(item.part, file_id, "open")
        return file_id

    async def _upload(self, item: Deliverable) -> str:
        """Steps one and two; the file's id."""
        async with self._lanes, item.content.fetch() as stored:
            return await upload(self._api, item.name, self._alt(item)[:_MOST_ALT], stored)

    def _alt(self, item: Deliverable) -> str:
        return on_one_line(in_words(self._wording, item))

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

    async def _say(self, failed: Sequence[tuple[Deliverable, AnalystError]]) -> None:
        """What cannot be shown is at least described, all of it in one message."""
        most = _MOST_ALT // len(failed)  # so that none hides another: a message takes no more
        said = [self._described(item, error, most) for item, error in failed]
        part, shown = f"{failed[0][0].part}:refused", [blocks.section(text) for text in said]
        await self._poster.once(part, [{"blocks": shown, "text": "\n".join(said)}])
        for item, _ in failed:
            await self._poster.journal.note(item.part, "", "posted")

    def _described(self, item: Deliverable, error: AnalystError, most: int) -> str:
        lines = [f":warning: {self._wording.error(error)}"]
        if item.kind == "chart" and (alt := in_words(self._wording, item)):
            lines.append(self._wording.say("It shows: {alt}", alt=alt[:most]))
        return "\n".join(lines)


def _refused(item: Deliverable, refusal: Refused) -> UploadRefused:
    return UploadRefused(str(refusal), name=item.name, error=refusal.error)


def _title(item: Deliverable) -> str:
    return on_one_line(item.title or item.name)[:250]
