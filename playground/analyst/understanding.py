"""From what a question says, and what was asked before, to a complete plan, or to what was not understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from playground.analyst.plan import Condition, Plan
from playground.analyst.profile import Profile
from playground.analyst.reading.grammar import read
from playground.analyst.reading.language import is_japanese, name_words
from playground.analyst.reading.lexicon import NOT_ADDITIVE
from playground.analyst.reading.measures import is_additive, main_measure
from playground.analyst.reading.reading import Reading
from playground.analyst.reading.spans import is_year, time_column


class NotUnderstoodError(Exception):
    """A question whose parts do not fit together."""


def understand(question: str, profile: Profile, previous: Plan | None = None, told: str = "") -> Plan:
    """The plan for a question; of the task ``unknown`` when a word that matters would have no part in it.

    Args:
        question: The person's words.
        profile: The table that it is about.
        previous: The plan of the question before, if there was one; a follow-up inherits from it, if it was understood.
        told: What is said of the asker (locale).
    """
    reading = read(question, profile) if re.search(r"\w", question) else Reading(task="describe")
    follows = previous is not None and previous.path == profile.path and _follows(reading)
    if previous and follows and previous.task == "unknown":
        reading.unknown.append(" ".join(question.split()))
    unknown = Plan("unknown", method=", ".join(dict.fromkeys(reading.unknown)) or " ".join(question.split()))
    try:
        plan = inherited(reading, previous, profile) if previous and follows else complete(reading, profile)
    except NotUnderstoodError as error:
        plan = replace(unknown, method=str(error) or unknown.method)
    plan = unknown if reading.unknown else plan
    return replace(plan, language="ja" if is_japanese(question, told) else "en", path=profile.path)


def _follows(reading: Reading) -> bool:
    """Whether it goes on from the question before: it says so, or says no more than a part of a question."""
    alone = len(reading.measures) == 1 and not (reading.by or reading.filters or reading.aggregates or reading.ranked)
    subject = reading.measures or reading.counting or reading.task or reading.trend or reading.lists_rows
    whole = subject or reading.compared or (bool(reading.by) and (reading.ranked or reading.share))
    return reading.continues or not whole or (alone and reading.task is None and not reading.trend)


def inherited(reading: Reading, previous: Plan, profile: Profile) -> Plan:
    """The plan of a follow-up: what it does not say is as before."""
    keeps_task = previous.task if previous.task in {"distribution", "correlation", "outliers"} else None
    other = reading.measures and not reading.aggregates
    added = [all(is_additive(name, profile) for name in names) for names in (previous.measures, reading.measures)]
    if other and added == [False, True] and previous.aggregates == ("mean",):
        raise NotUnderstoodError(_either(reading.measures))
    by_default = other and added[0] and previous.aggregates == ("sum",)
    counted = not previous.measures
    merged = replace(
        reading,
        task=reading.task or (keeps_task if not (reading.by or reading.aggregates) else None),
        measures=reading.measures or ([] if reading.counting else list(previous.measures)),
        aggregates=reading.aggregates or ([] if by_default or counted else list(previous.aggregates)),
        counting=reading.counting or (counted and not reading.measures and not reading.aggregates),
        by=reading.by or ([] if reading.trend else list(previous.by)),
        grain=reading.grain or ("" if reading.by else previous.grain),
        filters=[*(one for one in previous.filters if not _replaced(one, reading.filters)), *reading.filters],
        top=reading.top or (previous.top if not reading.by else 0),
        chart=reading.chart or (previous.chart if not reading.by else ""),
        columns=reading.columns or list(previous.columns),
        lists_rows=reading.lists_rows or previous.task == "rows",
    )
    if not reading.ranked and not reading.by:
        merged.ranked = previous.method == "ranking" or bool(previous.top)
        merged.ascending = previous.ascending if merged.ranked else None
    return complete(merged, profile)


def _replaced(old: Condition, new: Sequence[Condition]) -> bool:
    finer = {"year": {"month", "quarter", "weekday"}, "weekday": {"year", "month", "quarter", "from", "until"}}
    return any(one.column == old.column and one.op not in finer.get(old.op, {"weekday"}) - {old.op} for one in new)


def complete(reading: Reading, profile: Profile) -> Plan:
    """A plan in which everything is settled that the question leaves open.

    Raises:
        NotUnderstoodError: A part of the question would have no part in the plan.
    """
    plan = Plan("describe", filters=tuple(reading.filters), chart=reading.chart, file=reading.file)
    if reading.task is not None:
        return _about_columns(replace(plan, task=reading.task), reading, profile)
    numbers = [name for name in reading.measures if profile[name].is_number]
    if reading.chart in {"hist", "box"} and len(numbers) == 1 and not (reading.by and reading.chart == "hist"):
        return _about_columns(replace(plan, task="distribution"), reading, profile)
    if reading.chart == "scatter" and len(numbers) == 2 and not reading.by:
        return _about_columns(replace(plan, task="correlation"), reading, profile)
    if reading.lists_rows or (reading.top and reading.measures and not reading.by):
        return _rows(plan, reading, profile)
    return _aggregation(plan, reading, profile)


def _about_columns(plan: Plan, reading: Reading, profile: Profile) -> Plan:
    extra = bool(reading.aggregates or reading.having or reading.top or reading.share or reading.trend or reading.file)
    measures = tuple(reading.measures)
    numbers = all(profile[name].is_number for name in measures)
    single = len(measures) == 1 and numbers
    if plan.task == "describe" and single:
        plan = replace(plan, task="distribution")
    grouped = bool(reading.by) and not (plan.task == "distribution" and plan.chart == "box" and len(reading.by) == 1)
    allowed = {
        **dict.fromkeys(("describe", "columns", "duplicates", "clean"), not measures and not plan.filters),
        "missing": not plan.filters,
        "correlation": numbers and len(measures) <= 2,
    }.get(plan.task, numbers and len(measures) <= 1)
    if extra or grouped or not allowed or (reading.ranked and plan.task != "correlation"):
        raise NotUnderstoodError
    if plan.task in {"outliers", "normality", "distribution"}:
        measures = measures or main_measure(profile)
        if not measures:
            raise NotUnderstoodError
    chart = plan.chart if plan.task in {"distribution", "correlation"} else ""
    return replace(plan, measures=measures, by=tuple(reading.by), chart=chart)


def _rows(plan: Plan, reading: Reading, profile: Profile) -> Plan:
    measures = tuple(reading.measures)
    if reading.by or reading.aggregates or reading.having or len(measures) > 1 or reading.share:
        raise NotUnderstoodError
    if reading.ranked:
        measures = measures or main_measure(profile)
    top = reading.top or (1 if reading.ranked else 0 if reading.file else 10)
    columns, ascending = tuple(reading.columns), bool(reading.ascending)
    return replace(plan, task="rows", measures=measures, columns=columns, top=top, ascending=ascending)


def _aggregation(plan: Plan, reading: Reading, profile: Profile) -> Plan:
    by, grain = _groups(reading, profile)
    ranked, ascending = reading.ranked, reading.ascending
    functions = list(reading.aggregates)
    if ranked and not by and not functions and reading.measures:
        functions, ranked, ascending = ["min" if ascending else "max"], False, None
    measures = tuple(reading.measures)
    said = bool(by or functions or reading.trend or reading.share)
    if not measures and not reading.counting and not (reading.share and not by):
        measures = main_measure(profile) if said else ()
        if not measures and not (said and not functions):
            raise NotUnderstoodError
    top_of_each = reading.best_of_each and len(by) == 2
    fits = len(by) <= 2 and (by or not (ranked or reading.having)) and (not reading.top or len(by) == 1)
    bounded = any(one.op in {"<", "<=", ">", ">=", "=="} and profile[one.column].is_number for one in plan.filters)
    drawn = reading.chart in {"scatter", "hist", "box"} or (reading.chart not in {"", "none"} and not by)
    unclear = drawn or (reading.share and reading.trend) or (bounded and "nunique" in functions)
    if (
        not fits
        or unclear
        or (reading.share and not by and len(plan.filters) != 1)
        or (ranked and len(by) == 2 and not top_of_each)
    ):
        raise NotUnderstoodError
    timed = bool(grain) or (bool(by) and (is_year(profile, by[0]) or profile[by[0]].is_number))
    named = [one.column for one in plan.filters if one.op == "in" and len(one.values) == 1 and not by]
    return replace(
        plan,
        task="aggregate",
        measures=measures,
        aggregates=_functions(measures, functions, (*by, *named), profile),
        by=by,
        grain=grain,
        having=tuple(reading.having),
        top=reading.top,
        ascending=(ascending if ascending is not None else False) if ranked else timed if by else None,
        sort_by="label" if reading.by_label or (timed and not ranked) else "value",
        share=reading.share or (reading.chart == "pie" and bool(by)),
        method="top of each" if top_of_each else "ranking" if ranked else reading.differs,
    )


def _functions(
    measures: Sequence[str], functions: Sequence[str], by: Sequence[str], profile: Profile
) -> tuple[str, ...]:
    if not measures:
        return ("count",)
    numbers = [name for name in measures if profile[name].is_number]
    if not numbers:
        if len(measures) > 1 or set(functions) - {"nunique", "mode"}:
            raise NotUnderstoodError
        return tuple(functions) or ("nunique",)
    rates = any(profile[name].percent or NOT_ADDITIVE & set(name_words(name)) for name in numbers)
    if (
        ("sum" in functions and rates)
        or len(numbers) < len(measures)
        or (len(measures) > 1 and len(functions) > 1)
        or "nunique" in functions
    ):
        raise NotUnderstoodError
    added = all(is_additive(name, profile) for name in measures)
    alone = len(by) == 1 and profile.is_unique(by[0])
    if not (functions or added or rates or alone):
        raise NotUnderstoodError(_either(measures))
    return tuple(functions) or (("sum",) if added else ("mean",))


def _either(measures: Sequence[str]) -> str:
    return f"{', '.join(measures)} (sum? mean? 合計? 平均?)"


def _groups(reading: Reading, profile: Profile) -> tuple[tuple[str, ...], str]:
    by, grain = list(reading.by), reading.grain
    column = time_column([], profile)
    if reading.trend and not any(profile[name].is_date or is_year(profile, name) for name in by):
        if column is None:
            raise NotUnderstoodError
        by.insert(0, column)
    dated = next((name for name in by if profile[name].is_date), None)
    if dated is None:
        return tuple(by), ""
    if not reading.best_of_each:
        by.sort(key=lambda name: name != dated)
    return tuple(by), grain or default_grain(profile, dated)


def default_grain(profile: Profile, name: str) -> str:
    """Days, months or years: whatever gives a line of readable length."""
    try:
        days = (date.fromisoformat(profile[name].high[:10]) - date.fromisoformat(profile[name].low[:10])).days
    except ValueError:
        return "ME"
    if profile[name].unique <= 31 or days <= 62:
        return "D"
    return "ME" if days <= 365 * 6 else "YE"
