"""A watchdog of the event loop: while one callback keeps it busy, nobody's question is acked or answered.

A thread asks the loop for a sign twice a second and waits for it. What counts is the CPU time of the loop's thread
(https://docs.python.org/3/library/time.html#time.pthread_getcpuclockid), where the system tells it: a loop that waits,
or a machine that is busy with something else, is no stall.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Self

from telemetry.metrics import stalled

log = logging.getLogger(__name__)

LONG_SECONDS = 0.5
LOOK_SECONDS = 0.5
_FRAMES = 12


class Watchdog:
    """Watches the loop of the thread that enters it; a stall is logged while it lasts, with the place in the code."""

    def __init__(self, long_seconds: float = LONG_SECONDS, look_seconds: float = LOOK_SECONDS) -> None:
        self.count = 0
        self._long = long_seconds
        self._look = look_seconds
        self._over = threading.Event()

    def __enter__(self) -> Self:
        watched = asyncio.get_running_loop(), threading.get_ident()
        threading.Thread(target=self._watch, args=watched, name="watchdog", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self.count:
            log.warning("The event loop was held up %d times.", self.count)

    def _watch(self, loop: asyncio.AbstractEventLoop, thread: int) -> None:
        busy = _cpu_clock(thread)
        asleep, begun = time.monotonic(), busy()
        while not self._over.wait(self._look):
            if time.monotonic() - asleep - self._look < self._long:
                begun = busy()  # else nobody got the interpreter meanwhile, this thread as little as others
            sign = threading.Event()
            try:
                loop.call_soon_threadsafe(sign.set)
            except RuntimeError:  # the loop is closed
                return
            while busy() - begun >= self._long or not sign.wait(self._long):
                if (spent := busy() - begun) >= self._long:
                    self.count += 1
                    stalled()
                    stack = traceback.format_stack(sys._current_frames().get(thread))
                    log.warning("The event loop is held up: %.1f s of CPU at\n%s", spent, "".join(stack[-_FRAMES:]))
                    sign.wait()
                    break
            asleep, begun = time.monotonic(), busy()


def _cpu_clock(thread: int) -> Callable[[], float]:
    """The CPU seconds of a thread; where there is no such clock (macOS), the seconds."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.monotonic
    clock = time.pthread_getcpuclockid(thread)
    return lambda: time.clock_gettime(clock)
