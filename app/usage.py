"""``python bot.py usage [DAYS]``: what turns have used and cost, by day and channel. A bot may be running."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from itertools import starmap

from app.settings import Settings
from azure_assistant.events import Usage
from conversations.store.prices import Prices
from conversations.store.usage import ChannelUsage, read_usage

DAY = 86_400
HEADS = ("day (UTC)", "channel", "turns", "input", "cached", "share", "output", "containers")
WORDS = 2
"""Columns that hold words, on the left; the rest are numbers."""


def main(settings: Settings, days: int) -> None:
    """Write the report to the standard output. Raises ``DatabaseUnusable``."""
    rows = asyncio.run(read_usage(settings.database_url, time.time() - days * DAY))
    sys.stdout.write(report(rows, settings.policy.prices))


def report(rows: Sequence[ChannelUsage], prices: Prices) -> str:
    """The table, with a total; and the cost, where prices are set."""
    turns, total = sum(row.turns for row in rows), sum((row.usage for row in rows), Usage())
    priced = prices.cost(total) is not None
    table = [[*HEADS, *([f"cost {prices.currency}".rstrip()] if priced else [])]]
    table += [_cells(row.day, row.channel, row.turns, row.usage, prices) for row in rows]
    table.append(_cells("total", "", turns, total, prices))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(starmap(_aligned, enumerate(zip(line, widths, strict=True)))) for line in table]
    sandboxes = [_sandboxes(total, prices, priced=priced)] if total.containers else []
    hint = [] if priced else ["Set PRICE_INPUT and PRICE_OUTPUT to see what it cost."]
    return "".join(f"{line.rstrip()}\n" for line in [*lines, *sandboxes, *hint])


def _sandboxes(usage: Usage, prices: Prices, *, priced: bool) -> str:
    told = [
        f"{number:,} × {tier}" + (f" at {prices.sandbox(tier):,.4f}" if priced else "")
        for tier, number in usage.sandboxes.items()
        if number
    ]
    return f"containers by memory: {', '.join(told)}"


def _cells(day: str, channel: str, turns: int, usage: Usage, prices: Prices) -> list[str]:
    read = [f"{number:,}" for number in (turns, usage.input_tokens, usage.cached_tokens)]
    share = f"{usage.cached_tokens / max(1, usage.input_tokens):.0%}"
    made = [f"{number:,}" for number in (usage.output_tokens, usage.containers)]
    cost = prices.cost(usage)
    return [day, channel, *read, share, *made, *([] if cost is None else [f"{cost:,.4f}"])]


def _aligned(position: int, cell: tuple[str, int]) -> str:
    text, width = cell
    return text.ljust(width) if position < WORDS else text.rjust(width)
