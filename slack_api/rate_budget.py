"""Slack's rate limits hold per workspace: one budget decides who may call when, and how many answers stream live.

Tiers: https://docs.slack.dev/apis/web-api/rate-limits
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rate:
    """A token bucket: how many calls at once, and how many a minute after that."""

    burst: float
    per_minute: float


RATES: Mapping[str, Rate] = {
    "chat.startStream": Rate(8, 18),
    "chat.appendStream": Rate(25, 90),
    "chat.stopStream": Rate(10, 20),
    "chat.postMessage": Rate(3, 60),
    "chat.update": Rate(10, 45),
    "chat.delete": Rate(10, 45),
    "conversations.replies": Rate(10, 45),
    "assistant.threads.setStatus": Rate(60, 540),
    "agents.sessions.setStatus": Rate(10, 45),
    "files.getUploadURLExternal": Rate(20, 90),
    "files.completeUploadExternal": Rate(20, 90),
}
_STREAMING = "chat.appendStream"


@dataclass
class _Bucket:
    rate: Rate
    tokens: float
    at: float
    blocked_until: float = 0.0

    def refill(self, now: float) -> None:
        self.tokens = min(self.rate.burst, self.tokens + (now - self.at) * self.rate.per_minute / 60)
        self.at = now

    def wait(self, now: float) -> float:
        self.refill(now)
        return max(self.blocked_until - now, (1 - self.tokens) * 60 / self.rate.per_minute, 0.0)


@dataclass
class WorkspaceBudget:
    """The calls that a workspace allows us.

    Args:
        rates: Bucket of each method; methods without one are only held up by a 429.
        share: Part of the workspace's limits that this process may use: less than 1 for one of several replicas, more
            where Slack has granted more.
        clock: Monotonic seconds.
    """

    rates: Mapping[str, Rate] = field(default_factory=lambda: RATES)
    share: float = 1.0
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[tuple[str, str], _Bucket] = field(default_factory=dict, init=False, repr=False)
    _live: int = field(default=0, init=False, repr=False)

    def delay(self, method: str, channel: str = "") -> float:
        """Seconds until a call would be free, if nobody else took it."""
        return self._bucket(method, channel).wait(self.clock())

    async def take(self, method: str, channel: str = "") -> None:
        """Take a call, waiting in line for it."""
        bucket = self._bucket(method, channel)
        pause = bucket.wait(self.clock())
        bucket.tokens -= 1
        while pause > 0:
            await asyncio.sleep(pause)
            pause = bucket.blocked_until - self.clock()

    def hold_off(self, method: str, channel: str, seconds: float) -> None:
        """Slack answered 429: nobody calls this again before ``seconds`` have passed."""
        bucket = self._bucket(method, channel)
        bucket.blocked_until = max(bucket.blocked_until, self.clock() + seconds)

    def open_stream(self) -> bool:
        """Ask to stream one more answer; the caller gives it back with ``close_stream``."""
        most = max(1, int(self.share * 12))
        if self._live >= most or self._bucket(_STREAMING, "").blocked_until > self.clock():
            return False
        if self.delay("chat.startStream") > 0:
            return False
        self._live += 1
        return True

    def close_stream(self) -> None:
        """A streamed answer has ended."""
        self._live = max(0, self._live - 1)

    def append_pause(self, least: float) -> float:
        """Seconds between two appends of one stream, wider with each live stream."""
        rate = self.rates.get(_STREAMING)
        return max(least, self._live * 60 / (rate.per_minute * self.share)) if rate else least

    def _bucket(self, method: str, channel: str) -> _Bucket:
        key = (method, channel if method == "chat.postMessage" else "")
        if key not in self._buckets:
            rate = self.rates.get(method, Rate(1e9, 1e9))
            share = max(1.0, self.share) if method == "chat.postMessage" else self.share
            scaled = Rate(max(min(rate.burst, 1.0), rate.burst * share), rate.per_minute * share)
            self._buckets[key] = _Bucket(scaled, scaled.burst, self.clock())
            self._forget_full()
        return self._buckets[key]

    def _forget_full(self) -> None:
        """Buckets of quiet channels do not pile up."""
        if len(self._buckets) > 2000:  # noqa: PLR2004
            now = self.clock()
            for key, bucket in list(self._buckets.items()):
                bucket.refill(now)
                if key[1] and bucket.tokens >= bucket.rate.burst and bucket.blocked_until <= now:
                    del self._buckets[key]
