"""Which columns of numbers may be added up, which one a question most likely means, and profit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from playground.analyst.profile import Column, Profile
from playground.analyst.reading.language import name_words, normal
from playground.analyst.reading.lexicon import ADDITIVE, NOT_ADDITIVE, WORDS
from playground.analyst.reading.spans import is_year

PREFERRED: list[str] = WORDS["preferred"].split()
PROFIT = re.compile(r"\bprofits?\b|\bearnings\b|利益|粗利", re.IGNORECASE)
REVENUE = ("revenue", "sale", "turnover", "売上金額", "売上高", "売上")
COST = ("cost", "expense", "原価", "費用", "コスト")


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


def with_derived(question: str, profile: Profile) -> Profile:
    """The table with a column of profit, when the question asks for one and revenue and cost are there."""
    if not PROFIT.search(question) or any(PROFIT.search(column.name) for column in profile.columns):
        return profile
    revenue, cost = _number_named(profile, REVENUE), _number_named(profile, COST)
    if revenue is None or cost is None:
        return profile
    name = "profit" if revenue.isascii() else "利益"
    formula = f"df[{revenue!r}] - df[{cost!r}]"
    column = Column(name, "number", unique=profile.rows, formula=formula, parts=(revenue, cost))
    return replace(profile, columns=[*profile.columns, column], _by_name={})


def _number_named(profile: Profile, words: Sequence[str]) -> str | None:
    for word in words:
        for column in profile.of_kind("number"):
            if word in name_words(column.name) or (not word.isascii() and word in column.name):
                return column.name
    return None
