"""Posts what was not streamed of an answer's text, and shares the files that belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conversations.files.answer_budget import MOST_MESSAGES
from conversations.ports.contents import InMemory
from conversations.ports.replies import Deliverable
from replies.answers.compose import WHOLE, Composer, Draft, Rest
from replies.answers.post import NoFormAccepted, Poster
from replies.answers.slack_files import Uploader
from replies.markdown.model_text import cleaned
from replies.markdown.segments import as_text
from replies.views.footer import Closing
from untrusted.off_loop import aside

TABLE = "table:"
WHOLE_TEXT = "whole:"
_BESIDE = (TABLE, WHOLE_TEXT)
"""Parts that go along with a text as files."""


class PostedText:
    """The posts of one turn's text."""

    def __init__(self, poster: Poster, uploader: Uploader) -> None:
        self._poster = poster
        self._uploader = uploader
        self._limit = poster.surface.pace.message_bytes

    async def post(self, text: str, rest: Rest, closing: Closing) -> None:
        """Post what is left of ``text``, the closing below the last message; then the files that go along."""
        if rest.before:
            closing = replace(closing, alone="")
        most = max(1, MOST_MESSAGES - rest.before)
        composer = Composer(self._poster.wording, self._limit, rest.context, most)
        prefix = "rest" if rest.before else "text"
        drafts = await aside(len(text), composer.compose, rest.parts, closing, prefix)
        files = await self._files_beside(composer, text)
        noted = await self._poster.journal.noted()
        for file in files:
            if file.part not in noted:
                await self._poster.journal.note(file.part, "", "open")  # else a crash after the answer loses them
        await self._uploader.begin(files)
        for draft in drafts:
            await self._post_draft(draft)
        await self._share(files)

    async def share_announced(self, text: str, closing: Closing) -> None:
        """Share the files of a text that is posted already; an earlier process announced them and died."""
        announced = {part for part, post in (await self._poster.journal.noted()).items() if post.state == "open"}
        if not any(part.startswith(_BESIDE) for part in announced):
            return
        composer = Composer(self._poster.wording, self._limit, most=2 * MOST_MESSAGES)
        await aside(len(text), composer.compose, await cleaned(text), closing, "text")
        composer.is_cut = True
        files = await self._files_beside(composer, text)
        await self._share([file for file in files if file.part in announced])

    async def _files_beside(self, composer: Composer, text: str) -> list[Deliverable]:
        """Tables that are too large for Slack, and the whole text if the messages have no room for it."""
        title = self._poster.wording.plain("The whole table")
        files = [
            Deliverable(f"{TABLE}{number}", "file", table.name, title, "", "text/csv", InMemory(table.data))
            for number, table in enumerate(composer.big_tables)
        ]
        if composer.is_cut:
            files.append(self._as_file(f"{WHOLE_TEXT}0", as_text(await cleaned(text))))
        return files

    def _as_file(self, part: str, markdown: str) -> Deliverable:
        title, content = self._poster.wording.plain("Answer"), InMemory(markdown.encode())
        return Deliverable(part, "file", WHOLE, title, "", "text/markdown", content)

    async def _share(self, files: Sequence[Deliverable]) -> None:
        for file in files:
            await self._uploader.share([file])

    async def _post_draft(self, draft: Draft) -> None:
        try:
            await self._poster.once(draft.part, draft.forms())
        except NoFormAccepted:
            await self._uploader.share([self._as_file(draft.part, draft.markdown)])
