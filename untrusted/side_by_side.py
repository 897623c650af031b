"""Does work side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar, overload

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


@overload
async def side_by_side(first: Awaitable[A], second: Awaitable[B], /) -> tuple[A, B]: ...
@overload
async def side_by_side(first: Awaitable[A], second: Awaitable[B], third: Awaitable[C], /) -> tuple[A, B, C]: ...
@overload
async def side_by_side(*work: Awaitable[T]) -> tuple[T, ...]: ...
async def side_by_side(*work: Awaitable[object]) -> tuple[object, ...]:
    """What some pieces of work come to, in their order; all have ended when this returns or raises.

    The first failure ends the others, and is raised.
    """
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return tuple(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
