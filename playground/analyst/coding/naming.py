"""Titles, axis labels and file names of results, in the language of the question."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from playground.analyst.coding.coding import GRAIN_NAMES
from playground.analyst.plan import Plan
from playground.analyst.profile import Profile
from playground.analyst.sentences import SENTENCES, say


@dataclass(frozen=True)
class Naming:
    """How a result is named.

    Args:
        title: Of chart and link.
        value: The axis of values.
        label: The axis of groups.
        file: Name of the chart's file.
        language: ``en`` or ``ja``.
    """

    title: str
    value: str
    label: str
    file: str
    language: str = "en"

    def file_of(self, plan: Plan) -> str:
        """The name of the file with the result's table."""
        return f"{self.file.removesuffix('.png')}.{plan.file}"


def readable(name: str) -> str:
    """A column's name as words."""
    return re.sub(r"\s+", " ", name.replace("_", " ")).strip() if name.isascii() else name


def heading(name: str) -> str:
    """A column's name as it stands alone, below an axis or above a legend."""
    return capital(readable(name))


def function_name(function: str, measure: str, language: str) -> str:
    """For example "average price", "価格の平均"."""
    word = say(f"function_{function}", language)
    if language == "ja":
        return f"{measure}の{word}" if measure else word
    return f"{word} {readable(measure)}".strip()


def quantity(plan: Plan, profile: Profile) -> str:
    """What is measured, in words."""
    if not plan.measures:
        return "件数" if plan.language == "ja" else "number of rows"
    if not plan.aggregates or is_identity(plan, profile):
        return _listed([readable(name) for name in plan.measures], plan.language)
    if len(plan.measures) > 1:
        joined = _listed([readable(name) for name in plan.measures], plan.language)
        return function_name(plan.aggregates[0], joined, plan.language)
    names = [function_name(function, plan.measures[0], plan.language) for function in plan.aggregates]
    return _listed(names, plan.language)


def is_identity(plan: Plan, profile: Profile) -> bool:
    """Whether every group is a single row, so that no function is worth naming."""
    plain = set(plan.aggregates) <= {"sum", "mean"} and len(plan.aggregates) == 1
    return plain and len(plan.by) == 1 and not profile[plan.by[0]].is_date and profile.is_unique(plan.by[0])


def group_name(plan: Plan, profile: Profile, name: str) -> str:
    """What is grouped by, in words."""
    if not profile[name].is_date:
        return readable(name)
    return say(GRAIN_NAMES[plan.grain or "D"], plan.language)


def naming_for(plan: Plan, profile: Profile, taken: Collection[str] = ()) -> Naming:
    """The names for a plan's chart. ``taken``: file names that the conversation has used."""
    measured = quantity(plan, profile)
    groups = [group_name(plan, profile, name) for name in plan.by]
    if plan.task == "distribution" or plan.task in {"outliers", "normality"}:
        title = _title_of_distribution(plan)
    elif plan.task == "correlation":
        joined = _listed([readable(name) for name in plan.measures], plan.language)
        title = f"{joined}の相関" if plan.language == "ja" else f"Correlation of {joined}" if joined else "Correlations"
    elif plan.language == "ja":
        title = f"{'・'.join(groups)}別の{measured}" if groups else measured
    else:
        title = f"{capital(measured)} by {' and '.join(groups)}" if groups else capital(measured)
    title += _filter_words(plan)
    file = _file_name(plan, taken)
    label = groups[0] if groups else ""
    return Naming(title, capital(measured, plan.language), capital(label), file, plan.language)


EDGES = {True: ("lowest ", "小さい"), False: ("highest ", "大きい")}


def purpose(plan: Plan, naming: Naming) -> str:
    """What an analysis is for, in a line."""
    japanese = plan.language == "ja"
    name = readable(plan.measures[0]) if plan.measures else ""
    if plan.task == "rows" and not name:
        return "先頭の行" if japanese else "First rows"
    said = naming.title
    if f"purpose_{plan.task}" in SENTENCES:
        said = say(f"purpose_{plan.task}", plan.language, name=name, edge=EDGES[bool(plan.ascending)][japanese])
    return " ".join(said.split())


def _title_of_distribution(plan: Plan) -> str:
    name = readable(plan.measures[0]) if plan.measures else ""
    if plan.language == "ja":
        return f"{name}の分布"
    return f"Distribution of {name}" + (f" by {readable(plan.by[0])}" if plan.by else "")


def _filter_words(plan: Plan) -> str:
    words = [", ".join(one.values) for one in plan.filters if one.op in {"in", "year", "=="}]
    words += ["Q" + ", Q".join(one.values) for one in plan.filters if one.op == "quarter"]
    return f" ({'; '.join(words)})" if words and sum(map(len, words)) < 40 else ""


def _listed(names: list[str], language: str) -> str:
    return ("と" if language == "ja" else " and ").join(names) if len(names) <= 2 else ", ".join(names)


def capital(text: str, language: str = "en") -> str:
    """With a capital at the beginning, where the language has them."""
    return text if language == "ja" else text[:1].upper() + text[1:]


def _file_name(plan: Plan, taken: Collection[str]) -> str:
    function = plan.aggregates[0] if plan.aggregates and plan.task == "aggregate" else plan.task
    parts = [{"sum": "total", "mean": "average", "nunique": "different"}.get(function, function), *plan.measures[:2]]
    if plan.by:
        parts += [
            "by",
            *(GRAIN_NAMES[plan.grain] if index == 0 and plan.grain else name for index, name in enumerate(plan.by)),
        ]
    parts = [part if part.isascii() else "group" if part in plan.by else "" for part in parts]
    slug = re.sub(r"[^a-z0-9]+", "_", " ".join(parts).lower()).strip("_")[:60] or "chart"
    name, number = f"{slug}.png", 2
    while name in taken:
        name, number = f"{slug}_{number}.png", number + 1
    return name
