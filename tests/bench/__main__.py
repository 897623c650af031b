"""``make bench``: how fast the bot is alive, acks and answers, against local servers that answer at once.

The bot is a process of its own; the local Slack and Azure share this one. Times are seconds from the moment a person's
message stands in the channel.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from playground.azure.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.world import World, turn_of

QUESTION = "[[say The total is 30, and West leads.]] [[code 1]]"
CSV = b"region,revenue\nEast,10\nWest,20\n"


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which a share of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def summary(values: list[float], unit: float = 1.0) -> str:
    """p50, p99 and the largest."""
    return " / ".join(f"{quantile(values, share) * unit:8.3f}" for share in (0.5, 0.99, 1.0))


def usage(pid: int) -> tuple[float, float]:
    """A process's CPU seconds so far and its memory in MB."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    cpu = (int(fields[11]) + int(fields[12])) / 100
    status = Path(f"/proc/{pid}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return cpu, int(resident.split()[1]) / 1024


async def burst(world: World, count: int, spacing: float, out: TextIO) -> None:
    """Ask ``count`` questions, ``spacing`` seconds apart, and print what was measured."""
    bot = world.alive[0]
    world.slack.envelopes.clear()
    world.slack.calls.clear()
    cpu, _ = usage(bot.pid)
    channels = [world.new_channel() for _ in range(count)]  # Slack takes one post a second in each
    asked: dict[str, float] = {}
    done: dict[str, float] = {}

    async def one(number: int) -> None:
        await asyncio.sleep(number * spacing)
        asked_at = time.time()
        ts = await world.ask(QUESTION, channel=channels[number], files=[("data.csv", CSV)])
        asked[ts] = asked_at
        await world.slack.wait(
            lambda slack: any(turn_of(message) for message in slack.bot_messages(channels[number], ts)),
            120,
            channel=channels[number],
            thread=ts,
        )
        done[ts] = time.time()

    await asyncio.gather(*(one(number) for number in range(count)))
    cpu_after, memory = usage(bot.pid)
    acks = [
        attempt.acked - attempt.sent
        for envelope in world.slack.envelopes
        for attempt in envelope.attempts
        if attempt.acked is not None
    ]
    signs: dict[str, float] = {}
    for call in world.slack.calls:
        if call.method in {"assistant.threads.setStatus", "agents.sessions.setStatus"}:
            signs.setdefault(str(call.args.get("thread_ts")), call.time)
    out.write(f"\n{count} questions, {spacing:g} s apart (with a CSV each)\n")
    out.write(f"  ack         ms  p50 / p99 / max  {summary(acks, 1000)}\n")
    out.write(f"  first sign   s  p50 / p99 / max  {summary([signs[ts] - asked[ts] for ts in asked if ts in signs])}\n")
    out.write(f"  answered     s  p50 / p99 / max  {summary([done[ts] - asked[ts] for ts in asked])}\n")
    out.write(f"  bot: {(cpu_after - cpu) / count * 1000:.0f} ms of CPU a question, {memory:.0f} MB\n")
    out.flush()


async def bench(counts: list[int], out: TextIO) -> None:
    """Start everything and measure."""
    with tempfile.TemporaryDirectory(prefix="analyst-bench-") as name:
        async with World(Path(name), ScriptedModel(), ScriptedInterpreter()) as world:
            world.settings["LOG_LEVEL"] = "WARNING"
            begun = time.time()
            bot = await world.start_bot()
            cpu, memory = usage(bot.pid)
            out.write(f"start: {time.time() - begun:.1f} s to two sockets, {cpu:.1f} s of CPU, {memory:.0f} MB\n")
            await burst(world, 1, 0, out)
            for count in counts:
                await burst(world, count, 0, out)
            await burst(world, 100, 0.05, out)


def main() -> int:
    """Parse the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[10, 30], help="sizes of bursts (default: 10 30)")
    asyncio.run(bench(parser.parse_args().counts, sys.stdout))
    return 0


if __name__ == "__main__":
    sys.exit(main())
