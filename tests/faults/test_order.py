"""Promise 3: one turn at a time in each thread, in the order of acceptance; threads are parallel. And the limits."""

from __future__ import annotations

import os

from tests.faults.bench import Bench
from tests.support import proof
from tests.support.world import KENJI, words_of

FEW = 40
THREADS = int(os.environ.get("THREADS", FEW))
PATIENCE = 60 + THREADS


async def all_in_order(bench: Bench, asked: list[str]) -> None:
    """Wait until each question of a thread has its one answer; they stand in the order of the questions."""
    await bench.outcomes(bench.channel, asked[0], len(asked))
    for number, ts in enumerate(asked):
        assert f"number {number}" in bench.one_outcome(ts, thread=asked[0])
    bench.in_order(bench.channel, asked[0], asked)


async def test_promise_3_order_in_a_thread(bench: Bench) -> None:
    gate = bench.gate()
    asked = await bench.ask_in_line(gate, 6)
    assert len(bench.model.requests) > 0
    bench.open(gate)
    await all_in_order(bench, asked)


async def test_promise_3_order_across_a_crash(bench: Bench) -> None:
    """What was accepted before comes first, though a new question arrives before the old ones are resumed."""
    gate = bench.gate()
    asked = await bench.ask_in_line(gate, 4)
    await bench.kill_all()
    bench.open(gate)
    await bench.start_bot()
    asked.append(await bench.ask("[[say number 4]]", thread=asked[0]))
    await all_in_order(bench, asked)


async def test_promise_3_threads_are_parallel(bench: Bench) -> None:
    """They wait for the same thing, all at once; docs/reliability.md has the figures for a thousand."""
    if THREADS > FEW:  # their Stop buttons alone would take Slack's limits for many minutes
        await bench.kill_all()
        bench.settings = {"SLACK_RATE_SHARE": "1000"}
        await bench.start_bot()
    gate = bench.gate()
    channels = [bench.new_channel() for _ in range(THREADS)]
    before = len(bench.azure.requests.of("POST", "/responses"))
    asked = [await bench.ask(f"[[wait {gate}]] [[say {channel}]]", channel=channel) for channel in channels]
    await bench.azure.wait(lambda azure: len(azure.requests.of("POST", "/responses")) - before >= len(asked), PATIENCE)
    shown = [bench.slack.bot_messages(channel, ts) for channel, ts in zip(channels, asked, strict=True)]
    assert not any(map(proof.outcomes, shown))
    bench.open(gate)
    for channel, ts in zip(channels, asked, strict=True):
        await bench.outcomes(channel, ts, timeout=PATIENCE)
        await bench.without_button(channel, ts)
        assert channel in bench.one_outcome(ts, channel=channel)


async def test_limits(bench: Bench) -> None:
    """Each refusal is one sentence, in the thread, at once; it takes nobody's place."""
    await bench.kill_all()
    bench.settings = {"THREAD_QUEUE": "2", "PERSON_AT_ONCE": "4", "PERSON_PER_HOUR": "6"}
    await bench.start_bot()
    gate = bench.gate()
    first = await bench.ask(f"[[wait {gate}]] [[say one]]", user=KENJI)
    await bench.running(gate)
    second = await bench.ask("[[say two]]", thread=first, user=KENJI)
    await bench.acked(second)
    full = await bench.ask("[[say three]]", thread=first, user=KENJI)
    await bench.outcomes(bench.channel, first)
    assert "質問" in bench.one_outcome(full, thread=first), "in the asker's language"
    others = [bench.new_channel() for _ in range(3)]
    held = [await bench.ask(f"[[wait {gate}]]", channel=channel, user=KENJI) for channel in others[:2]]
    for ts in held:
        await bench.acked(ts)
    busy = await bench.ask("[[say five]]", channel=others[2], user=KENJI)
    await bench.outcomes(others[2], busy)
    assert "five" not in bench.one_outcome(busy, channel=others[2])
    bench.open(gate)
    await bench.outcomes(bench.channel, first, 3)
    assert "one" in bench.one_outcome(first)
    assert "two" in bench.one_outcome(second, thread=first)
    for channel, ts in zip(others, held, strict=False):
        await bench.outcomes(channel, ts)
    late = await bench.ask("[[say seven]]", channel=(last := bench.new_channel()), user=KENJI)
    found = await bench.outcomes(last, late)
    assert "seven" not in words_of(found[0])
