"""Takes turns from the engine's queue as soon as there are any.

DBOS looks at its queues in fixed intervals and has no notification, even on PostgreSQL, so a turn waits for half an
interval and an idle bot pays for all of them. Here DBOS's own worker waits for a bell instead. The worker is not a
public name of DBOS (``requirements.txt`` pins the version it is tested with).
"""

from __future__ import annotations

import asyncio
import threading
import time

from dbos import DBOS, Queue
from dbos._queue import queue_worker_thread

GAP_SECONDS = 0.1
"""Looks are at least this far apart, so that in a burst one look finds many turns."""


class _Bell(threading.Event):
    """The stop event of DBOS's worker, whose ``wait`` between two looks ends early when it rings."""

    def __init__(self) -> None:
        super().__init__()
        self._rung = threading.Event()
        self._looked = 0.0

    def ring(self) -> None:
        self._rung.set()

    def set(self) -> None:
        super().set()
        self._rung.set()

    def wait(self, timeout: float | None = None) -> bool:
        self._rung.wait(timeout)
        super().wait(max(0.0, self._looked + GAP_SECONDS - time.monotonic()))  # no longer than until it stops
        self._rung.clear()
        self._looked = time.monotonic()
        return self.is_set()


class QueueWorker:
    """DBOS's worker for one queue, on a thread of its own, with a bell.

    Args:
        queue: A registered queue that DBOS itself does not listen to (``DBOS.listen_queues``).
        dbos: The launched engine.
    """

    def __init__(self, queue: Queue, dbos: DBOS) -> None:
        queue.database_backed_queue = False  # else its row is read again before each look
        self._bell = _Bell()
        arguments = (self._bell, dbos, queue)
        self._thread = threading.Thread(target=queue_worker_thread, args=arguments, name="queue", daemon=True)
        self._thread.start()

    def look(self) -> None:
        """There may be a turn to run: look now."""
        self._bell.ring()

    def stop(self) -> None:
        """Take no more turns; running ones go on."""
        self._bell.set()

    async def close(self) -> None:
        """Stop, and wait until a look that has begun is over."""
        self.stop()
        await asyncio.to_thread(self._thread.join)
