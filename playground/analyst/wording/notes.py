"""The small print of an answer: filters, rows left out, how values were read."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from typing import Any

from playground.analyst.coding.naming import readable
from playground.analyst.plan import Condition, Plan
from playground.analyst.profile import Profile
from playground.analyst.sentences import say
from playground.analyst.wording.numbers import whole

SIGNS = {"in": "=", "not in": "≠", "==": "=", "from": "≥", "until": "≤", ">=": "≥", "<=": "≤"}


def filters_in_words(plan: Plan, profile: Profile) -> str:
    """All filters, for example "region = East and year of order date = 2024"."""
    joint = "、" if plan.language == "ja" else " and "
    return joint.join(_condition(condition, plan.language) for condition in plan.filters)


def _condition(condition: Condition, language: str) -> str:
    name = readable(condition.column)
    values = " / ".join(condition.values)
    if condition.op == "missing":
        return f"{name}が空" if language == "ja" else f"no {name}"
    if condition.op == "weekday":
        names = "月火水木金土日" if language == "ja" else calendar.day_abbr
        values = " / ".join(names[int(value)] for value in condition.values)
    if condition.op in {"year", "quarter", "month", "weekday"}:
        part = say(condition.op, language)
        return f"{name}の{part} = {values}" if language == "ja" else f"{part} of {name} = {values}"
    return f"{name} {SIGNS.get(condition.op, condition.op)} {values}"


def notes(plan: Plan, profile: Profile, result: Mapping[str, Any]) -> list[str]:
    """What a reader should know about how the numbers came about."""
    return [
        *_about_filters(plan, profile, result),
        *_about_gaps(plan, profile, result),
        *_about_values(plan, profile),
        *([say("note_share", plan.language)] if plan.share and result.get("rows") else []),
    ]


def _about_filters(plan: Plan, profile: Profile, result: Mapping[str, Any]) -> list[str]:
    found = []
    if plan.filters and result.get("used"):
        sizes = {"used": whole(result["used"]), "all": whole(result["all"])}
        found.append(say("note_filter", plan.language, filters=filters_in_words(plan, profile), **sizes))
    if plan.having:
        listed = " / ".join(_condition(condition, plan.language) for condition in plan.having)
        found.append(say("note_having", plan.language, filters=listed))
    return found


def _about_gaps(plan: Plan, profile: Profile, result: Mapping[str, Any]) -> list[str]:
    found = []
    if plan.task not in {"aggregate", "distribution", "normality"}:
        return []
    if result.get("missing") and plan.measures:
        found.append(say("note_missing", plan.language, n=whole(result["missing"]), name=readable(plan.measures[0])))
    if result.get("unlabelled"):
        gaps = [name for name in plan.by if profile[name].missing or profile[name].unreadable] or list(plan.by)
        name = ", ".join(map(readable, gaps))
        found.append(say("note_unlabelled", plan.language, n=whole(result["unlabelled"]), name=name))
    return found


def _about_values(plan: Plan, profile: Profile) -> list[str]:
    used = [profile[name] for name in dict.fromkeys([*plan.measures, *plan.by]) if name in profile]
    unreadable = [
        say("note_unreadable", plan.language, n=whole(column.unreadable), name=readable(column.name))
        for column in used
        if column.unreadable
    ]
    computed = [
        say("note_formula", plan.language, name=readable(column.name), formula=" − ".join(map(readable, column.parts)))
        for column in used
        if column.formula
    ]
    return [*unreadable, *computed]
