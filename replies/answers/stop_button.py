"""A Stop button for long runs where Slack has none: a small message, removed when the outcome is shown."""

from __future__ import annotations

import asyncio
import logging

from replies.answers.own_posts import remove
from replies.answers.post import NoFormAccepted, Poster
from replies.views import blocks, buttons
from slack_api.failures import FAILURES

CONTROL = "control"
log = logging.getLogger(__name__)


class StopControl:
    """The Stop button of one turn."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster
        self._task: asyncio.Task[None] | None = None
        self._is_over = False
        self._posting = asyncio.Lock()

    def arm(self) -> None:
        """Show the button if the turn is still silent after a while."""
        if self._task is None and not self._is_over:
            self._task = asyncio.create_task(self._appear())

    def disarm(self) -> None:
        """Text has become visible: no button is needed any more."""
        self._is_over = True

    async def remove(self) -> None:
        """Take the button away."""
        self._is_over = True
        task, self._task = self._task, None
        if task is None:
            return
        async with self._posting:  # A post that is under way is waited for, so that it can be removed.
            task.cancel()
        await asyncio.wait([task])
        post = (await self._poster.journal.noted()).get(CONTROL)
        if post is not None:
            await remove(self._poster.api, self._poster.place, post.ref)

    async def _appear(self) -> None:
        await asyncio.sleep(self._poster.surface.pace.control_seconds)
        wording, turn = self._poster.wording, self._poster.place.turn
        text = wording.say("I am still working on it.")
        shown = [*blocks.contexts([text]), blocks.actions(buttons.stop_run(wording, turn))]
        async with self._posting:
            if self._is_over:
                return
            try:
                await self._poster.once(CONTROL, [{"blocks": shown, "text": text}])
            except (*FAILURES, NoFormAccepted) as failure:
                log.info("No stop button: %s", type(failure).__name__)
