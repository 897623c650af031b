"""``python bot.py usage [DAYS]``: what turns have used and cost, by day and channel. A bot may be running."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import datetime, tzinfo
from itertools import repeat

from app.settings import Settings
from azure_assistant.events import Usage
from conversations.access.budgets import Standing
from conversations.access.ledger import read_standings
from conversations.audit.usage import ChannelUsage, read_usage
from conversations.store.prices import Prices

DAY = 86_400
HEADS = ("day (UTC)", "channel", "turns", "input", "cached", "share", "output", "containers")
BUDGET_HEADS = ("budget", "of", "unit", "used", "limit", "left", "begins anew")


def main(settings: Settings, days: int) -> None:
    """Write the report to the standard output. Raises ``DatabaseUnusable``."""
    url, policy = settings.database_url, settings.policy
    rows = asyncio.run(read_usage(url, time.time() - days * DAY))
    standings = asyncio.run(read_standings(url, policy.budgets))
    sys.stdout.write(report(rows, policy.prices) + budget_report(standings, policy.budgets.zone))


def report(rows: Sequence[ChannelUsage], prices: Prices) -> str:
    """The table, with a total; and the cost, where prices are set."""
    turns, total = sum(row.turns for row in rows), sum((row.usage for row in rows), Usage())
    priced = prices.cost(total) is not None
    table = [[*HEADS, *([f"cost {prices.currency}".rstrip()] if priced else [])]]
    table += [_cells(row.day, row.channel, row.turns, row.usage, prices) for row in rows]
    table.append(_cells("total", "", turns, total, prices))
    lines = _laid_out(table, words=2)
    sandboxes = [_sandboxes(total, prices, priced=priced)] if total.containers else []
    hint = [] if priced else ["Set PRICE_INPUT and PRICE_OUTPUT to see what it cost."]
    return "".join(f"{line.rstrip()}\n" for line in [*lines, *sandboxes, *hint])


def budget_report(standings: Sequence[tuple[str, Standing]], zone: tzinfo) -> str:
    """What is left of each budget that something was used of; "" without any."""
    table: list[Sequence[str]] = [BUDGET_HEADS]
    for team, standing in standings:
        until = datetime.fromtimestamp(standing.until, zone).strftime("%Y-%m-%d %H:%M %Z")
        for unit, (used, limit) in standing.compared.items():
            amounts = [f"{number:,.2f}" if unit == "money" else f"{number:,.0f}" for number in (used, limit)]
            left = f"{max(0.0, 1 - used / limit):.0%}"
            table.append((standing.name.setting, standing.key.subject or team, unit, *amounts, left, until))
    return "\n" + "".join(f"{line.rstrip()}\n" for line in _laid_out(table, words=3)) if standings else ""


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


def _laid_out(table: Sequence[Sequence[str]], words: int) -> list[str]:
    """Lines of equal columns; the first ones hold ``words``, on the left, the rest numbers."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    sides = [*repeat(str.ljust, words), *repeat(str.rjust, len(widths) - words)]
    return [
        "  ".join(side(cell, width) for cell, width, side in zip(line, widths, sides, strict=True)) for line in table
    ]
