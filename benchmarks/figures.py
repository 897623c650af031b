"""The figures that are about speed: each a function of a bench, giving rows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack

from benchmarks.at_once import done, simultaneous
from benchmarks.bench import Bench
from benchmarks.databases import database_servers
from benchmarks.large_file import large_file, legs
from benchmarks.model import AT_ONCE, Tempo
from benchmarks.process import children, own_memory, usage
from benchmarks.sandbox import read_file
from benchmarks.services import FIGURES as SERVICES
from benchmarks.services import Figure
from benchmarks.stage import Kind, Round, Stage, idle_cpu
from benchmarks.table import Row, at_most, median, milliseconds, of_floor, quantile
from benchmarks.tokens import billed_anew

WRITES = ("chat.", "assistant.", "agents.", "files.get", "files.complete")
LOOKS = ("conversations.", "files.info")
START_GOAL = 1.3
MEMORY_GOAL = 1.6
ACK_GOAL = 0.3
"""With 1,000 turns in flight."""


PACES = (("20 envelopes/s", 0.1), ("burst of 200/s", 0.01))
"""A mention makes two envelopes. The spacing is in seconds."""


async def acks(bench: Bench) -> list[Row]:
    """Acks while events come evenly, and in a burst; the floor acks what it does not keep."""
    goals = {"sqlite": (0.025, 0.3), "postgres": (0.025, 0.5)}
    floor = await _acks_of(bench, "floor", "sqlite")
    rows = []
    for database, wanted in goals.items():
        for (name, _), goal, bots, floors in zip(
            PACES, wanted, await _acks_of(bench, "bot", database), floor, strict=True
        ):
            value, plain = (median([quantile(one.acks, 0.99) for one in rounds]) for rounds in (bots, floors))
            middle = median([quantile(one.acks, 0.5) for one in bots])
            row = at_most(f"ack p99, {name}, {database}", goal, value, note=f"p50 {milliseconds(middle)}")
            row.floor, row.ratio = milliseconds(plain), f"{value / plain:.2f}"
            rows.append(row)
    return rows


async def _acks_of(bench: Bench, kind: Kind, database: str) -> list[list[Round]]:
    async with bench.stage(database) as stage:
        await stage.start(kind)
        await stage.round(4)
        return [
            [await stage.round(bench.sizes(100), spacing=spacing) for _ in range(bench.runs)] for _, spacing in PACES
        ]


async def calls(bench: Bench) -> list[Row]:
    """What a short answer writes to Slack, and what is asked again and again while a run is active."""
    async with bench.stage("sqlite") as stage:
        await stage.start("bot")
        stage.model.tempo = Tempo(silence=1.0, pieces=1, pause=0.0, characters=60)
        short = await stage.round(10)
        stage.model.tempo = bench.tempo
        long = await stage.round(10)
    writes = sum(number for method, number in short.calls.items() if method.startswith(WRITES)) / 10
    looks = sum(number for method, number in long.calls.items() if method.startswith(LOOKS))
    looks += sum(number for route, number in long.requests.items() if route.startswith("GET"))
    return [
        Row("Slack writes for a short answer", "≤ 3", f"{writes:g}", writes <= 3),
        Row("calls that poll while a run is active", "0", str(looks), looks == 0),
    ]


async def idle(bench: Bench) -> list[Row]:
    """Start, and doing nothing."""
    rows = []
    starts = await _starts(bench)
    for database, goal in (("sqlite", 0.04), ("postgres", 0.07)):
        async with bench.stage(database) as stage:
            bot = await stage.start("bot")
            await stage.round(4)
            await asyncio.sleep(min(2.0, bench.warm))
            pids = [bot.pid, *(bench.server_processes() if database == "postgres" else [])]
            used = await idle_cpu(pids, bench.idle_seconds)
            note = f"{usage(bot.pid).memory:.0f} MB"
            await stage.answer("what is in it", files=[("sales.csv", b"city,revenue\nOsaka,3\n")])
            helper = _helper_row(bot.pid)
        rows.append(at_most(f"idle CPU, {database}", goal, used, unit=100, name="% of a core", note=note))
        rows.append(
            of_floor(f"start to ready, {database}", START_GOAL, starts[database], starts["floor"], unit=1, name="s")
        )
    return [*rows, helper]


async def _starts(bench: Bench) -> Mapping[str, float]:
    """Seconds from a start to a connection, by database; the floor's beside. The first start makes the tables."""
    taken: dict[str, list[float]] = {"floor": [], "sqlite": [], "postgres": []}
    kinds: Mapping[str, tuple[str, Kind]] = {
        "floor": ("sqlite", "floor"),
        "sqlite": ("sqlite", "bot"),
        "postgres": ("postgres", "bot"),
    }
    async with AsyncExitStack() as stack:
        stages = {name: await stack.enter_async_context(bench.stage(kinds[name][0])) for name in taken}
        for _ in range(bench.runs + 1):
            for name, found in taken.items():
                begun = time.monotonic()
                bot = await stages[name].start(kinds[name][1])
                found.append(time.monotonic() - begun)
                await stages[name].terminate(bot)
    return {name: median(found[1:]) for name, found in taken.items()}


def _helper_row(bot: int) -> Row:
    """The process that looks into files: it counts in no other figure."""
    helpers = [pid for pid in children(bot) if pid != bot]
    resident, own = sum(usage(pid).memory for pid in helpers), sum(own_memory(pid) for pid in helpers)
    return Row("memory of the helper process that waits", "", f"{resident:.0f} MB", note=f"{own:.0f} MB of its own")


