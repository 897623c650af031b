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
        note: What else is to be known.
    """

    figure: str
    goal: str
    value: str
    met: bool | None = None
    floor: str = ""
    naive: str = ""
    ratio: str = ""
    note: str = ""


def at_most(figure: str, goal: float, value: float, *, unit: float = 1000, name: str = "ms", note: str = "") -> Row:
    """A figure that is to be no greater than its goal; both are shown in units of ``1 / unit``."""
    return Row(figure, f"≤ {goal * unit:g} {name}", f"{value * unit:.3g} {name}", value <= goal, note=note)


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which a share of all lies; nan for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def median(values: Sequence[float]) -> float:
    """The middle one; nan for none."""
    return statistics.median(values) if values else float("nan")


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    head = ["figure", "goal", "bot", "", "floor", "naive", "bot / floor", "note"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        mark = {True: "✓", False: "✗", None: ""}[row.met]
        cells = [row.figure, row.goal, row.value, mark, row.floor, row.naive, row.ratio, row.note]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


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
