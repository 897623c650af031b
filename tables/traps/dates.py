"""Columns of dates: whether day or month comes first, in how many forms they stand, and in which time zones."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tables.columns import guess_type, is_missing
from tables.traps.trap import Reading, Trap, shown

_LONGEST = 40
_PARTS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4}|\d{2})(?=[\sT]|$)")
_FORMS = {
    "year first": re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}"),
    "numbers": re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?=[\sT]|$)"),
    "words": re.compile(r"\d{1,2}[- ][A-Za-z]{3,9}[- ,]{1,2}\d{2,4}|[A-Za-z]{3,9} \d{1,2},? \d{4}"),
}
_ZONE = re.compile(
    r"[^T:]{0,16}[T ]\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?\s?(Z|UTC|GMT|JST|CET|CEST|EST|EDT|PST|PDT|[+-]\d\d:?\d\d)?"
)
_ZONE_COLUMNS = frozenset({"timezone", "time zone", "time_zone", "tz", "タイムゾーン", "zeitzone"})
_MONTHS = 12
_FEW = 3


def look_at_dates(name: str, cells: Sequence[str]) -> tuple[list[Trap], Reading | None]:
    """The traps of a column, and how its dates are to be read if that can be told."""
    filled = [text[:_LONGEST] for cell in cells if not is_missing(text := cell.strip())]
    if len(filled) < _FEW:
        return [], None
    if name.casefold() in _ZONE_COLUMNS and len(set(filled)) > 1:
        return [Trap("time_zones", name, shown(filled))], None
    if guess_type(filled) != "date":
        return [], None
    traps, reading = _order(name, filled)
    forms = {form: [text for text in filled if pattern.match(text)] for form, pattern in _FORMS.items()}
    used = [texts for texts in forms.values() if texts]
    if len(used) > 1 and not traps:
        traps.append(Trap("date_forms", name, shown([texts[0] for texts in used])))
    zones = {found[1] or "none": text for text in filled if (found := _ZONE.fullmatch(text))}
    if len(zones) > 1:
        traps.append(Trap("time_zones", name, shown(list(zones.values()))))
    return traps, reading


def _order(name: str, filled: Sequence[str]) -> tuple[list[Trap], Reading | None]:
    found = [(text, match) for text in filled if (match := _PARTS.match(text))]
    days = [text for text, match in found if int(match[1]) > _MONTHS]
    months = [text for text, match in found if int(match[3]) > _MONTHS]
    if days and months:
        return [Trap("date_orders", name, shown([days[0], months[0]]))], None
    if days or months:
        return [], Reading(name, "day_first" if days else "month_first")
    unclear = [text for text, match in found if match[2] != "." and match[1] != match[3]]
    if len(set(unclear)) >= _FEW:
        return [Trap("ambiguous_dates", name, shown(unclear))], None
    return [], Reading(name, "day_first") if found and all(match[2] == "." for _, match in found) else None
