"""What is done once a night: what has outlived ``RETENTION_DAYS`` is forgotten, here, in the engine and at Azure."""

from __future__ import annotations

import logging
import time

from conversations.jobs.forgetting import Forgetting

log = logging.getLogger(__name__)

DAY = 86_400.0
DEDUPE_DAYS = 2
"""Ids of questions are kept at least this long; Slack sends an event again for up to a day."""


class Retention:
    """Deletes what is old.

    Args:
        forgetting: How.
        days: Retention in days; at least ``DEDUPE_DAYS``.
    """

    def __init__(self, forgetting: Forgetting, days: int) -> None:
        self._forgetting = forgetting
        self._days = max(days, DEDUPE_DAYS)

    async def clean(self) -> None:
        """Forget questions, answers and conversations past retention, with their copies at Azure."""
        done = await self._forgetting.past(time.time() - self._days * DAY)
        log.info("Housekeeping: %d conversations past their retention.", done)
