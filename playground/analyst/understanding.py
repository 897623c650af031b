"""From what a question says, and what was asked before, to a complete plan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from playground.analyst.language import is_japanese, name_words, normal
from playground.analyst.plan import Condition, Plan, Task
from playground.analyst.profile import Profile
from playground.analyst.reading import Reading, read
from playground.analyst.spans import is_year
from playground.analyst.vocabulary import ADDITIVE, NOT_ADDITIVE

CONTINUES = re.compile(
    r"^\s*(and\b|what about\b|how about\b|now\b|only\b|just\b|same\b|instead\b|but\b|then\b|also\b|ok(ay)?\b[, ]|as an? |in an? |make (it|that|this)"
    r"|show (it|that|this)|can you (make|show|draw|plot) (it|that|this)|plot (it|that|this)|draw (it|that|this)|for \w+( only)?\s*\?|by \w+|per \w+|excluding|without|except|break (it|that|this)"
    r"|では|じゃあ?|それを|それは|それで|その|そのうち|次は|次に|同じ|ちなみに|あと|さらに|これを|これは)",
)
CONTINUES_AT_END = re.compile(r"\b(instead|too|as well|only)\s*[?.!]*$|(は|だけ|のみ|だと|なら|で)\s*[?。!]*$")
SUBJECT = re.compile(r"\b(what is|what was|what are|which|how many|how much|show me the|give me)\b", re.IGNORECASE)
KEEPS_PREVIOUS = frozenset({"aggregate", "rows", "distribution", "correlation", "outliers"})
PREFERRED = (
    "revenue",
    "sale",
    "turnover",
    "売上",
    "amount",
    "金額",
    "profit",
    "利益",
    "total",
    "合計",
    "quantity",
    "数量",
    "unit",
)


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
    return replace(plan, language=language, path=profile.path)  # type: ignore[arg-type]


def continues(question: str, reading: Reading, previous: Plan) -> bool:
    """Whether a question goes on from the one before instead of standing for itself."""
    text = normal(question).lower()
    if reading.task in {"describe", "columns", "missing", "clean"} or previous.task in {"describe", "columns", "clean"}:
        return False
    whole = reading.measures and (reading.by or reading.aggregates or reading.filters)
    if CONTINUES.search(text):
        return not (reading.measures and reading.by and reading.aggregates)
    short = len(text) <= 40 and not SUBJECT.search(text) and reading.method not in {"ranking", "top of each"}
    if short and CONTINUES_AT_END.search(text) and not whole and not reading.counting:
        return True
    return (
        reading.bare
        and not reading.names_rows
        and short
        and previous.task == "aggregate"
        and not (reading.by and reading.aggregates)
    )


def inherited(reading: Reading, previous: Plan, profile: Profile) -> Reading:
    """What a follow-up means: its own words, and for the rest those of the question before."""
    measures = reading.measures or (() if reading.counting else tuple(previous.measures))
    counting = reading.counting or (not measures and not previous.measures)
    aggregates = tuple(name for name in reading.aggregates if name != "count") or _kept_functions(
        reading, previous, profile
    )
    regrouped = bool(reading.by or reading.grain or reading.over_time)
    by = tuple(reading.by) if regrouped else tuple(previous.by)
    replaced = {condition.column for condition in reading.filters}
    filters = [old for old in previous.filters if old.column not in replaced] + list(reading.filters)
    chart = reading.chart or (previous.chart if not regrouped and previous.chart in {"pie", "box"} else "")
    return replace(
        reading,
        measures=measures,
        counting=counting,
        aggregates=aggregates,
        by=by,
        grain=reading.grain if regrouped else previous.grain,
        filters=tuple(filters),
        having=tuple(reading.having or previous.having),
        chart=chart,
        top=reading.top or (0 if regrouped else previous.top),
        ascending=reading.ascending if reading.ascending is not None or regrouped else previous.ascending,
        by_label=reading.by_label if reading.ascending is not None or regrouped else previous.sort_by == "label",
        share=reading.share or previous.share,
    )


def _kept_functions(reading: Reading, previous: Plan, profile: Profile) -> tuple[str, ...]:
    if reading.measures and any(
        is_additive(name, profile) != is_additive(old, profile)
        for name in reading.measures
        for old in previous.measures[:1]
    ):
        return ()
    return tuple(previous.aggregates) if previous.aggregates != ("count",) else ()


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
    numbers = [name for name in reading.measures if profile[name].is_number]
    if reading.task in {"clean", "missing", "outliers", "columns", "normality"}:
        return reading.task
    if (reading.task == "correlation" or reading.chart == "scatter") and not reading.by and len(numbers) != 1:
        return "correlation" if len(numbers) >= 2 or not reading.measures else "aggregate"
    if reading.task == "correlation" and len(numbers) == 1 and not reading.by:
        return "correlation"
    spread = reading.task == "distribution" or reading.chart in {"hist", "box"}
    if spread and numbers and (not reading.by or reading.chart == "box") and not reading.aggregates:
        return "distribution"
    if reading.task == "describe" and not (numbers and (reading.by or reading.aggregates)) and not reading.by:
        return "describe"
    if (
        reading.top
        and not reading.by
        and (reading.lists_rows or reading.names_rows or numbers)
        and not reading.counting
    ):
        return "rows"
    said = reading.measures or reading.by or reading.aggregates or reading.counting or reading.over_time
    if said or reading.filters or reading.grain or reading.share or reading.top:
        return "aggregate"
    return "describe"


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


def is_additive(name: str, profile: Profile) -> bool:
    """Whether values of this column may be added up."""
    parts = set(name_words(name)) | {name}
    joined = normal(name)
    if not profile[name].is_number or profile[name].percent or parts & NOT_ADDITIVE:
        return False
    return bool(parts & ADDITIVE) or any(len(word) >= 2 and not word.isascii() and word in joined for word in ADDITIVE)


def main_measure(profile: Profile) -> tuple[str, ...]:
    """The column of numbers that a question most likely means when it names none; empty if there is none."""
    numbers = [column.name for column in profile.of_kind("number") if not is_year(profile, column.name)]
    for word in PREFERRED:
        for name in numbers:
            if is_additive(name, profile) and (word in name_words(name) or (not word.isascii() and word in name)):
                return (name,)
    additive = [name for name in numbers if is_additive(name, profile)]
    others = [name for name in numbers if not name.lower().endswith(("id", "unnamed: 0"))]
    repeated = [name for name in others if not profile.is_unique(name)]
    return tuple((additive or repeated or others)[:1])


def conditions_on(plan: Plan, column: str) -> list[Condition]:
    """The plan's filters on one column."""
    return [condition for condition in plan.filters if condition.column == column]
