"""Writes the answer from what the code printed, and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playground.analyst.coding.naming import capital, function_name, is_identity, quantity, readable
from playground.analyst.plan import Plan
from playground.analyst.profile import Profile
from playground.analyst.sentences import say
from playground.analyst.wording.markdown import ROWS, Outcome, markdown_table
from playground.analyst.wording.notes import filters_in_words, notes
from playground.analyst.wording.numbers import exact, is_number, percent, whole
from playground.analyst.wording.reports import REPORTS
from playground.analyst.wording.suggestions import examples


def written(outcome: Outcome) -> str:
    """The answer: headline, table, chart, notes (Markdown)."""
    plan, result = outcome.plan, outcome.result
    if plan.filters and not result.get("used") and plan.task not in {"clean", "missing"}:
        parts = [nothing_found(plan, outcome.profile)]
    elif plan.task == "aggregate":
        parts = aggregate(outcome)
    elif plan.task == "rows":
        parts = rows(outcome)
    else:
        parts = REPORTS[plan.task](plan, outcome.profile, result, outcome.file_name)
    if result.get("chart"):
        parts.append(f"[{outcome.naming.title}](sandbox:/mnt/data/{result['chart']})")
    if result.get("file") and plan.file:
        parts.append(f"[{result['file']}](sandbox:/mnt/data/{result['file']})")
    small_print = notes(plan, outcome.profile, result)
    parts.append("\n".join(f"- {note}" for note in small_print) if len(small_print) > 1 else "".join(small_print))
    return "\n\n".join(part for part in parts if part)


def not_understood(plan: Plan, profile: Profile) -> str:
    """Which part of a question was not understood, what can be asked, and how a real model is put in."""
    language = plan.language
    suggested = "\n".join(f"- {question}" for question in examples(profile, language))
    columns = ", ".join(readable(column.name) for column in profile.columns[:30])
    said = [say("not_understood", language, words=plan.method), say("help", language), say("real_model", language)]
    listed = say("columns_are", language, listed=columns)
    return "\n\n".join([*said, listed, f"{say('examples', language)}\n{suggested}" if suggested else ""]).strip()


def nothing_found(plan: Plan, profile: Profile) -> str:
    """What to say when no row passes the filters: what there is instead."""
    parts = [say("empty", plan.language, filters=filters_in_words(plan, profile))]
    for name in dict.fromkeys(condition.column for condition in plan.filters):
        column = profile[name]
        if column.values and not column.is_number and not column.is_date:
            parts.append(say("known_values", plan.language, column=name, listed=", ".join(column.values[:8])))
        elif column.low:
            low, high = (value[:10] if column.is_date else value for value in (column.low, column.high))
            parts.append(say("known_span", plan.language, column=name, low=low, high=high))
    return " ".join(parts)


def aggregate(outcome: Outcome) -> list[str]:
    """Headline and table of totals, averages, counts."""
    plan, result = outcome.plan, outcome.result
    if not plan.by:
        return scalars(outcome)
    table = result["rows"]
    if not table:
        return [nothing_found(plan, outcome.profile)]
    groups = len(plan.by)
    timed = plan.method == "difference" or (groups == 1 and plan.grain not in {"", "weekday", "h"})
    if (
        groups == 2
        and plan.method != "top of each"
        and int(result.get("groups", 0)) == len(table)
        and (wide := _pivoted(table))
    ):
        columns = [result["columns"][0], *wide[0]]
        return [ranking(outcome, table), markdown_table(outcome, columns, wide[1], len(wide[1]))]
    enough = len(table) > (1 if plan.method == "difference" else 2)
    headline = trend(outcome, table) if timed and enough else ranking(outcome, table)
    return [headline, markdown_table(outcome, result["columns"], table, int(result.get("groups", len(table))))]


def _pivoted(table: Sequence[Sequence[Any]]) -> tuple[list[str], list[list[Any]]] | None:
    """The second group as columns, when there are few enough: their names, and the rows."""
    names = list(dict.fromkeys(str(row[1]) for row in table))
    if not 2 <= len(names) <= 7 or len(table[0]) != 3:
        return None
    rows: dict[Any, dict[str, Any]] = {}
    for first, second, value in table:
        rows.setdefault(first, {})[str(second)] = value
    return sorted(names), [[first, *(cells.get(name) for name in sorted(names))] for first, cells in rows.items()]


def ranking(outcome: Outcome, table: Sequence[Sequence[Any]]) -> str:
    """Which group comes first, and which last."""
    plan, language = outcome.plan, outcome.plan.language
    groups = len(plan.by)
    measured = quantity_of_first(outcome)
    edges = outcome.result.get("edges") or []
    if len(edges) < 2 or not is_number(edges[0][groups]):
        return ""
    high, low = edges[0], edges[1]
    least = bool(plan.ascending) and plan.sort_by == "value" and bool(plan.top or plan.method == "ranking")
    least = least or (bool(plan.aggregates) and plan.aggregates[0] == "min")
    best, last = (low, high) if least else (high, low)
    said = {"label": label_of(best, groups), "quantity": measured, "value": exact(best[groups])}
    if len(table) == 1:
        return say("only_group", language, **{**said, "quantity": capital(measured, language)})
    if high[groups] == low[groups]:
        return say("tied", language, n=len(table), quantity=measured, value=exact(high[groups]))
    tied = [label_of(row, groups) for row in table if row[groups] == best[groups]]
    if 1 < len(tied) <= 4:
        said["label"] = ", ".join(tied)
    extreme = bool(plan.aggregates) and plan.aggregates[0] in {"max", "min"}
    key = "extreme" if extreme else "lowest" if least else "highest"
    sentence = say(key, language, **said, share=_share(outcome, best[groups]))
    if plan.top or extreme or plan.method == "top of each":
        return sentence
    other = {"label": label_of(last, groups), "value": exact(last[groups])}
    return sentence + say("then_highest" if least else "then_lowest", language, **other)


def _share(outcome: Outcome, value: float) -> str:
    total = float(outcome.result.get("total") or 0)
    if (
        outcome.plan.aggregates not in (("sum",), ("count",))
        or outcome.plan.method == "top of each"
        or total <= 0
        or value < 0
    ):
        return ""
    return say("of_total", outcome.plan.language, percent=percent(value / total), total=exact(total))


def trend(outcome: Outcome, table: Sequence[Sequence[Any]]) -> str:
    """From where to where, and the extremes."""
    plan, language = outcome.plan, outcome.plan.language
    edges = outcome.result.get("edges") or []
    by_value = plan.sort_by == "value" or plan.method == "ranking" or bool(plan.top)
    if (by_value and plan.method != "difference") or not edges or not all(is_number(row[1]) for row in edges):
        return ranking(outcome, table)
    high, low, first, last = edges
    if plan.method == "difference" and not plan.grain:
        first, last = low, high
    elif not plan.ascending:
        first, last = last, first
    change = ""
    if first[1]:
        moved = (last[1] - first[1]) / abs(first[1])
        change = say("change", language, sign="+" if moved >= 0 else "−", percent=percent(abs(moved)))
    return say(
        plan.method if plan.method == "difference" else "trend",
        language,
        quantity=capital(quantity_of_first(outcome), language),
        first=exact(first[1]),
        start=first[0],
        last=exact(last[1]),
        end=last[0],
        change=change,
        moved=exact(last[1] - first[1]),
        top=exact(high[1]),
        top_label=high[0],
        low=exact(low[1]),
        low_label=low[0],
    )


def scalars(outcome: Outcome) -> list[str]:
    """Numbers without groups."""
    plan, result, language = outcome.plan, outcome.result, outcome.plan.language
    values: Mapping[str, Mapping[str, Any]] = result["values"]
    if not plan.measures:
        of = say("of_rows", language, all=whole(result["all"])) if result["used"] != result["all"] else ""
        count = values["rows"]["count"]
        if plan.share and result["all"]:
            of = say("percent_of_rows", language, percent=percent(count / result["all"]), all=whole(result["all"]))
        return [say("count", language, value=whole(count), of=of)]
    pairs = [(name, function, value) for name, entry in values.items() for function, value in entry.items()]
    lines = []
    for name, function, value in pairs:
        if function == "nunique" and len(pairs) == 1:
            return [say("different", language, value=exact(value), name=readable(name))]
        shown = ", ".join(map(exact, value)) if isinstance(value, list) else exact(value)
        measured = function_name(function, readable(name), language)
        where = _share(outcome, float(value)) if plan.share and function == "sum" else ""
        where = where or _where(result, function, language)
        if len(pairs) == 1:
            return [say("scalar", language, quantity=measured, value=shown, where=where)]
        lines.append(f"- {capital(measured, language)}: **{shown}**{where}")
    return ["\n".join(lines)]


def _where(result: Mapping[str, Any], function: str, language: str) -> str:
    found = (result.get("where") or {}).get(function) or {}
    listed = ", ".join(f"{readable(name)}: {str(value)[:40]}" for name, value in found.items() if value != "nan")
    return say("where", language, listed=listed) if listed else ""


def rows(outcome: Outcome) -> list[str]:
    """Single rows."""
    plan, result, language = outcome.plan, outcome.result, outcome.plan.language
    shown = result["rows"][: max(ROWS, plan.top)]
    name = readable(plan.measures[0]) if plan.measures else ""
    key = "rows_any" if not name else "rows_low" if plan.ascending else "rows_top"
    return [say(key, language, n=len(shown), name=name), markdown_table(outcome, result["columns"], shown, len(shown))]


def label_of(row: Sequence[Any], groups: int) -> str:
    """A group's name."""
    parts = [
        str(int(value)) if is_number(value) and float(value).is_integer() else str(value) for value in row[:groups]
    ]
    return " / ".join(" ".join(part.split()) for part in parts)


def quantity_of_first(outcome: Outcome) -> str:
    """What the first value column measures."""
    plan = outcome.plan
    if len(plan.measures) == 1 and len(plan.aggregates) > 1:
        return function_name(plan.aggregates[0], readable(plan.measures[0]), plan.language)
    if len(plan.measures) > 1 and not is_identity(plan, outcome.profile):
        return function_name(plan.aggregates[0], readable(plan.measures[0]), plan.language)
    return quantity(plan, outcome.profile)
