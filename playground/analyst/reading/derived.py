"""Columns that a question asks for and the file lacks, but that follow from others: profit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playground.analyst.profile import Column, Profile
from playground.analyst.reading.language import name_words

PROFIT = re.compile(r"\bprofits?\b|\bearnings\b|利益|粗利", re.IGNORECASE)
REVENUE = ("revenue", "sale", "turnover", "売上金額", "売上高", "売上")
COST = ("cost", "expense", "原価", "費用", "コスト")


def with_derived(question: str, profile: Profile) -> Profile:
    """The table with a column of profit, when the question asks for one and revenue and cost are there."""
    if not PROFIT.search(question) or any(PROFIT.search(column.name) for column in profile.columns):
        return profile
    revenue, cost = _number_named(profile, REVENUE), _number_named(profile, COST)
    if revenue is None or cost is None:
        return profile
    name = "profit" if revenue.isascii() else "利益"
    formula = f"df[{revenue!r}] - df[{cost!r}]"
    return profile.with_column(Column(name, "number", unique=profile.rows, formula=formula, parts=(revenue, cost)))


def _number_named(profile: Profile, words: Sequence[str]) -> str | None:
    for word in words:
        for column in profile.of_kind("number"):
            if word in name_words(column.name) or (not word.isascii() and word in column.name):
                return column.name
    return None
