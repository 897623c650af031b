"""A file of 300 MB that is not only carried, but read: by pandas, in a real sandbox that has the memory for it."""

from __future__ import annotations

import asyncio
import time

from benchmarks.bench import Bench
from benchmarks.model import AT_ONCE
from benchmarks.table import Row
from playground.interpreter import JupyterInterpreter
from tests.integration.test_large_file import HEADER, MEGABYTE, ROW, write_table
from tests.support.world import SALES, words_of

SIZE = 300 * MEGABYTE
CODE = (
    "import pandas\nframe = pandas.read_csv('{path}')\nprint(len(frame), 'rows,', frame.memory_usage(deep=True).sum())"
)
TIER = "4g"
"""What six times as many bytes fit into."""


async def read_file(bench: Bench) -> list[Row]:
    """A question about a CSV of 300 MB: which sandbox it is given, and when its rows are counted."""
    size = int(SIZE * bench.scale)
    interpreter = await JupyterInterpreter().start()
    async with bench.stage("sqlite", interpreter=interpreter) as stage:
        stage.model.tempo, stage.model.code = AT_ONCE, CODE
        await stage.start("bot")
        source = stage.folder / "large.csv"
        await asyncio.to_thread(write_table, source, size)
        begun = time.monotonic()
        ts = await stage.ask("count the rows", files=[("large.csv", source)])
        said = words_of((await stage.outcomes(SALES, ts, timeout=300))[-1])
        seconds = time.monotonic() - begun
        given = ", ".join(container.memory_limit for container in stage.azure.containers.values())
    rows = -(-(size - len(HEADER)) // len(ROW))
    row = Row(f"{size / MEGABYTE:.0f} MB file, read by pandas: sandbox", TIER, given or "0", given == TIER)
    row.met = row.met and f"{rows} rows" in said.replace(",", "")
    row.note = f"{seconds:.0f} s from the mention to the answer; {' '.join(said.split())[:60]}"
    return [row]
