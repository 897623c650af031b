"""Which part each mentioned column plays: what is measured, what is grouped by, what is merely named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from playground.analyst.profile import Profile
from playground.analyst.reading.columns import Mention
from playground.analyst.reading.language import name_words, words
from playground.analyst.reading.spans import is_year
from playground.analyst.reading.vocabulary import COUNTED_BEFORE, GROUP_AFTER, GROUP_BEFORE, WHICH_BEFORE


@dataclass(frozen=True)
class Roles:
    """Which mention plays which part."""

    measures: tuple[str, ...]
    by: tuple[str, ...]
    entities: tuple[str, ...]
    """Categories that are named without being grouped by, for example "how many customers"."""
    explicit: bool
    which: bool
    weak: str
    """The words of the first number, when they say only part of its column's name."""
    identifiers: bool
    """Whether the table's own things are named (orders, where there is an ``order_id``)."""


def find_roles(text: str, found: list[Mention], profile: Profile, functions: Sequence[str], grain: str) -> Roles:
    found = _without_ids(found, profile, text)
    grouped = [mention for mention in found if _is_grouped(text, mention, found, profile)]
    which = any(WHICH_BEFORE.search(text[: mention.start].lower()) for mention in found)
    numbers = [mention for mention in found if _is_measure(mention, profile)]
    categories = [mention for mention in found if mention not in numbers]
    by = [
        mention for mention in grouped if not (mention in numbers and _too_fine(mention, profile, categories, numbers))
    ]
    measures = [mention for mention in numbers if mention not in by]
    rest = [mention for mention in categories if mention not in by]
    explicit = bool(by)
    if not by:
        counted = "count" in functions or "nunique" in functions
        marked = [mention for mention in rest if WHICH_BEFORE.search(text[: mention.start].lower())]
        if measures or which or (not counted and len(rest) >= 1):
            by, rest = (
                (
                    marked
                    or [mention for mention in rest if not profile[mention.column].is_date or grain or len(rest) == 1]
                )[:2],
                [],
            )
    names = tuple(dict.fromkeys(mention.column for mention in by))[:2]
    if grain and not any(profile[name].is_date for name in names):
        names = (_date_for(found, profile), *names)[:2]
    kept = tuple(dict.fromkeys(mention.column for mention in measures if mention.column not in names))
    entities = tuple(dict.fromkeys(mention.column for mention in rest if mention.column not in names))
    return Roles(kept, names, entities, explicit, which, _weak(text, measures), _names_rows(text, profile))


def _names_rows(text: str, profile: Profile) -> bool:
    """Whether the question names what a row is: "orders", where every row has an ``order_id`` of its own."""
    said = {word.stem for word in words(text)}
    keys = [column.name for column in profile.columns if profile.is_unique(column.name)]
    return any(name_words(key)[-1:] in (["id"], ["no"], ["number"]) and name_words(key)[0] in said for key in keys)


def _weak(text: str, measures: Sequence[Mention]) -> str:
    first = measures[0] if measures else None
    return text[first.start : first.end] if first and first.score < 0.75 else ""


def _date_for(found: Sequence[Mention], profile: Profile) -> str:
    dates = [column.name for column in profile.of_kind("date")]
    return next((mention.column for mention in found if mention.column in dates), dates[0])


def _without_ids(found: list[Mention], profile: Profile, text: str) -> list[Mention]:
    """Mentions without those of identifiers that the question hardly means ("payments" is not ``Payment_ID``)."""

    def identifier(mention: Mention) -> bool:
        named = re.search(r"(^|[_\s])(id|no|nr|key)$|Id$|ID$|番号$", mention.column)
        said = re.search(r"\b(ids?|no|nr|number|key)\b|番号", text[mention.start : mention.end].lower())
        return bool(named) and not said and mention.score < 0.9

    return [mention for mention in found if not identifier(mention)]


def _is_measure(mention: Mention, profile: Profile) -> bool:
    return profile[mention.column].is_number and not is_year(profile, mention.column)


def _too_fine(mention: Mention, profile: Profile, categories: Sequence[Mention], numbers: Sequence[Mention]) -> bool:
    """Whether "by X" means "measured by X": a number with many values, beside something better to group by."""
    many = profile[mention.column].unique > 50
    return many or (len(numbers) == 1 and any(other is not mention for other in categories))


def _is_grouped(text: str, mention: Mention, found: Sequence[Mention], profile: Profile) -> bool:
    is_number = _is_measure(mention, profile)
    before, after = text[: mention.start].lower(), text[mention.end :]
    if COUNTED_BEFORE.search(before):
        return False
    marker = GROUP_BEFORE.search(before)
    if GROUP_AFTER.search(after) or (
        marker and not (is_number and marker[1] in {"between", "among", "over", "against"})
    ):
        return True
    following = next((other for other in found if mention.end < other.start and _joined(text, mention, other)), None)
    if following is not None and GROUP_AFTER.search(text[following.end :]):
        return True
    previous = next((other for other in found if other.end < mention.start and _joined(text, other, mention)), None)
    return previous is not None and _is_grouped(text, previous, found, profile)


def _joined(text: str, first: Mention, second: Mention) -> bool:
    return bool(
        re.fullmatch(
            r"\s*(,|and|,\s*and|&|/|×|x|と|、|および|・)\s*(the\s+|their\s+|each\s+)?",
            text[first.end : second.start].lower(),
        )
    )
