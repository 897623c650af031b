"""Posts each part of a turn exactly once, whatever fails on the way.

Slack has no idempotency key for posts. So each carries the turn and part as metadata; after a crash or an unclear
failure the thread is read before anything is posted again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from conversations.errors import SlackError
from conversations.ports.journal import Journal
from conversations.ports.replies import Place
from replies.answers.own_posts import OwnPosts, look, metadata
from replies.answers.surface import Surface
from replies.views.wording import Wording
from slack_api.failures import FAILURES, Refused, Unclear

log = logging.getLogger(__name__)
_TOLD = "told"
NO_UNFURLS = {"unfurl_links": False, "unfurl_media": False}
_TOO_LONG = frozenset({"msg_too_long", "msg_blocks_too_long", "msg_blocks_too_many", "too_many_attachments"})
_INVALID = frozenset({"invalid_blocks", "invalid_blocks_format", "invalid_attachments", "invalid_arguments"})
_ABOUT_CONTENT = _TOO_LONG | _INVALID | {"markdown_text_conflict", "no_text"}


class NoFormAccepted(Exception):
    """Slack refused every way to say it."""


class Poster:
    """Posts parts of one turn.

    Args:
        surface: The workspace.
        place: Where in it, and for whom.
        journal: Durable notes.
        recovering: Whether an earlier process may have posted.
        tells_asker: Whether the asker gets a word elsewhere when the thread takes nothing any more.

    Attributes:
        on_posted: Called with the part right after each post: Slack has then cleared the status line.
    """

    def __init__(
        self,
        surface: Surface,
        place: Place,
        journal: Journal,
        *,
        recovering: bool,
        tells_asker: bool = True,
    ) -> None:
        self.surface = surface
        self.api = surface.api
        self.place = place
        self.wording = Wording(place.locale)
        self.journal = journal
        self.recovering = recovering
        self.on_posted: Callable[[str], None] = lambda _part: None
        self._tells_asker = tells_asker
        self._seen: OwnPosts | None = None

    async def look(self) -> OwnPosts:
        """The thread as it stands now."""
        self._seen = await look(self.surface, self.place)
        return self._seen

    def begin_again(self) -> None:
        """Forget what the thread looked like: a new attempt begins."""
        self._seen = None

    async def posted(self, part: str) -> str | None:
        """Where a part stands, if it does."""
        post = (await self.journal.noted()).get(part)
        if post is not None and post.state == "posted":
            return post.ref
        if not self.recovering:
            return None
        ts = (self._seen or await self.look()).part(part)
        if ts is not None:
            await self.journal.note(part, ts, "posted")
        return ts

    async def once(self, part: str, forms: Sequence[Mapping[str, Any]]) -> str:
        """Post a part unless it stands already.

        Args:
            part: Its key in the turn.
            forms: Ways to say it, best first: arguments of ``chat.postMessage``.

        Returns:
            Its ts.

        Raises:
            NoFormAccepted: Slack refused them all for what they hold.
            SlackError: The thread takes nothing any more.
        """
        known = await self.posted(part)
        if known is not None:
            return known
        for form in forms:
            try:
                return await self._post(part, form)
            except Refused as refusal:
                if refusal.error not in _ABOUT_CONTENT:
                    raise await self.lost(refusal) from refusal
                log.warning("Slack refused a form of %s: %s", part, refusal)
        raise NoFormAccepted(part)

    async def lost(self, refusal: Refused) -> SlackError:
        """The error for a refusal, after a word to the asker, who would wait in vain."""
        error = refusal.as_error()
        if self._tells_asker and _TOLD not in await self.journal.noted():
            await self._tell(error)
        return error

    async def _tell(self, error: SlackError) -> None:
        """Say why to the asker alone: in the direct message with the bot, or where it was asked."""
        place, text = self.place, self.wording.error(error)
        direct: dict[str, Any] = {"channel": place.asker, **NO_UNFURLS}
        here: dict[str, Any] = {"channel": place.channel, "user": place.asker, "thread_ts": place.thread}
        ways = [("chat.postMessage", direct), ("chat.postEphemeral", here)]
        for method, where in ways[1:] if place.is_direct else ways:
            try:
                answer = await self.api.write(method, patience=5.0, text=text, **where)
            except FAILURES as failure:
                log.info("The asker is not told by %s: %s", method, failure)
            else:
                await self.journal.note(_TOLD, str(answer.get("ts", "")), "posted")
                return
        log.error("Turn %s: neither an answer nor the reason can be shown: %s", place.turn, error.detail)

    async def _post(self, part: str, form: Mapping[str, Any]) -> str:
        patience = self.api.patience()
        while True:
            try:
                answer = await self.api.write(
                    "chat.postMessage",
                    channel=self.place.channel,
                    thread_ts=self.place.thread,
                    metadata=metadata(self.place.turn, part),
                    **NO_UNFURLS,
                    **form,
                )
                ts: str | None = str(answer["ts"])
            except Unclear:
                await patience.pause()
                ts = (await self.look()).part(part)
            if ts is not None:
                self.on_posted(part)
                await self.journal.note(part, ts, "posted")
                return ts
