"""What is to be computed: the meaning of a question, for one table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

Task = Literal[
    "describe",
    "columns",
    "rows",
    "aggregate",
    "distribution",
    "correlation",
    "missing",
    "clean",
    "duplicates",
    "outliers",
    "normality",
    "unknown",
]
FileKind = Literal["", "xlsx", "csv"]
Chart = Literal["", "none", "bar", "line", "pie", "scatter", "hist", "box", "stacked", "any"]


@dataclass(frozen=True)
class Condition:
    """A filter.

    ``op``: ``in``, ``not in`` (values as text), ``<``, ``<=``, ``>``, ``>=``, ``==`` (a number or an ISO date),
    ``year``, ``month``, ``quarter`` (whole numbers), ``from``/``until`` (ISO dates, inclusive),
    ``missing`` (no values).
    """

    column: str
    op: str
    values: Sequence[str]


@dataclass(frozen=True)
class Plan:
    """A computation.

    Args:
        task: What kind.
        measures: Columns of numbers to aggregate; none means rows are counted.
        aggregates: Functions of pandas, for example ``mean``.
        by: Columns to group by, at most two.
        grain: Resampling rule of the date column in ``by`` (``ME``, ``YE``, ``weekday``...).
        filters: All of them must hold.
        having: Conditions on the groups' values.
        top: How many groups or rows to show; 0 shows all.
        ascending: Order of the result; None leaves the natural one.
        sort_by: ``value`` or ``label``.
        chart: What to draw; "" leaves it to the task.
        share: Whether shares of the whole are asked for.
        method: A detail of the task (``top of each`` for the best of every group...); what was not understood.
        columns: Further columns to show of each row.
        file: The kind of file to write the result into.
        language: Of the answer, ``en`` or ``ja``.
    """

    task: Task
    measures: Sequence[str] = ()
    aggregates: Sequence[str] = ()
    by: Sequence[str] = ()
    grain: str = ""
    filters: Sequence[Condition] = ()
    having: Sequence[Condition] = ()
    top: int = 0
    ascending: bool | None = None
    sort_by: Literal["value", "label"] = "value"
    chart: Chart = ""
    share: bool = False
    method: str = ""
    columns: Sequence[str] = ()
    file: FileKind = ""
    language: Literal["en", "ja"] = "en"
    path: str = ""

    def to_json(self) -> str:
        """Compact JSON without what is default."""
        blank = Plan(task="describe")
        kept = {key: value for key, value in asdict(self).items() if key == "task" or value != getattr(blank, key)}
        return json.dumps(kept, ensure_ascii=False)


def plan_from_json(text: str) -> Plan | None:
    """The reverse of ``to_json``; None for anything else."""
    try:
        found: dict[str, Any] = json.loads(text)
        known = {field.name for field in fields(Plan)}
        kept = {key: value for key, value in found.items() if key in known}
        for key in ("filters", "having"):
            kept[key] = tuple(Condition(one["column"], one["op"], tuple(one["values"])) for one in kept.get(key, ()))
        kept = {key: tuple(value) if isinstance(value, list) else value for key, value in kept.items()}
        return Plan(**kept)
    except (ValueError, TypeError, AttributeError, KeyError):
        return None


MARK = "# Plan: "


def last_plan(codes: Sequence[str]) -> Plan | None:
    """The plan of the latest code that carries one in a comment."""
    for code in reversed(codes):
        for line in code.splitlines():
            if line.startswith(MARK) and (plan := plan_from_json(line.removeprefix(MARK))):
                return plan
    return None
