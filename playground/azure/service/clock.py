"""Time that tests can move."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], float]
"""Returns the epoch time in seconds."""


class ManualClock:
    """A clock that runs with real time and can be put forward."""

    def __init__(self) -> None:
        self.offset = 0.0

    def __call__(self) -> float:
        return time.time() + self.offset

    def advance(self, *, seconds: float = 0.0, minutes: float = 0.0) -> None:
        """Put the clock forward."""
        self.offset += seconds + 60 * minutes
