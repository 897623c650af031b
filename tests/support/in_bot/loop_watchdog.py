"""Inside of a bot under test: reports each callback that keeps the loop's thread busy for too long.

CPU time of the thread is measured, not the clock: the machine is shared, and a process that does not run stops nobody.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
import traceback
from typing import Any

REPORT = "LOOP_WATCHDOG_REPORT"
"""Environment variable: the file that stalls are appended to, a JSON object in each line."""

SECONDS = 0.1
_LOOK_SECONDS = 0.02


class LoopWatchdog:
    """Measures every callback of the thread that it is armed in."""

    def __init__(self, report: str) -> None:
        self._report = report
        self._begun: float | None = None
        self._stack: list[str] = []

    def arm(self) -> None:
        """Measure from now on."""
        run = asyncio.Handle._run
        clock = time.thread_time

        def measured(handle: asyncio.Handle) -> None:
            if threading.get_ident() != thread:  # pragma: no cover - a loop of another thread
                run(handle)
                return
            self._begun = begun = clock()
            run(handle)
            self._begun = None
            if (spent := clock() - begun) > SECONDS:
                self._tell(spent, handle)

        thread = threading.get_ident()
        asyncio.Handle._run = measured  # type: ignore[method-assign, assignment]
        threading.Thread(target=self._look, args=[thread], name="loop-watchdog", daemon=True).start()

    def _look(self, thread: int) -> None:
        """Remember where a long callback is; while a C function keeps the interpreter, right behind it."""
        cpu = time.pthread_getcpuclockid(thread)
        while True:
            time.sleep(_LOOK_SECONDS)
            begun = self._begun
            if begun is not None and time.clock_gettime(cpu) - begun > SECONDS / 2:
                self._stack = traceback.format_stack(sys._current_frames()[thread])

    def _tell(self, spent: float, handle: asyncio.Handle) -> None:
        stack, self._stack = self._stack, []
        told: dict[str, Any] = {
            "pid": os.getpid(),
            "time": time.time(),
            "seconds": round(spent, 3),
            "callback": repr(handle)[:300],
            "stack": "".join(stack[-12:]),
        }
        with open(self._report, "a", encoding="utf-8") as report:
            report.write(json.dumps(told) + "\n")


def arm_if_asked() -> None:
    """Watch the loop of this thread when a test wants it."""
    if report := os.environ.get(REPORT):
        LoopWatchdog(report).arm()
