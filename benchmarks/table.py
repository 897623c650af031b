"""Figures as a table and as JSON."""

from __future__ import annotations

import platform
import sqlite3
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass
class Row:
    """One figure.

    Args:
        figure: What was measured.
        goal: What is wanted, in words.
        value: The bot's.
        met: Whether the goal is met; None when the figure is only reported.
        floor: The same of the plain streaming bot.
        naive: The same of the plain polling bot.
        ratio: The bot's in parts of the floor's.
        chain: The longest chain of waits that cannot be had side by side.
        of_chain: The bot's in parts of it.
        note: What else is to be known.
    """

    figure: str
    goal: str
    value: str
    met: bool | None = None
    floor: str = ""
    naive: str = ""
    ratio: str = ""
    chain: str = ""
    of_chain: str = ""
    note: str = ""


def digits(value: float) -> str:
    """Three of them, for people."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def milliseconds(seconds: float) -> str:
    """For people."""
    return f"{seconds * 1000:.0f} ms"


def at_most(figure: str, goal: float, value: float, *, unit: float = 1000, name: str = "ms", note: str = "") -> Row:
    """A figure that is to be no greater than its goal; both are shown in units of ``1 / unit``."""
    return Row(figure, f"≤ {goal * unit:g} {name}", f"{digits(value * unit)} {name}", value <= goal, note=note)


def of_floor(figure: str, most: float, value: float, floor: float, *, unit: float = 1000, name: str = "ms") -> Row:
    """A figure that is to be so many times the floor's at most; both are of the same minutes."""
    row = Row(figure, f"≤ {most:g} × floor", f"{digits(value * unit)} {name}", value <= most * floor)
    row.floor, row.ratio = f"{digits(floor * unit)} {name}", f"{value / floor:.2f}"
    return row


def of_other(
    figure: str, most: float, value: float, other: float, of: str, *, unit: float = 1000, name: str = "ms"
) -> Row:
    """A figure that is to be so many times another one of the bot's at most. ``of``: which one."""
    row = Row(figure, f"≤ {most:g} × {of}", f"{digits(value * unit)} {name}", value <= most * other)
    row.note = f"{value / other:.2f} × {of}, which is {digits(other * unit)} {name}"
    return row


CHAIN_GOAL = 1.2


def in_chain(figure: str, chain: float, value: float) -> Row:
    """Seconds that are to be little more than those of the longest chain."""
    row = Row(figure, f"≤ {CHAIN_GOAL} × chain", f"{value:.2f} s", value <= CHAIN_GOAL * chain, chain=f"{chain:.2f} s")
    row.of_chain = f"{value / chain:.2f}" if chain else ""
    return row


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which a share of all lies; nan for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def median(values: Sequence[float]) -> float:
    """The middle one; nan for none."""
    return statistics.median(values) if values else float("nan")


COLUMNS = {
    "figure": "figure",
    "goal": "goal",
    "value": "bot",
    "mark": "",
    "floor": "floor",
    "naive": "naive",
    "ratio": "bot / floor",
    "chain": "longest chain",
    "of_chain": "bot / chain",
    "note": "note",
}
MARKS = {True: "✓", False: "✗", None: ""}


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table. What stands in no row has no column."""
    cells = [asdict(row) | {"mark": MARKS[row.met]} for row in rows]
    shown = [name for name in COLUMNS if not name.endswith("chain") or any(line[name] for line in cells)]
    lines = ["| " + " | ".join(COLUMNS[name] for name in shown) + " |", "|" + "---|" * len(shown)]
    return "\n".join([*lines, *("| " + " | ".join(line[name] for name in shown) + " |" for line in cells)])


def machine() -> dict[str, str]:
    """Where and when this was measured."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": f"{len(models)} × {models[0] if models else platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "kernel": platform.release(),
    }


def as_json(rows: Sequence[Row]) -> dict[str, Any]:
    """The rows and the machine."""
    return {"machine": machine(), "figures": [asdict(row) for row in rows]}
