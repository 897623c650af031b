"""What the front needs to know of a Web API method: who may call it, and how often.

Tiers: https://docs.slack.dev/apis/web-api/rate-limits
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from playground.slack.api.args import Args
from playground.slack.delivery.core import Core
from playground.slack.state.options import Json, Options

Handler = Callable[[Core, Args], Json]


@dataclass(frozen=True)
class Method:
    """A method: who may call it, and how often.

    ``scopes`` are alternatives. ``per_minute`` is the tier; ``per_channel`` counts for each channel.
    Handlers are synchronous: each call changes the workspace at one moment, or not at all.
    """

    run: Handler
    scopes: tuple[str, ...] = ()
    per_minute: int = 50
    per_channel: bool = False
    caller: Literal["bot", "app", "config", "anyone"] = "bot"


class Limiter:
    """Buckets that fill with time. Posting may burst to three; other methods to a quarter of a minute's calls."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def wait(self, name: str, method: Method, channel: str, now: float) -> int:
        """Take one call. Returns 0, or the whole seconds after which to try again."""
        if not self._options.limits:
            return 0
        per_minute = float(method.per_minute)
        if self._options.distributed_app and name in {"conversations.history", "conversations.replies"}:
            per_minute = 1.0
        rate = per_minute * self._options.limit_factor / self._options.seconds(60.0)
        burst = 3.0 if method.per_channel else max(1.0, per_minute * self._options.limit_factor / 4)
        key = (name, channel if method.per_channel else "")
        level, then = self._buckets.get(key, (burst, now))
        level = min(burst, level + (now - then) * rate)
        if level < 1.0:
            self._buckets[key] = (level, now)
            return max(1, math.ceil((1.0 - level) / rate))
        self._buckets[key] = (level - 1.0, now)
        return 0
