"""What a question says outright, before anything is taken for granted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from playground.analyst.plan import Chart, Condition, Task
from playground.analyst.profile import Profile
from playground.analyst.reading import clauses
from playground.analyst.reading.columns import Mention, column_for, mentions
from playground.analyst.reading.conditions import find_filters
from playground.analyst.reading.language import normal
from playground.analyst.reading.patterns import EACH, LISTED, OVER_TIME, QUANTITIES, ROWS, SHARE, TASKS, WHICH_TIME
from playground.analyst.reading.roles import Roles, find_roles
from playground.analyst.reading.spans import time_column
from playground.analyst.reading.vocabulary import LEAST, SUPERLATIVE


@dataclass(frozen=True)
class Reading:
    """What a question says outright. Fields as in ``Plan``; empty where it is silent."""

    text: str
    task: Task | None = None
    measures: Sequence[str] = ()
    aggregates: Sequence[str] = ()
    by: Sequence[str] = ()
    grain: str = ""
    filters: Sequence[Condition] = ()
    having: Sequence[Condition] = ()
    top: int = 0
    ascending: bool | None = None
    by_label: bool = False
    chart: Chart = ""
    share: bool = False
    over_time: bool = False
    counting: bool = False
    lists_rows: bool = False
    method: str = ""
    explicit_by: bool = False
    comparing: bool = False
    names_rows: bool = False
    unknown: str = ""
    """A quantity that the question asks for and the table lacks."""

    @property
    def bare(self) -> bool:
        """Whether it only modifies something: a grouping, filter or chart without a subject."""
        modifies = bool(self.by or self.grain or self.filters or self.chart or self.top or self.aggregates)
        return modifies and not self.measures and not self.counting and self.task is None and not self.over_time


def read(question: str, profile: Profile) -> Reading:
    """Read a question about a table."""
    text = re.sub(r"\bhow old\b", "average age", normal(question), flags=re.IGNORECASE)
    axes = clauses.axes(text)
    text, order = clauses.take_order(text)
    text, chart = clauses.take_chart(text)
    text, top, least = clauses.take_top(text)
    found = mentions(text, profile.columns)
    filters = find_filters(text, found, profile)
    text = filters.text
    found = [mention for mention in found if text[mention.start : mention.end].strip()]
    text, grain, found = _grain(text, found, profile)
    masked = text
    for mention in found:
        if mention.score >= 0.9:
            masked = clauses.blank(masked, mention.start, mention.end)
    masked = re.sub(r"\btotal(?= (number|max|min|avg|average|mean|median))", "     ", masked, flags=re.IGNORECASE)
    functions = [function.name for function in clauses.functions(masked)]
    task = next((name for name, pattern in TASKS if re.search(pattern, masked.lower())), None)
    roles = find_roles(text, found, profile, functions, grain)
    reading = Reading(
        text=text,
        task=task,
        measures=roles.measures,
        aggregates=tuple(dict.fromkeys(functions)),
        by=roles.by,
        grain=grain,
        filters=tuple(filters.conditions) if roles.by else (*filters.conditions, *filters.having),
        having=tuple(filters.having) if roles.by else (),
        top=top,
        ascending=order.ascending if order else (least if top else None),
        by_label=_by_label(order, roles, profile),
        chart=chart,
        share=bool(SHARE.search(text.lower())),
        over_time=bool(OVER_TIME.search(text.lower())),
        counting=_counting(functions, text) or (roles.identifiers and not roles.measures and not functions and not top),
        names_rows=roles.identifiers,
        comparing=bool(re.search(r"\bcompar(e|ison|ed)\b|\bvs\b|\bversus\b|比較|比べ", text.lower())),
        unknown=_unknown(text, found, roles, functions),
        lists_rows=bool(LISTED.search(text.lower())),
        method="zscore" if re.search(r"z[- ]?score", text.lower()) else "",
        explicit_by=roles.explicit or bool(grain),
    )
    reading = _with_compared(reading, filters.compared)
    reading = _with_compared_times(reading, profile)
    reading = _with_ranking(reading, roles, text)
    if axes:
        reading = _with_axes(reading, axes, profile)
    return _with_entities(reading, roles, text)


def _unknown(text: str, found: Sequence[Mention], roles: Roles, functions: Sequence[str]) -> str:
    """A quantity that is named and matches no column, when no other quantity is meant."""
    if roles.measures or "count" in functions:
        return ""
    for mention in found:
        text = clauses.blank(text, mention.start, mention.end)
    match = QUANTITIES.search(text.lower())
    return match[0] if match else ""


def _counting(functions: Sequence[str], text: str) -> bool:
    return "count" in functions or bool(ROWS.search(text.lower()))


def _grain(text: str, found: list[Mention], profile: Profile) -> tuple[str, str, list[Mention]]:
    """The calendar grain, unless the word names a column of its own (a column of years, for example)."""
    without, grain = clauses.take_grain(text)
    if not grain or time_column(found, profile) is None:
        return text, "", found
    lost = [mention for mention in found if not without[mention.start : mention.end].strip()]
    own = [mention for mention in lost if mention.score >= 0.75 and not profile[mention.column].is_date]
    if own or not profile.of_kind("date"):
        return text, "", found
    return without, grain, [mention for mention in found if mention not in lost]


def _by_label(order: clauses.Order | None, roles: Roles, profile: Profile) -> bool:
    if order is None:
        return False
    if order.by_label:
        return True
    if re.search(r"\by\b|\bnumber\b|\bcount\b|\btotal\b|\bhow many\b|\baverage\b", order.words):
        return False
    meant = column_for(order.words, profile.columns)
    return meant is not None and meant in roles.by


def _with_compared(reading: Reading, compared: Sequence[str]) -> Reading:
    """Several values of one column are named: they are compared."""
    more = [name for name in compared if name not in reading.by]
    return replace(reading, by=tuple([*reading.by, *more][:2]), explicit_by=True) if more else reading


def _with_compared_times(reading: Reading, profile: Profile) -> Reading:
    """Several years, months or quarters are named: they are compared."""
    grains = {"year": "YE", "month": "ME", "quarter": "QE"}
    for one in reading.filters:
        if one.op in grains and len(one.values) > 1 and not reading.by and (reading.comparing or reading.chart):
            return replace(reading, by=(one.column,), grain=grains[one.op], explicit_by=True)
    return reading


def _with_ranking(reading: Reading, roles: Roles, text: str) -> Reading:
    """In "which X has the highest Y" the superlative ranks; it is no function."""
    if not SUPERLATIVE.search(text.lower()) or not reading.by:
        return reading
    if roles.entities and not reading.grain and EACH.search(text.lower()) and len(reading.by) == 1:
        return replace(reading, by=(reading.by[0], roles.entities[0]), ascending=False, method="top of each")
    which = (
        roles.which
        or bool(re.search("一番|最も|もっとも", text))
        or (bool(reading.grain) and bool(WHICH_TIME.search(text.lower())))
    )
    if not which and not reading.top:
        return reading
    kept = tuple(name for name in reading.aggregates if name not in {"max", "min", "mode"})
    least = bool(LEAST.search(text.lower()))
    ascending = reading.ascending if reading.ascending is not None and reading.top else least
    return replace(reading, aggregates=kept, ascending=ascending, method=reading.method or "ranking")


def _with_axes(reading: Reading, axes: tuple[str, str], profile: Profile) -> Reading:
    """The x axis is grouped by, the y axis says what is measured."""
    label = column_for(axes[0], profile.columns)
    if label is None:
        return reading
    measure = column_for(axes[1], profile.columns)
    functions = tuple(function.name for function in clauses.functions(axes[1]))
    counting = "count" in functions or "nunique" in functions
    number = measure is not None and profile[measure].is_number and not (counting and measure == label)
    return replace(
        reading,
        by=(label,),
        measures=(measure,) if measure and number and not counting else (),
        aggregates=functions or (("count",) if not number else ()),
        counting=counting or not number,
        explicit_by=True,
    )


def _with_entities(reading: Reading, roles: Roles, text: str) -> Reading:
    """Asked "how many customers", different customers are counted; for a chart, they are what is grouped by."""
    if not reading.by:
        return _without_groups(reading, roles)
    if not roles.entities or reading.measures:
        return reading
    entity = roles.entities[0]
    if "nunique" in reading.aggregates:
        return replace(reading, measures=(entity,), counting=False)
    if reading.chart == "stacked" and len(reading.by) == 1:
        return replace(reading, by=(*reading.by, entity))
    return reading


def _without_groups(reading: Reading, roles: Roles) -> Reading:
    if reading.measures:
        vague = "nunique" in reading.aggregates and bool(roles.weak)
        return replace(reading, measures=(), unknown=roles.weak) if vague else reading
    if roles.entities and (reading.chart not in {"", "none"} or reading.share or reading.top):
        return replace(reading, by=roles.entities[:2])
    if roles.entities and {"count", "nunique"} & set(reading.aggregates):
        return replace(reading, measures=roles.entities[:1], aggregates=("nunique",), counting=False)
    return reading
