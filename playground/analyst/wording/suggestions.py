"""Questions to offer for a table."""

from __future__ import annotations

from playground.analyst.coding.naming import readable
from playground.analyst.profile import Column, Profile
from playground.analyst.reading.measures import is_additive, main_measure
from playground.analyst.reading.spans import is_year


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
    if measure and groups:
        word = ("合計" if total else "平均") if japanese else ("total" if total else "average")
        found.append(f"{groups[0]}別の{name}の{word}は？" if japanese else f"{word} {name} by {readable(groups[0])}")
    if measure and dates:
        found.append(f"{name}の月別の推移" if japanese else f"{name} per month")
    if measure and len(groups) > 1:
        found.append(f"{name}の上位5{groups[1]}" if japanese else f"top 5 {_plural(readable(groups[1]))} by {name}")
    if measure and other:
        found.append(f"{name}と{readable(other)}の相関" if japanese else f"correlation of {name} and {readable(other)}")
    if not found and groups:
        found.append(f"{groups[0]}別の件数" if japanese else f"number of rows by {readable(groups[0])}")
    return found[:4]


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh")):
        return word if word.endswith("s") else word + "es"
    return word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else word + "s"


def _groups_well(column: Column, profile: Profile) -> bool:
    return 2 <= column.unique <= 50 and not profile.is_unique(column.name)
