"""The workspace's limits are kept, and shared fairly."""

from __future__ import annotations

import asyncio

import pytest

from slack_api.rate_budget import Rate, WorkspaceBudget


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_a_burst_then_the_rate(clock: Clock) -> None:
    budget = WorkspaceBudget({"m": Rate(2, 60)}, clock=clock)
    await budget.take("m")
    await budget.take("m")
    assert budget.delay("m") == pytest.approx(1.0)
    clock.now = 1.0
    assert budget.delay("m") == 0


async def test_waiters_are_served_in_line() -> None:
    budget = WorkspaceBudget({"m": Rate(1, 6_000)})
    served: list[int] = []

    async def call(number: int) -> None:
        await budget.take("m")
        served.append(number)

    await asyncio.gather(*(call(number) for number in range(20)))
    assert served == list(range(20))


async def test_posts_have_a_bucket_for_each_channel(clock: Clock) -> None:
    budget = WorkspaceBudget({"chat.postMessage": Rate(1, 60)}, clock=clock)
    await budget.take("chat.postMessage", "C1")
    assert budget.delay("chat.postMessage", "C1") > 0
    assert budget.delay("chat.postMessage", "C2") == 0


async def test_a_429_holds_everybody_off(clock: Clock) -> None:
    budget = WorkspaceBudget(clock=clock)
    budget.hold_off("chat.appendStream", "", 30)
    assert budget.delay("chat.appendStream") == 30
    assert not budget.open_stream()
    clock.now = 31
    assert budget.open_stream()


async def test_streams_are_limited_and_slow_down_together(clock: Clock) -> None:
    budget = WorkspaceBudget({"chat.appendStream": Rate(10, 90)}, clock=clock)
    opened = sum(budget.open_stream() for _ in range(50))
    assert 4 <= opened <= 20
    assert budget.append_pause(1.0) * 90 / 60 >= opened
    for _ in range(opened):
        budget.close_stream()
    assert budget.append_pause(1.0) == 1.0
