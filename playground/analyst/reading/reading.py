"""What a question says outright, before anything is taken for granted."""

from __future__ import annotations

from dataclasses import dataclass, field

from playground.analyst.plan import Chart, Condition, FileKind, Task


@dataclass
class Reading:
    """What a question says outright. Fields as in ``Plan``; empty where it is silent."""

    task: Task | None = None
    measures: list[str] = field(default_factory=list)
    aggregates: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    grain: str = ""
    filters: list[Condition] = field(default_factory=list)
    having: list[Condition] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    top: int = 0
    ascending: bool | None = None
    ranked: bool = False
    by_label: bool = False
    best_of_each: bool = False
    chart: Chart = ""
    file: FileKind = ""
    share: bool = False
    trend: bool = False
    compared: bool = False
    differs: str = ""
    """How the groups' values follow one another: ``difference``, ``growth``, ``cumulative``."""
    counting: bool = False
    lists_rows: bool = False
    continues: bool = False
    unknown: list[str] = field(default_factory=list)
    """Words that matter and have no part in what would be computed."""
