"""What others notice of a hostile input: how long their acks take while the bot has to do with it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.support.world import World

QUICK = 0.03
"""Seconds; an ack that takes less may take three times this: so short a time says more of the machine than of us."""

SLOWER = 3.0
ASKED = 4
TRIES = 3
"""The machine is shared: what it does meanwhile is not there each time, a loop that is held up is."""


async def ack_seconds(world: World, ts: str) -> float:
    """How long Slack waited for the ack of a message, that of its slower event."""

    def acked(_: object) -> list[float]:
        found = [envelope for envelope in world.slack.envelopes if envelope.event.get("ts") == ts]
        return [took for one in found if (took := one.ack_seconds)] if all(one.acked for one in found) else []

    return max(await world.slack.wait(acked, 60))


class Lag:
    """How long this process's own loop was busy: it plays Slack and Azure, and measures with the same clock."""

    LOOK = 0.005

    def __init__(self) -> None:
        self.seconds = 0.0

    async def run(self) -> None:
        while True:
            begun = time.monotonic()
            await asyncio.sleep(self.LOOK)
            self.seconds += max(0.0, time.monotonic() - begun - 2 * self.LOOK)


@asynccontextmanager
async def lag() -> AsyncIterator[Lag]:
    """Measures the loop as long as it is entered."""
    made = Lag()
    running = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        running.cancel()


async def acks(world: World) -> float:
    """How long the bot lets a short mention wait for its ack, at most; they come one after the other."""
    longest = 0.0
    for _ in range(ASKED):
        async with lag() as ours:
            took = await ack_seconds(world, await world.ask("[[say hi]]", channel=world.new_channel()))
        longest = max(longest, took - ours.seconds)
    return longest


async def nobody_waits(world: World, send: Callable[[], Awaitable[None]]) -> None:
    """Let something be sent, again if need be; what others ask meanwhile is acked as quickly as before."""
    told = []
    for _ in range(TRIES):
        before = max(await acks(world), QUICK)
        await send()
        during = await acks(world)
        if during <= SLOWER * before:
            return
        told.append(f"acks take {during:.3f} s, before {before:.3f} s")
    raise AssertionError("; ".join(told))
