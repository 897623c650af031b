"""The figures of a file of 500 MB."""

from __future__ import annotations

import asyncio
import json
import time

from benchmarks.bench import Bench
from benchmarks.model import AT_ONCE
from benchmarks.process import usage
from benchmarks.table import Row, at_most, median
from tests.integration.test_large_file import HEADER, MEGABYTE, ROW, SIZE, forget_peak, write_table
from tests.support.world import ROOT


async def large_file(bench: Bench) -> list[Row]:
    """500 MB from Slack to Azure: how far the bot's memory rises meanwhile."""
    async with bench.stage("sqlite") as stage:
        bot = await stage.start("bot")
        source = stage.folder / "large.csv"
        await asyncio.to_thread(write_table, source)
        await stage.answer("[[say warm]]", files=[("small.csv", HEADER + ROW)])
        stage.model.tempo = AT_ONCE
        forget_peak(bot.pid)
        before, begun = usage(bot.pid), time.monotonic()
        await stage.answer("count the rows", files=[("large.csv", source)], timeout=300)
        after, seconds = usage(bot.pid), time.monotonic() - begun
    note = f"{SIZE / MEGABYTE / seconds:.0f} MB/s from end to end, {after.cpu - before.cpu:.1f} s of CPU"
    return [at_most("500 MB file: growth of memory", 64, after.peak - before.memory, unit=1, name="MB", note=note)]


LEGS = (("Slack → spool", "from_slack"), ("spool → Azure", "to_azure"))
LEG_GOAL = 0.7


async def legs(bench: Bench) -> list[Row]:
    """How fast each leg of a large file is, beside a plain copy of the same bytes."""
    size = int(SIZE * bench.scale)
    async with bench.stage("sqlite") as stage:
        source = stage.folder / "large.csv"
        await asyncio.to_thread(write_table, source, size)
        channel = stage.new_channel()
        await stage.slack.human.post(channel, "a file", files=[("large.csv", source)])
        (message,) = stage.slack.messages(channel)
        url = message["files"][0]["url_private_download"]
        program = await stage.program(
            ROOT / "benchmarks" / "legs.py", url, str(size), str(bench.runs), output=asyncio.subprocess.PIPE
        )
        told, _ = await program.communicate()
    taken = json.loads(told)
    rows = []
    for name, way in LEGS:
        own, plain = (median(taken[key]) for key in (way, f"{way}_plainly"))
        row = Row(
            f"{size / MEGABYTE:.0f} MB file, {name}", f"≥ {LEG_GOAL:.0%} of a plain copy's speed", f"{plain / own:.0%}"
        )
        row.met = plain / own >= LEG_GOAL
        row.note = f"{size / MEGABYTE / own:.0f} of {size / MEGABYTE / plain:.0f} MB/s"
        rows.append(row)
    return rows
