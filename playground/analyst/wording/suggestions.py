"""Questions to offer for a table."""

from __future__ import annotations

from playground.analyst.coding.naming import readable
from playground.analyst.profile import Column, Profile
from playground.analyst.reading.measures import is_additive, main_measure
from playground.analyst.reading.spans import is_year
from playground.analyst.sentences import say


def examples(profile: Profile, language: str) -> list[str]:
    """Up to four questions that this table can answer."""
    measure = next(iter(main_measure(profile)), "")
    groups = [column.name for column in profile.of_kind("category") if _groups_well(column, profile)]
    dates = [column.name for column in profile.of_kind("date")]
    numbers = [column.name for column in profile.of_kind("number") if not is_year(profile, column.name)]
    other = next((name for name in numbers if name != measure and 1 < profile[name].unique < profile.rows), "")
    name, total = readable(measure), is_additive(measure, profile) if measure else False
    found = []
    japanese = language == "ja"
    word = say("function_sum" if total else "function_mean", language)
    if measure and groups:
        found.append(f"{groups[0]}別の{name}の{word}は？" if japanese else f"{word} {name} by {readable(groups[0])}")
    if measure and dates:
        found.append(f"月別の{name}の{word}" if japanese else f"{word} {name} by month")
    if measure and len(groups) > 1:
        best = f"which {readable(groups[1])} has the highest {word} {name}?"
        found.append(f"{name}の{word}が最も高い{groups[1]}は？" if japanese else best)
    if measure and other:
        found.append(f"{name}と{readable(other)}の相関" if japanese else f"correlation of {name} and {readable(other)}")
    if not found and groups:
        found.append(f"{groups[0]}別の件数" if japanese else f"number of rows by {readable(groups[0])}")
    return found[:4]


def _groups_well(column: Column, profile: Profile) -> bool:
    return 2 <= column.unique <= 50 and not profile.is_unique(column.name)
