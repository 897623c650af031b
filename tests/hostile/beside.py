"""What others notice of a hostile input: how long their acks take while the bot has to do with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

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


async def acks(world: World) -> float:
    """How long the ack of a short mention takes at most; they come one after the other, in channels of their own."""
    return max(
        [await ack_seconds(world, await world.ask("[[say hi]]", channel=world.new_channel())) for _ in range(ASKED)]
    )


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
