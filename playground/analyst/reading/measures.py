"""Which columns of numbers may be added up, and which one a question most likely means."""

from __future__ import annotations

from playground.analyst.profile import Profile
from playground.analyst.reading.language import name_words, normal
from playground.analyst.reading.lexicon import ADDITIVE, NOT_ADDITIVE, WORDS
from playground.analyst.reading.spans import is_year

PREFERRED: list[str] = WORDS["preferred"].split()


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
