"""Catches up after an outage longer than Slack's retries (about six minutes): active threads and DMs are read again.

What was answered already is known by its ts, so reading too much does no harm. A mention in a thread that the bot did
not take part in is not found this way; docs/reliability.md says so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from errors import AnalystError
from handlers import events
from handlers.context import Contexts

log = logging.getLogger(__name__)

GAP_SECONDS = 60.0
"""Shorter gaps are covered by Slack's retries; reading for each restart would use up what answers need to read."""

REACH_SECONDS = 24 * 3600.0
ACTIVE_SECONDS = 7 * 24 * 3600.0
AT_ONCE = 30
"""Threads and channels read in one go: Slack allows 50 reads a minute, and answers need some, too."""
PACE_SECONDS = 2.0
"""Pause before each further one."""


class Backfill:
    """Reads what was written while nobody listened."""

    def __init__(self, contexts: Contexts) -> None:
        self._contexts = contexts
        self._lock = asyncio.Lock()

    async def run(self, since: float) -> None:
        """Read all active places once, unless so little time has passed that Slack tries again by itself."""
        if time.time() - since < GAP_SECONDS:
            return
        async with self._lock:
            since = max(since, time.time() - REACH_SECONDS)
            places = await self._contexts.conversations.active_places(time.time() - ACTIVE_SECONDS)
            for number, place in enumerate(places):
                await asyncio.sleep(PACE_SECONDS if number >= AT_ONCE else 0)
                try:
                    await self._read(*place, since)
                except AnalystError as error:
                    log.warning("A place could not be read again: %s", type(error).__name__)

    async def _read(self, team: str, channel: str, thread: str, since: float) -> None:
        context = await self._contexts.within(team)
        if context is None:
            return
        for raw in await context.workspace.read.messages_since(channel, f"{since:.6f}", thread):
            event: dict[str, Any] = {key: value for key, value in raw.items() if key != "edited"}
            await events.message(event | {"type": "message", "channel": channel}, context)