async def throughput(bench: Bench) -> list[Row]:
    """Answers that come at once, unstreamed."""
    found: dict[Kind, float] = {}
    for kind in ("bot", "floor"):
        async with bench.stage("sqlite") as stage:
            stage.model.tempo = AT_ONCE
            await stage.start(kind)
            await stage.round(10)
            count = bench.sizes(300)
            rounds = [await stage.round(count, spacing=0.002) for _ in range(bench.runs)]
        found[kind] = median([count / one.seconds for one in rounds])
    row = Row("turns/s, no model time", "≥ 40", f"{found['bot']:.1f}", found["bot"] >= 40)
    row.floor, row.ratio = f"{found['floor']:.1f}", f"{found['bot'] / found['floor']:.2f}"
    return [row]


async def in_flight(bench: Bench) -> list[Row]:
    """Very many long runs at once, 50 new ones a second."""
    count = bench.sizes(1000)
    found: dict[Kind, Round] = {}
    for kind in ("bot", "floor"):
        async with bench.stage("sqlite") as stage:
            await stage.terminate(await stage.start(kind))  # which makes the tables
            await stage.start(kind)
            await stage.round(4)
            stage.model.tempo = Tempo(silence=15.0, pieces=10, pause=0.5, characters=400)
            found[kind] = await stage.round(count, spacing=0.02, timeout=300)
    bot, floor = found["bot"], found["floor"]
    lost = Row(f"{count} turns in flight: unanswered", "0", str(bot.lost), bot.lost == 0)
    lost.floor, lost.note = str(floor.lost), f"done p95 {done(bot):.1f} s, floor {done(floor):.1f} s"
    memory = of_floor(
        f"{count} turns in flight: memory", MEMORY_GOAL, bot.after.peak, floor.after.peak, unit=1, name="MB"
    )
    memory.note = f"{bot.after.threads} threads; without the helper process"
    ack, plain = quantile(bot.acks, 0.99), quantile(floor.acks, 0.99)
    return [lost, memory, of_floor(f"{count} turns in flight: ack p99", ACK_GOAL, ack, plain)]


async def paced(bench: Bench) -> list[Row]:
    """The same with Slack's limits on: who has to wait, and how long."""
    count = bench.sizes(150)
    async with bench.stage("sqlite", limits=True) as stage:
        await stage.start("bot")
        one = await stage.round(count, timeout=600)
    done = one.times(lambda asked: asked.done)
    streamed = one.calls["chat.startStream"]
    note = (
        f"done p50 {quantile(done, 0.5):.1f} s, p95 {quantile(done, 0.95):.1f} s; {streamed} streamed, the rest posted"
    )
    return [Row(f"{count} at once with Slack's limits: unanswered", "0", str(one.lost), one.lost == 0, note=note)]


async def growth(bench: Bench) -> list[Row]:
    """Whether a question costs more when there are many threads, or when its conversation is old."""
    rows = []
    async with bench.stage("sqlite") as stage:
        await stage.start("bot")
        stage.model.tempo = AT_ONCE
        await stage.round(4)
        await stage.learn_idle(bench.warm)
        threads = 4
        base = 0.0
        for wanted in (1, 100, 1000):
            more = bench.sizes(wanted) - threads
            if more > 0:
                await stage.round(more, spacing=0.05)
                threads += more
            one = await stage.round(20, spacing=0.2)
            threads += 20
            base = base or one.cpu
            note = f"done p95 {milliseconds(quantile(one.times(lambda asked: asked.done), 0.95))}"
            rows.append(
                Row(
                    f"CPU a question, {threads} threads",
                    "does not grow",
                    f"{one.cpu:.0f} ms",
                    one.cpu < base * 1.3,
                    note=note,
                )
            )
        channel = stage.new_channel()
        root = await stage.round(1, channel=channel)
        first = await _follow_ups(stage, channel, root.asked[0].ts, 10)
        await _follow_ups(stage, channel, root.asked[0].ts, max(0, bench.sizes(50) - 20))
        last = await _follow_ups(stage, channel, root.asked[0].ts, 10)
    grown = last < first * 1.3
    rows.append(Row("CPU a follow-up, turns 2 to 11", "", f"{first:.0f} ms"))
    rows.append(
        Row(
            f"CPU a follow-up, turns {bench.sizes(50) - 9} to {bench.sizes(50)}",
            "does not grow",
            f"{last:.0f} ms",
            grown,
        )
    )
    return rows


async def _follow_ups(stage: Stage, channel: str, thread: str, count: int) -> float:
    """CPU milliseconds of one follow-up, asked one after the other in a thread."""
    rounds = [await stage.round(1, thread=thread, channel=channel) for _ in range(count)]
    return sum(one.cpu for one in rounds) / max(1, len(rounds))


FIGURES: Mapping[str, Figure] = {
    "simultaneous": simultaneous,
    "acks": acks,
    "calls": calls,
    "idle": idle,
    "throughput": throughput,
    "in_flight": in_flight,
    "paced": paced,
    "postgres": database_servers,
    "growth": growth,
    "large_file": large_file,
    "legs": legs,
    "read_file": read_file,
    "tokens": billed_anew,
    **SERVICES,
}
GROUPS: Mapping[str, Collection[str]] = {"services": SERVICES}
"""More than one figure by one name."""
