"""Limits per person and per thread, checked when a question is accepted; each refusal is one sentence."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from conversations.errors import PersonBusy, PersonHourlyLimit, ThreadQueueFull
from errors import AnalystError

HOUR = 3600.0


@dataclass(frozen=True)
class Limits:
    """Limits of this installation; 0 means none."""

    run_minutes: float = 10.0
    thread_queue: int = 20
    person_per_hour: int = 0
    person_at_once: int = 0

    def refusal(
        self, waiting: int, asked_since: Callable[[float], int], open_now: Callable[[], int]
    ) -> AnalystError | None:
        """Why a question is not taken, or None. ``asked_since`` and ``open_now`` count the person's questions."""
        if self.thread_queue and waiting >= self.thread_queue:
            return ThreadQueueFull(limit=self.thread_queue)
        if self.person_per_hour and asked_since(time.time() - HOUR) >= self.person_per_hour:
            return PersonHourlyLimit(limit=self.person_per_hour)
        if self.person_at_once and open_now() >= self.person_at_once:
            return PersonBusy(limit=self.person_at_once)
        return None
