"""PostgreSQL beside SQLite: what a turn costs, and whether a second replica on the same core does harm."""

from __future__ import annotations

from benchmarks.at_once import cpu, done
from benchmarks.bench import Bench
from benchmarks.stage import Round
from benchmarks.table import Row, median, of_other

CPU_GOAL = 1.5
REPLICAS_GOAL = 1.1
MOST_RUNS = 3


async def database_servers(bench: Bench) -> list[Row]:
    """CPU of a turn on both databases; answers of one replica and of two; nothing doubled, nothing out of order."""
    count, many = bench.sizes(30), bench.sizes(150)
    on: dict[str, list[Round]] = {"sqlite": [], "postgres": []}
    replicas: dict[int, list[Round]] = {1: [], 2: []}
    for _ in range(min(bench.runs, MOST_RUNS)):
        for database, found in on.items():
            found.append(await bench.one_round("bot", count, database=database))
        for number, found in replicas.items():
            found.append(await bench.one_round("bot", many, database="postgres", replicas=number))
    turn = of_other("CPU a streamed mention, PostgreSQL", CPU_GOAL, cpu(on["postgres"]), cpu(on["sqlite"]), "SQLite's")
    one, two = (median([done(found) for found in replicas[number]]) for number in (1, 2))
    late = of_other(
        f"done p95, {many} at once, PostgreSQL, 2 replicas on one core", REPLICAS_GOAL, two, one, "1 replica's"
    )
    doubled = sum(found.doubled for number in replicas for found in replicas[number])
    once = Row(f"{many} at once, PostgreSQL: without exactly one outcome", "0", str(doubled), doubled == 0)
    return [turn, late, once]
