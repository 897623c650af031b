"""Results as Markdown tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground.analyst.coding.naming import Naming, capital, function_name, is_identity, readable
from playground.analyst.plan import Plan
from playground.analyst.profile import Profile
from playground.analyst.sentences import say
from playground.analyst.wording.numbers import in_table, is_number, largest_of, percent, whole

ROWS = 10


@dataclass(frozen=True)
class Outcome:
    """A plan, the table it is about, its names, and what its code printed."""

    plan: Plan
    profile: Profile
    naming: Naming
    result: Mapping[str, Any]
    file_name: str


def markdown_table(outcome: Outcome, columns: Sequence[str], table: Sequence[Sequence[Any]], groups: int) -> str:
    """The first rows as a Markdown table, and how many more there are."""
    plan = outcome.plan
    limit = max(ROWS, min(plan.top, 20))
    timed = plan.task == "aggregate" and bool(plan.grain) and plan.sort_by == "label" and bool(plan.ascending)
    cut = len(table) > limit + 2
    shown = (table[-limit:] if timed else table[:limit]) if cut else table
    scales = [largest_of([row[index] for row in table]) for index in range(len(columns))]
    numeric = [index for index in range(len(columns)) if any(is_number(row[index]) for row in table)]
    heads = [_head(name, index, outcome) for index, name in enumerate(columns)]
    lines = [
        "| " + " | ".join(_cell(head) for head in heads) + " |",
        "|" + "|".join(" ---: " if index in numeric else " --- " for index in range(len(columns))) + "|",
    ]
    for row in shown:
        cells = [_shown(value, columns[index], scales[index], plan) for index, value in enumerate(row)]
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    more = max(groups if not plan.top else len(table), len(table)) - len(shown)
    return "\n".join(lines) + (
        f"\n\n{say('earlier' if timed else 'more', plan.language, n=whole(more))}" if more > 0 else ""
    )


def _head(name: str, index: int, outcome: Outcome) -> str:
    plan = outcome.plan
    fixed = {"count": ("Rows", "件数"), "share": ("Share", "構成比"), "growth": ("Growth", "増減率")}
    fixed["cumulative"] = ("Cumulative", "累計")
    if name in fixed and name not in outcome.profile and plan.task == "aggregate":
        return fixed[name][plan.language == "ja"]
    if plan.task != "aggregate":
        return readable(name)
    if index < len(plan.by) or name not in {*plan.measures, *plan.aggregates}:
        return outcome.naming.label if index == 0 else readable(name)
    if len(plan.aggregates) > 1:
        return capital(function_name(name, plan.measures[0], plan.language), plan.language)
    plain = is_identity(plan, outcome.profile)
    return readable(name) if plain else capital(function_name(plan.aggregates[0], name, plan.language), plan.language)


def _shown(value: Any, column: str, largest: float, plan: Plan) -> str:
    if column in {"share", "growth"} and (plan.share or plan.method) and is_number(value):
        return percent(value)
    from_years = is_number(value) and float(value).is_integer() and column in plan.by
    return str(int(value)) if from_years else in_table(value, largest)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())[:60]
