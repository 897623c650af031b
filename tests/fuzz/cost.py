"""Cost that grows faster than the input."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable

LENGTH = 20_000
SECONDS = 1.0
"""Of CPU, under instrumentation: what is linear takes a fiftieth of it."""
ONE_IN = 32


def assert_linear(work: Callable[[str], object], text: str) -> None:
    """Do the work on the text repeated up to ``LENGTH``, for one in ``ONE_IN`` texts.

    Raises:
        AssertionError: It took ``SECONDS``, as only what is not linear does.
    """
    if not text or zlib.crc32(text.encode("utf-8", "surrogatepass")) % ONE_IN:
        return
    grown = text * (LENGTH // len(text) + 1)
    begun = time.thread_time()
    work(grown)
    spent = time.thread_time() - begun
    assert spent < SECONDS, f"{len(grown)} characters took {spent:.1f} s"
