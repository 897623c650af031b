"""The figures that are about speed: each a function of a bench, giving rows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping

from benchmarks.bench import Bench
from benchmarks.large_file import large_file, legs
from benchmarks.model import AT_ONCE, Tempo
from benchmarks.process import usage
from benchmarks.sandbox import read_file
from benchmarks.services import FIGURES as SERVICES
from benchmarks.services import Figure
from benchmarks.stage import Kind, Round, Stage, idle_cpu
from benchmarks.table import Row, at_most, median, quantile
from benchmarks.tokens import billed_anew

WRITES = ("chat.", "assistant.", "agents.", "files.get", "files.complete")
LOOKS = ("conversations.", "files.info")


def milliseconds(seconds: float) -> str:
    """For people."""
    return f"{seconds * 1000:.0f} ms"


async def simultaneous(bench: Bench) -> list[Row]:
    """N mentions at once, streamed: first sign, first text, done, CPU; beside the floor and the naive bot."""
    rows = []
    for count, sign_goal, extra in ((30, 0.1, 0.3), (150, 0.3, 0.7)):
        rounds: dict[Kind, list[Round]] = {"floor": [], "bot": [], "naive": []}
        for _ in range(bench.runs):
            for kind, found in rounds.items():
                if kind != "naive" or (count == bench.sizes(30) and not found):
                    found.append(await bench.one_round(kind, bench.sizes(count)))
        rows += _side_by_side(bench.sizes(count), rounds, sign_goal, extra, bench.tempo)
    return rows


def _side_by_side(
    count: int, rounds: Mapping[Kind, list[Round]], sign_goal: float, extra: float, tempo: Tempo
) -> list[Row]:
    def each(kind: Kind, of: Callable[[Round], float]) -> float:
        return median([of(one) for one in rounds[kind]])

    def shown(kind: Kind, of: Callable[[Round], float]) -> str:
        return milliseconds(each(kind, of)) if rounds[kind] else ""

    def sign(one: Round) -> float:
        return quantile(one.times(lambda asked: asked.sign), 0.95)

    def text(one: Round) -> float:
        return quantile([a.spoke - one.first[a.text] for a in one.asked if a.spoke and a.text in one.first], 0.5)

    def done(one: Round) -> float:
        return quantile(one.times(lambda asked: asked.done), 0.95)

    def cpu(one: Round) -> float:
        return one.cpu / 1000

    lost = sum(one.lost for one in rounds["bot"])
    found = [at_most(f"first sign p95, {count} at once", sign_goal, each("bot", sign))]
    if extra < 0.5:
        found.append(at_most("first text after the model's first token p50", 0.85, each("bot", text)))
    goal = each("floor", done) + extra
    found.append(
        at_most(f"done p95, {count} at once", goal, each("bot", done), note=f"goal: floor + {extra * 1000:g} ms")
    )
    found.append(at_most(f"CPU a streamed mention, {count} at once", each("floor", cpu) + 0.012, each("bot", cpu)))
    found[-1].note = "goal: floor + 12 ms; without what is used when idle"
    for row, of in zip(found, [sign, text, done, cpu] if len(found) > 3 else [sign, done, cpu], strict=True):
        row.floor, row.naive = shown("floor", of), shown("naive", of)
        if rounds["floor"]:
            row.ratio = f"{each('bot', of) / each('floor', of):.2f}"
    acks = [ack for one in rounds["bot"] for ack in one.acks]
    found.append(
        Row(f"ack p99, {count} at once", "", milliseconds(quantile(acks, 0.99)), note=f"{lost} without answer")
    )
    return found


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


async def database_servers(bench: Bench) -> list[Row]:
    """Done with PostgreSQL: one replica, and two; nothing doubled, nothing out of order."""
    rows = []
    for replicas in (1, 2):
        async with bench.stage("postgres") as stage:
            for _ in range(replicas):
                await stage.start("bot")
            await stage.round(4)
            one = await stage.round(bench.sizes(150))
            doubled = stage.doubled(one.asked)
        done = quantile(one.times(lambda asked: asked.done), 0.95)
        note = f"{doubled} questions without exactly one outcome"
        name = f"done p95, {bench.sizes(150)} at once, PostgreSQL, {replicas} replica{'s' * (replicas > 1)}"
        rows.append(Row(name, "", milliseconds(done), note=note))
    return rows


async def idle(bench: Bench) -> list[Row]:
    """Start, and doing nothing."""
    rows = []
    for database, goal in (("sqlite", 0.04), ("postgres", 0.07)):
        async with bench.stage(database) as stage:
            starts = []
            for _ in range(bench.runs + 1):
                begun = time.monotonic()
                bot = await stage.start("bot")
                starts.append(time.monotonic() - begun)
                if len(starts) <= bench.runs:
                    await stage.terminate(bot)
            await stage.round(4)
            await asyncio.sleep(min(2.0, bench.warm))
            pids = [stage.alive[0].pid, *(bench.server_processes() if database == "postgres" else [])]
            used = await idle_cpu(pids, bench.idle_seconds)
            memory = usage(stage.alive[0].pid).memory
        rows.append(at_most(f"idle CPU, {database}", goal, used, unit=100, name="% of a core", note=f"{memory:.0f} MB"))
        rows.append(at_most(f"start to ready, {database}", 1.5, median(starts[1:]), unit=1, name="s"))
    return rows


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
            await stage.start(kind)
            await stage.round(4)
            stage.model.tempo = Tempo(silence=15.0, pieces=10, pause=0.5, characters=400)
            found[kind] = await stage.round(count, spacing=0.02, timeout=300)

    def done(one: Round) -> str:
        return f"{quantile(one.times(lambda asked: asked.done), 0.95):.1f} s"

    bot, floor = found["bot"], found["floor"]
    lost = Row(f"{count} turns in flight: unanswered", "0", str(bot.lost), bot.lost == 0)
    lost.floor, lost.note = str(floor.lost), f"done p95 {done(bot)}, floor {done(floor)}"
    memory = at_most(f"{count} turns in flight: memory", 200, bot.after.peak, unit=1, name="MB")
    memory.floor, memory.note = f"{floor.after.peak:.0f} MB", f"{bot.after.threads} threads"
    ack = at_most(f"{count} turns in flight: ack p99", 0.1, quantile(bot.acks, 0.99))
    ack.floor = milliseconds(quantile(floor.acks, 0.99))
    return [lost, memory, ack]


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
