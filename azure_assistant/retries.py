"""When a request is repeated, and after how long. The SDK's own silent retries are switched off."""

from __future__ import annotations

import random
from dataclasses import dataclass

from azure_assistant.errors import AssistantError, Decision, RateLimited, ThreadBusy, UnknownError

UNKNOWN_ATTEMPTS = 2
"""How often a request is sent whose failure nobody knows: never final at the first, and no load for others."""


@dataclass(frozen=True)
class RetryPolicy:
    """Delays in seconds.

    Args:
        attempts: How often a failing request is sent at most, waits for limits and locks not counted.
        first: Delay before the first repetition; doubles each time.
        longest: Longest such delay.
        patience: How long a request waits in all for a rate limit or for a busy thread.
        busy_first: First delay when the thread is busy; grows to ``busy_longest``.
        busy_longest: Longest delay when the thread is busy.
    """

    attempts: int = 4
    first: float = 0.5
    longest: float = 8.0
    patience: float = 60.0
    busy_first: float = 2.0
    busy_longest: float = 5.0

    def start(self) -> Backoff:
        """A counter for one request."""
        return Backoff(self)


class Backoff:
    """Decides after each failure of one request whether, and when, to send it again."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._failures = 0
        self._busy = 0
        self._limited = 0
        self._waited = 0.0

    def after(self, error: AssistantError) -> float | None:
        """Seconds to wait before the next attempt, or None to give up."""
        if error.decision is not Decision.WAIT:
            return None
        if isinstance(error, ThreadBusy):
            self._busy += 1
            return self._spend(min(self._policy.busy_first + self._busy - 1, self._policy.busy_longest))
        if isinstance(error, RateLimited):
            self._limited += 1
            return self._spend(max(error.retry_after or 0.0, self._jittered(self._limited)))
        self._failures += 1
        most = self._policy.attempts
        if self._failures >= (min(UNKNOWN_ATTEMPTS, most) if isinstance(error, UnknownError) else most):
            return None
        return max(self._jittered(self._failures), min(error.retry_after or 0.0, self._policy.patience))

    def _jittered(self, failures: int) -> float:
        delay = min(self._policy.first * 2.0 ** (failures - 1), self._policy.longest)
        return float(delay * random.uniform(0.75, 1.0))  # noqa: S311 - spreads load, guards nothing

    def _spend(self, delay: float) -> float | None:
        if self._waited + delay > self._policy.patience:
            return None
        self._waited += delay
        return delay
