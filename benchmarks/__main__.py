"""``python -m benchmarks``: measure, print a table, and write JSON when asked."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.figures import FIGURES
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="how often each figure is taken (median; default 5)")
    parser.add_argument("--scale", type=float, default=1.0, help="part of the full number of questions")
    parser.add_argument("--only", nargs="+", choices=sorted(FIGURES), default=list(FIGURES), help="only these figures")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    arguments = parser.parse_args()
    stand_aside()
    bench = Bench(runs=arguments.runs, scale=arguments.scale)
    try:
        rows = asyncio.run(measure(bench, arguments.only))
    finally:
        bench.close()
    sys.stdout.write(", ".join(machine().values()) + "\n\n" + markdown(rows) + "\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(as_json(rows), indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
