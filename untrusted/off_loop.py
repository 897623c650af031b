"""Runs slow work on foreign text in a thread, so that the event loop does not wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

SHORT = 2000
"""Characters that are worked on at once: at 5 µs for each, which is what the worst texts take, a hundredth of a second;
a thread costs a tenth of a millisecond."""


async def aside(size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of some work on text of a ``size`` in characters: done in a thread when the text is long.

    The work has no access to what the event loop changes meanwhile. It goes on when this is cancelled.
    """
    if size <= SHORT:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)
