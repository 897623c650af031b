"""Limits per person and per thread, checked when a question is accepted; each refusal is one sentence."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy.orm import Session

from conversations.errors import PersonBusy, PersonHourlyLimit, ThreadQueueFull
from conversations.store.questions import count_by, open_by
from errors import AnalystError

HOUR = 3600.0


@dataclass(frozen=True)
class Limits:
    """Limits of this installation; 0 means none.

    Args:
        run_minutes: How long one run may take.
        thread_queue: How many questions may wait in one thread.
        person_per_hour: How many questions a person may ask within an hour.
        person_at_once: How many questions of a person may be open at a time.
    """

    run_minutes: float = 10.0
    thread_queue: int = 20
    person_per_hour: int = 0
    person_at_once: int = 0

    def refusal(self, session: Session, user: str, waiting: int) -> AnalystError | None:
        """Why a person's question is not taken, or None; ``waiting`` questions of its thread have no outcome yet."""
        if self.thread_queue and waiting >= self.thread_queue:
            return ThreadQueueFull(limit=self.thread_queue)
        if self.person_per_hour and count_by(session, user, time.time() - HOUR) >= self.person_per_hour:
            return PersonHourlyLimit(limit=self.person_per_hour)
        if self.person_at_once and open_by(session, user) >= self.person_at_once:
            return PersonBusy(limit=self.person_at_once)
        return None
