"""From what a question says, and what was asked before, to a complete plan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from playground.analyst.plan import Plan, Task
from playground.analyst.profile import Profile
from playground.analyst.reading.followups import continues, inherited
from playground.analyst.reading.language import is_japanese
from playground.analyst.reading.measures import is_additive, main_measure
from playground.analyst.reading.reading import Reading, read
from playground.analyst.reading.spans import is_year

KEEPS_PREVIOUS = frozenset({"aggregate", "rows", "distribution", "correlation", "outliers"})


def understand(question: str, profile: Profile, previous: Plan | None = None, instructions: str = "") -> Plan:
    """The plan for a question.

    Args:
        question: The person's words.
        profile: The table that it is about.
        previous: The plan of the question before, if there was one; a follow-up inherits from it.
        instructions: The instructions of the conversation (locale).
    """
    reading = read(question, profile)
    if reading.unknown:
        unknown = Plan("columns", method=f"no column for {reading.unknown}")
        return replace(unknown, language="ja" if is_japanese(question, instructions) else "en", path=profile.path)
    language = "ja" if is_japanese(question, instructions) else "en"
    if previous is not None and previous.path == profile.path and continues(question, reading, previous):
        reading = inherited(reading, previous, profile)
        plan = complete(reading, profile)
        if plan.task == "aggregate" and previous.task in KEEPS_PREVIOUS and not reading.explicit_by:
            plan = replace(plan, task=_inherited_task(plan, previous, reading))
    else:
        plan = complete(reading, profile)
    if plan.task in {"outliers", "normality", "distribution"} and not plan.measures:
        plan = Plan("columns", method=f"no column for {'数値' if language == 'ja' else 'numbers'}")
    return replace(plan, language=language, path=profile.path)  # type: ignore[arg-type]


def _inherited_task(plan: Plan, previous: Plan, reading: Reading) -> Task:
    if reading.chart in {"bar", "pie", "line", "stacked"} or reading.by or reading.task:
        return plan.task
    return previous.task


def complete(reading: Reading, profile: Profile) -> Plan:
    """A plan in which everything is settled that the question leaves open."""
    task = _task(reading, profile)
    base = Plan(
        task,
        filters=tuple(reading.filters),
        having=tuple(reading.having),
        chart=reading.chart,
        top=reading.top,
        method=reading.method,
    )
    if task in {"describe", "columns", "clean"}:
        unknown = task == "describe" and reading.task is None and bool(re.search(r"\w", reading.text))
        return replace(base, chart="", method="unknown" if unknown else "")
    if task in {"missing", "outliers", "normality", "distribution", "correlation"}:
        return _about_columns(base, reading, profile)
    if task == "rows":
        measures = tuple(reading.measures)[:1] or main_measure(profile)
        return replace(
            base, measures=measures, by=tuple(reading.by), top=reading.top or 10, ascending=bool(reading.ascending)
        )
    return _aggregation(base, reading, profile)


def _task(reading: Reading, profile: Profile) -> Task:
    if reading.task in {"clean", "missing", "outliers", "columns", "normality"}:
        return reading.task
    for task, meant in (
        ("correlation", _is_correlation(reading, profile)),
        ("distribution", _is_distribution(reading, profile)),
        ("describe", _is_overview(reading, profile)),
        ("rows", _is_about_rows(reading, profile)),
    ):
        if meant:
            return task  # type: ignore[return-value]
    said = reading.measures or reading.by or reading.aggregates or reading.counting or reading.over_time
    return "aggregate" if said or reading.filters or reading.grain or reading.share or reading.top else "describe"


def _numbers(reading: Reading, profile: Profile) -> list[str]:
    return [name for name in reading.measures if profile[name].is_number]


def _is_correlation(reading: Reading, profile: Profile) -> bool:
    if reading.by or (reading.task != "correlation" and reading.chart != "scatter"):
        return False
    numbers = _numbers(reading, profile)
    return len(numbers) >= 2 or not reading.measures or (len(numbers) == 1 and reading.task == "correlation")


def _is_distribution(reading: Reading, profile: Profile) -> bool:
    spread = reading.task == "distribution" or reading.chart in {"hist", "box"}
    single = not reading.by or reading.chart == "box"
    return spread and single and not reading.aggregates and bool(_numbers(reading, profile))


def _is_overview(reading: Reading, profile: Profile) -> bool:
    computes = bool(_numbers(reading, profile)) and bool(reading.aggregates)
    return reading.task == "describe" and not computes and not reading.by


def _is_about_rows(reading: Reading, profile: Profile) -> bool:
    named = reading.lists_rows or reading.names_rows or bool(_numbers(reading, profile))
    return bool(reading.top) and not reading.by and named and not reading.counting


def _about_columns(base: Plan, reading: Reading, profile: Profile) -> Plan:
    numbers = tuple(name for name in reading.measures if profile[name].is_number)
    if base.task == "missing":
        return replace(base, measures=tuple(dict.fromkeys([*reading.measures, *reading.by])))
    if base.task == "correlation":
        return replace(base, measures=numbers)
    if base.task == "distribution":
        return replace(base, measures=numbers[:1], by=tuple(reading.by)[:1] if reading.chart == "box" else ())
    return replace(base, measures=numbers[:1] or main_measure(profile))


def _aggregation(base: Plan, reading: Reading, profile: Profile) -> Plan:
    functions = tuple(name for name in reading.aggregates if name != "mode" or not reading.by)
    measures = tuple(reading.measures)
    by, grain = _groups(reading, profile)
    if measures:
        functions = _functions_for(measures, functions, profile)
    elif reading.counting or not _wants_measure(reading, functions):
        functions = ("count",)
    else:
        measures = main_measure(profile)
        functions = _functions_for(measures, tuple(name for name in functions if name != "count"), profile)
        functions = functions if measures else ("count",)
    ascending, sort_by = _sorting(reading, by, grain, profile)
    return replace(
        base,
        measures=measures,
        aggregates=functions,
        by=by,
        grain=grain,
        ascending=ascending,
        sort_by="label" if sort_by else "value",
        share=reading.share or reading.chart == "pie",
    )


def _wants_measure(reading: Reading, functions: Sequence[str]) -> bool:
    """Whether a number is meant though none is named: "total by region", "trend", "top 5 products"."""
    return (
        bool(set(functions) - {"count"})
        or reading.over_time
        or reading.comparing
        or bool(reading.top)
        or reading.method in {"ranking", "top of each"}
        or bool(reading.grain)
    )


def _functions_for(measures: Sequence[str], functions: tuple[str, ...], profile: Profile) -> tuple[str, ...]:
    if not all(profile[name].is_number for name in measures):
        return tuple(name for name in functions if name in {"nunique", "count", "mode"})[:1] or ("nunique",)
    useful = tuple(name for name in functions if name != "count")
    if useful:
        return useful
    return ("sum",) if all(is_additive(name, profile) for name in measures) else ("mean",)


def _groups(reading: Reading, profile: Profile) -> tuple[tuple[str, ...], str]:
    by, grain = tuple(reading.by), reading.grain
    dates = [column.name for column in profile.of_kind("date")]
    years = [column.name for column in profile.columns if is_year(profile, column.name)]
    if reading.over_time and not any(name in dates or name in years for name in by):
        by = tuple([*(dates or years)[:1], *by][:2])
    dated = next((name for name in by if name in dates), None)
    if dated is None:
        return by, ""
    by = by if reading.method == "top of each" else (dated, *[name for name in by if name != dated])
    return by, grain or default_grain(profile, dated)


def default_grain(profile: Profile, name: str) -> str:
    """Days, months or years: whatever gives a line of readable length."""
    low, high = profile[name].low[:10], profile[name].high[:10]
    try:
        days = (
            (int(high[:4]) - int(low[:4])) * 365 + (int(high[5:7]) - int(low[5:7])) * 30 + int(high[8:]) - int(low[8:])
        )
    except ValueError:
        return "ME"
    if profile[name].unique <= 31 or days <= 62:
        return "D"
    return "ME" if days <= 365 * 6 else "YE"


def _sorting(reading: Reading, by: Sequence[str], grain: str, profile: Profile) -> tuple[bool | None, bool]:
    """Direction, and whether labels (not values) are sorted. Time goes its own way unless asked otherwise."""
    if reading.ascending is not None:
        return reading.ascending, reading.by_label
    if not by:
        return None, False
    ordered = bool(grain) or is_year(profile, by[0]) or profile[by[0]].is_number
    return (True, True) if ordered else (False, False)
