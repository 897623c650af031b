"""A callback that keeps the loop busy is told, with its place; one that only waits is none."""

from __future__ import annotations

import asyncio
import re
import threading
import time

import pytest

from app.watchdog import Watchdog

LONG = 0.1


def compute(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def search(seconds: float) -> None:
    """A pattern that nobody should use; no other thread gets the interpreter while it is matched."""
    pattern, length, spent = re.compile("x*y"), 2000, 0.0
    while spent < seconds:
        begun = time.thread_time()
        pattern.search("x" * length)
        spent, length = time.thread_time() - begun, length * 2


async def until_looked(watch: Watchdog) -> None:
    for _ in range(20):
        await asyncio.sleep(0.01)
        if watch.count:
            return


@pytest.mark.parametrize("work", [compute, pytest.param(search, marks=pytest.mark.thorough)])
async def test_a_busy_callback_is_told_with_its_place(caplog: pytest.LogCaptureFixture, work: object) -> None:
    assert callable(work)
    with Watchdog(LONG, 0.02) as watch:
        await asyncio.sleep(0.05)
        work(4 * LONG)
        await until_looked(watch)
        assert watch.count == 1
    assert "test_watchdog.py" in caplog.text
    assert "of CPU at" in caplog.text


@pytest.mark.thorough
async def test_waiting_and_many_short_callbacks_are_none() -> None:
    with Watchdog(LONG, 0.02) as watch:
        time.sleep(3 * LONG)  # noqa: ASYNC251 - it waits, which takes no CPU
        for _ in range(30):
            compute(LONG / 10)
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        assert watch.count == 0


async def test_the_thread_ends_with_the_watch() -> None:
    with Watchdog(LONG, 0.01):
        await asyncio.sleep(0.03)
    for _ in range(100):
        if not any(thread.name == "watchdog" for thread in threading.enumerate()):
            return
        await asyncio.sleep(0.01)
    pytest.fail("it is still there")
