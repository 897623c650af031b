"""How Python itself is set for a bot: garbage, and how threads take turns."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SWITCH_SECONDS = 0.0005
"""How long a transaction's thread waits for a busy loop at each of its statements; by Python's default ten times that,
so that a transaction of eight statements, and the ack that waits for it, can take 40 ms longer than its work.
https://docs.python.org/3/library/sys.html#sys.setswitchinterval
"""

COLLECT_AFTER = (5_000, 20, 20)
"""Python's thresholds (https://docs.python.org/3/library/gc.html#gc.set_threshold). With its own, 1,000 turns in flight
are walked through again and again: a fifth of the CPU, and half a second without an ack at each full collection. A turn
leaves some 10 KB in cycles; with these numbers there are full collections every 2,000 turns or so.
"""


@contextmanager
def tuned_after_imports() -> Iterator[None]:
    """Tune Python when all is imported. Until then no garbage is looked for: there is hardly any, and it takes long."""
    gc.disable()
    yield
    gc.freeze()  # else the first collection walks all that was imported
    gc.enable()
    gc.set_threshold(*COLLECT_AFTER)
    sys.setswitchinterval(SWITCH_SECONDS)
