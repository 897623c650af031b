"""The small print of an answer: filters, rows left out, how values were read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.analyst.naming import is_identity, readable
from playground.analyst.numbers import whole
from playground.analyst.plan import Condition, Plan
from playground.analyst.profile import Profile
from playground.analyst.wording import say

SIGNS = {"in": "=", "not in": "≠", "==": "=", "from": "≥", "until": "≤", ">=": "≥", "<=": "≤"}
PARTS = {
    "en": {"year": "year", "month": "month", "quarter": "quarter"},
    "ja": {"year": "年", "month": "月", "quarter": "四半期"},
}


def filters_in_words(plan: Plan, profile: Profile) -> str:
    """All filters, for example "region = East and year of order date = 2024"."""
    joint = "、" if plan.language == "ja" else " and "
    return joint.join(_condition(condition, plan.language) for condition in plan.filters)


def _condition(condition: Condition, language: str) -> str:
    name = readable(condition.column)
    values = " / ".join(condition.values)
    if condition.op in PARTS["en"]:
        part = PARTS[language][condition.op]
        return f"{name}の{part} = {values}" if language == "ja" else f"{part} of {name} = {values}"
    return f"{name} {SIGNS.get(condition.op, condition.op)} {values}"


def notes(plan: Plan, profile: Profile, result: Mapping[str, Any]) -> list[str]:
    """What a reader should know about how the numbers came about."""
    language = plan.language
    found = []
    if plan.filters and result.get("used"):
        filters = filters_in_words(plan, profile)
        found.append(
            say("note_filter", language, filters=filters, used=whole(result["used"]), all=whole(result["all"]))
        )
    if plan.having:
        listed = " / ".join(_condition(condition, language) for condition in plan.having)
        found.append(say("note_having", language, filters=listed))
    if plan.task in {"aggregate", "distribution", "normality"}:
        if result.get("missing") and plan.measures:
            found.append(say("note_missing", language, n=whole(result["missing"]), name=readable(plan.measures[0])))
        if result.get("unlabelled"):
            gaps = [name for name in plan.by if profile[name].missing or profile[name].unreadable] or list(plan.by)
            name = ", ".join(map(readable, gaps))
            found.append(say("note_unlabelled", language, n=whole(result["unlabelled"]), name=name))
    for name in dict.fromkeys([*plan.measures, *plan.by]):
        if name in profile and profile[name].unreadable:
            found.append(say("note_unreadable", language, n=whole(profile[name].unreadable), name=readable(name)))
    for name in plan.measures:
        if name in profile and profile[name].formula:
            joined = " − ".join(map(readable, profile[name].parts))
            found.append(say("note_formula", language, name=readable(name), formula=joined))
    if plan.method == "assumed" and plan.measures and not is_identity(plan, profile):
        how = say("summed" if plan.aggregates == ("sum",) else "averaged", language)
        found.append(say("note_function", language, name=readable(plan.measures[0]), how=how))
    if plan.share and result.get("rows"):
        found.append(say("note_share", language))
    return found
