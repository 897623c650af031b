"""How often and how soon something is tried again."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field

from conversations.errors import SlackUnavailable

FIRST_WAIT = 0.5
"""Seconds after the first failure; doubled with each one."""

_LONGEST_WAIT = 30.0
_LONGEST_UNNAMED = 60.0
_LIMITED_SECONDS = 600.0
"""How long rate limits are waited out: many replicas and threads share them, and they pass."""


@dataclass
class Patience:
    """How long one thing is retried: failures are counted, waits for Slack's limits are added up.

    Args:
        tries: How often it may be made, those that met a limit left out; None: as long as ``seconds`` last.
        seconds: How long limits are waited out.
    """

    tries: int | None = None
    seconds: float = _LIMITED_SECONDS
    _failures: int = 0
    _limited: float = 0.0
    _unnamed: int = 0
    _since: float = field(default_factory=time.monotonic)

    @property
    def minutes(self) -> int:
        """How long it has been tried, at least 1."""
        return max(1, round(self._age / 60))

    @property
    def _age(self) -> float:
        return time.monotonic() - self._since

    def after_failure(self) -> float | None:
        """Seconds until the next try; None when there is none."""
        self._failures += 1
        is_over = self._age > self.seconds if self.tries is None else self._failures >= self.tries
        return None if is_over else backoff(self._failures)

    def after_limit(self, seconds: float, most: float | None = None) -> float | None:
        """The same when there were too many calls.

        Args:
            seconds: The time that Slack has named; 0 for none, then it is doubled each time.
            most: Seconds of such waits in all, if less than usual.
        """
        if not seconds:
            self._unnamed += 1
            seconds = min(2 * backoff(self._unnamed), _LONGEST_UNNAMED)
        self._limited += seconds
        return seconds if self._limited <= min(self.seconds, most or self.seconds) else None

    async def pause(self) -> None:
        """Wait after a failure. Raises ``SlackUnavailable`` when there is no next try."""
        wait = self.after_failure()
        if wait is None:
            raise SlackUnavailable(minutes=self.minutes)
        await asyncio.sleep(wait)


def backoff(attempt: int) -> float:
    """Seconds to wait after the first, second… failed try: growing, with a random part."""
    wait = min(FIRST_WAIT * 2.0 ** min(attempt - 1, 10), _LONGEST_WAIT)
    return wait * random.uniform(0.75, 1.25)  # noqa: S311 - not a secret
