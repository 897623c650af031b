"""Shows charts as Slack's own, beside their pictures or in their place."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from conversations.ports.replies import ChartForm, Deliverable
from replies.answers.post import NoFormAccepted, Poster
from replies.charts.block import native
from replies.charts.words import in_words
from replies.markdown.sanitize import escape
from replies.markdown.tables import Block

log = logging.getLogger(__name__)


class NativeCharts:
    """The charts of one turn that Slack can draw."""

    def __init__(self, poster: Poster, form: ChartForm) -> None:
        self._poster = poster
        self._form = form

    def pictures(self, items: Sequence[Deliverable]) -> Sequence[Deliverable]:
        """What is to be shared as a file, if Slack takes the rest."""
        return [item for item in items if not (self._form == "native" and self._block(item))]

    async def show(self, items: Sequence[Deliverable]) -> Sequence[Deliverable]:
        """Show what Slack can draw, each once.

        Returns:
            What is to be shared as a file: in place of what Slack has refused as well.

        Raises:
            SlackError: The thread takes nothing any more.
        """
        left = []
        for item in items:
            block = self._block(item)
            is_shown = block is not None and await self._is_shown(item, block)
            if not is_shown or self._form == "both":
                left.append(item)
        return left

    async def _is_shown(self, item: Deliverable, block: Block) -> bool:
        """Show a chart, unless Slack refuses; that is noted, so that it is not asked again after a crash."""
        part, text = f"{item.part}:native", escape(in_words(self._poster.wording, item))
        try:
            return bool(await self._poster.once(part, [{"blocks": [block], "text": text}]))
        except NoFormAccepted:
            log.warning("Slack draws no chart of these values")
            await self._poster.journal.note(part, "", "posted")
            return False

    def _block(self, item: Deliverable) -> Block | None:
        return native(item) if self._form != "image" and item.kind == "chart" else None
