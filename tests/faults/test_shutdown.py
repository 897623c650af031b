"""Promise 2, SIGTERM: running turns finish within the drain, the rest is handed over; the exit code is 0."""

from __future__ import annotations

import asyncio

from tests.faults.bench import Bench


async def test_promise_2_sigterm_drains(bench: Bench) -> None:
    """What runs is finished, with its chart; what comes meanwhile is answered after the restart."""
    gate = bench.gate()
    ts = await bench.ask(f"[[long 400]] [[wait {gate}]] [[say finished while going]] [[chart last.png]]")
    await bench.streaming(ts)
    going = asyncio.create_task(bench.terminate(bench.bot))
    await bench.slack.wait(lambda slack: slack.connections == 0, 15)
    late = await bench.ask("[[say for the next one]]", channel=(other := bench.new_channel()))
    assert bench.alive, "it waits for the turn that runs"
    bench.open(gate)
    assert await asyncio.wait_for(going, 20) == 0
    await bench.outcomes(bench.channel, ts, files=1)  # Slack shows a chart some moments after it was shared
    assert "finished while going" in bench.one_outcome(ts, charts=1)
    await bench.start_bot()
    bench.slack.faults.retry_now()
    await bench.outcomes(other, late)
    bench.one_outcome(late, channel=other)
    await bench.proven_again(ts, 1)


async def test_promise_2_sigterm_hands_over(bench: Bench) -> None:
    """A turn that takes too long says that it goes on after the restart, and does."""
    await restart_with(bench, DRAIN_SECONDS="0.5")
    gate = bench.gate()
    ts = await bench.ask(f"[[long 400]] [[wait {gate}]] [[say finished by the next]] [[chart last.png]]")
    await bench.streaming(ts)
    queued = await bench.ask("[[say then this]]", thread=ts)
    await bench.acked(queued)
    assert await bench.terminate(bench.bot) == 0
    assert "after a restart" in bench.slack.status(bench.channel, ts)
    assert "Traceback" not in bench.log
    bench.open(gate)
    await bench.start_bot()
    await bench.settled(ts, 2, 1)
    assert "finished by the next" in bench.one_outcome(ts, charts=1)
    assert "then this" in bench.one_outcome(queued, thread=ts)


async def test_promise_2_sigterm_in_the_first_moments(bench: Bench) -> None:
    """While the SDK is being imported, which those that are forked need not do."""
    bench.forks = False
    await restart_with(bench)
    ts = await bench.ask("[[say done]]")
    await bench.acked(ts)
    assert await asyncio.wait_for(bench.terminate(bench.bot), 30) == 0
    await bench.start_bot()
    await bench.proven(ts)


async def test_promise_2_dead_replicas_turns_are_taken_over(replicas: Bench) -> None:
    """kill -9 for one of two: the other finishes its turns, without a person, and in order."""
    gate = replicas.gate()
    asked: list[tuple[str, str, str]] = []
    for channel in [replicas.new_channel() for _ in range(6)]:
        first = await replicas.ask(f"[[long 400]] [[wait {gate}]] [[say first]]", channel=channel)
        await replicas.acked(first)
        second = await replicas.ask("[[say second]]", channel=channel, thread=first)
        asked.append((channel, first, second))
    for channel, first, _ in asked:
        await replicas.live(channel, first)
    replicas.bot.kill()
    replicas.open(gate)
    for channel, first, second in asked:
        await replicas.outcomes(channel, first, 2)
        assert "first" in replicas.one_outcome(first, channel=channel)
        assert "second" in replicas.one_outcome(second, channel=channel, thread=first)
        replicas.in_order(channel, first, [first, second])


async def test_promise_2_replica_that_stops_hands_over(replicas: Bench) -> None:
    """SIGTERM for one of two: the other goes on with what is left, and with all that comes."""
    replicas.settings = {"DRAIN_SECONDS": "0.5"}
    await replicas.kill_all()
    first_bot = await replicas.start_bot()
    gate = replicas.gate()
    ts = await replicas.ask(f"[[long 400]] [[wait {gate}]] [[say taken over]]")
    await replicas.streaming(ts)
    await replicas.start_bot()
    assert await replicas.terminate(first_bot) == 0
    replicas.open(gate)
    assert "taken over" in await replicas.proven(ts)


async def restart_with(bench: Bench, **settings: str) -> None:
    await bench.kill_all()
    bench.settings = settings
    await bench.start_bot()
