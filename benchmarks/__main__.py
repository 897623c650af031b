"""``python -m benchmarks``: measure, print a table, and write JSON when asked.

The group ``services`` ("as the services are") measures what a person waits for: both local servers take as long as
Slack and Azure may (playground/latencies.py), and each row is held against its longest chain (benchmarks/chains.py).
``make bench BENCH="--only services --runs 1 --alone"`` takes it within three minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.figures import FIGURES, GROUPS
from benchmarks.stage import stand_aside
from benchmarks.table import Row, as_json, machine, markdown


async def measure(bench: Bench, names: list[str]) -> list[Row]:
    """Take figures one after the other; what was found is printed as it comes."""
    rows: list[Row] = []
    for name in names:
        begun = time.monotonic()
        found = await FIGURES[name](bench)
        sys.stderr.write(f"{name}: {time.monotonic() - begun:.0f} s\n{markdown(found)}\n\n")
        rows += found
    return rows


def main() -> int:
    """Parse the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="how often each figure is taken (median; default 5)")
    parser.add_argument("--scale", type=float, default=1.0, help="part of the full number of questions")
    names = sorted(FIGURES.keys() | GROUPS)
    parser.add_argument("--only", nargs="+", choices=names, default=list(FIGURES), help="only these figures or groups")
    parser.add_argument("--alone", action="store_true", help="leave the plain bots out of the group services")
    parser.add_argument("--pace", type=float, default=1.0, help="factor of the services' latencies (default 1)")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    arguments = parser.parse_args()
    stand_aside()
    bench = Bench(runs=arguments.runs, scale=arguments.scale, pace=arguments.pace, alone=arguments.alone)
    chosen = [figure for name in arguments.only for figure in GROUPS.get(name, [name])]
    try:
        rows = asyncio.run(measure(bench, chosen))
    finally:
        bench.close()
    sys.stdout.write(", ".join(machine().values()) + "\n\n" + markdown(rows) + "\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(as_json(rows), indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
