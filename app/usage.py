"""``python bot.py usage [DAYS]``: what turns have used and cost, by day and channel. A bot may be running."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from itertools import starmap

from app.parts import prices as prices_of
from app.settings import SettingsError, read_settings
from azure_assistant import Usage
from conversations.database.unusable import DatabaseUnusable
from conversations.store.prices import Prices
from conversations.store.usage import ChannelUsage, read_usage

DAYS = 30
DAY = 86_400
HEADS = ("day (UTC)", "channel", "turns", "input", "cached", "output", "containers")
WORDS = 2
"""Columns that hold words, on the left; the rest are numbers."""
HELP = "usage: python bot.py usage [DAYS]"


def main(arguments: Sequence[str]) -> int:
    """Write the report to the standard output.

    Args:
        arguments: Perhaps how many days to look back; 30 by default.

    Returns:
        0; 1 when the database cannot be read; 2 when the argument or a setting is wrong.
    """
    if len(arguments) > 1 or not all(argument.isdecimal() for argument in arguments):
        sys.stderr.write(f"{HELP}\n")
        return 2
    days = int(arguments[0]) if arguments else DAYS
    try:
        settings = read_settings()
        rows = asyncio.run(read_usage(settings.database_url, time.time() - days * DAY))
    except SettingsError as error:
        sys.stderr.write("\n".join(error.problems) + "\n")
        return 2
    except DatabaseUnusable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(report(rows, prices_of(settings)))
    return 0


def report(rows: Sequence[ChannelUsage], prices: Prices) -> str:
    """The table, with a total; and the cost, where prices are set."""
    turns, total = sum(row.turns for row in rows), sum((row.usage for row in rows), Usage())
    priced = prices.cost(total) is not None
    table = [[*HEADS, *([f"cost {prices.currency}".rstrip()] if priced else [])]]
    table += [_cells(row.day, row.channel, row.turns, row.usage, prices) for row in rows]
    table.append(_cells("total", "", turns, total, prices))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(starmap(_aligned, enumerate(zip(line, widths, strict=True)))) for line in table]
    hint = [] if priced else ["Set PRICE_INPUT and PRICE_OUTPUT to see what it cost."]
    return "".join(f"{line.rstrip()}\n" for line in [*lines, *hint])


def _cells(day: str, channel: str, turns: int, usage: Usage, prices: Prices) -> list[str]:
    numbers = (turns, usage.input_tokens, usage.cached_tokens, usage.output_tokens, usage.containers)
    cost = prices.cost(usage)
    return [day, channel, *(f"{number:,}" for number in numbers), *([] if cost is None else [f"{cost:,.4f}"])]


def _aligned(position: int, cell: tuple[str, int]) -> str:
    text, width = cell
    return text.ljust(width) if position < WORDS else text.rjust(width)
