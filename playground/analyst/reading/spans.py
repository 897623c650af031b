"""Finds spans of time in a question: years, months, quarters, and from/until, in English and Japanese."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date, timedelta

from playground.analyst.plan import Condition
from playground.analyst.profile import Profile
from playground.analyst.reading.clauses import blank
from playground.analyst.reading.columns import Mention
from playground.analyst.reading.vocabulary import MONTHS

MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
DAY = (
    rf"(?:(?P<{{0}}y>(?:1[6-9]|20|21)\d\d)(?:[-/](?P<{{0}}m>\d{{{{1,2}}}})(?:[-/](?P<{{0}}d>\d{{{{1,2}}}}))?)?"
    rf"|(?P<{{0}}n>\b(?:{MONTH})\b)\.?(?:\s+(?P<{{0}}e>\d{{{{1,2}}}})(?:st|nd|rd"
    rf"|th)?\b(?!\d))?(?:,?\s*(?P<{{0}}z>(?:1[6-9]|20|21)\d\d))?)"
)
FIRST, SECOND = DAY.format("a"), DAY.format("b")
RANGE = re.compile(rf"\b(?:from|between)\s+{FIRST}\s+(?:to|until|till|through|and|-)\s+{SECOND}")
SINCE = re.compile(
    rf"\b(?P<word>since|after|from|starting(?: in| from)?|until|till|before|up to"
    rf"|through)\s+(?:the\s+)?(?:year\s+)?{FIRST}"
)
QUARTER = re.compile(
    r"\b(?:q(?P<q>[1-4])|(?P<w>first|second|third|fourth|1st|2nd|3rd|4th)\s+quarter)\b(?:\s*(?:of|in"
    r"|,)?\s*(?P<y>(?:1[6-9]|20|21)\d\d))?"
    r"|第(?P<j>[1-4])四半期"
)
IN = re.compile(
    rf"(?P<prep>\b(?:in|for|during|of|on|only|within|year)\s+(?:the\s+)?(?:year\s+|month of\s+)?)?\b{FIRST}(?!\d)"
)
JA_DAY = r"(?:(?P<{0}y>\d{{4}})年(?:度)?)?(?:(?P<{0}m>\d{{1,2}})月)?(?:(?P<{0}d>\d{{1,2}})日)?"
JA_RANGE = re.compile(rf"{JA_DAY.format('a')}(?:から|〜|~|-){JA_DAY.format('b')}(?:まで)?")
JA_SINCE = re.compile(rf"{JA_DAY.format('a')}(?P<word>以降|以後|以前|まで|より前|より後)")
JA_IN = re.compile(JA_DAY.format("a"))
RELATIVE = re.compile(
    r"\b(?:last|past|previous|latest|recent|this)\s+(?:(?P<n>\d{1,3})\s+)?(?P<unit>day|week|month|quarter|year)s?\b"
    r"|(?:直近|過去|最近の?)\s*(?P<jn>\d{1,3})\s*(?P<junit>日|週|か月|ヶ月|カ月|年)間?|(?P<jone>先月|今月|昨年"
    r"|今年|去年)"
)
JA_UNITS = {"日": "day", "週": "week", "か月": "month", "ヶ月": "month", "カ月": "month", "年": "year"}
JA_HALF = re.compile(r"(?P<half>上半期|下半期|上期|下期)")
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}


def time_conditions(text: str, found: Sequence[Mention], profile: Profile) -> tuple[str, list[Condition]]:
    """The text without its spans of time, and the conditions on the table's date column.

    Without a date column, a column of years serves for whole years.
    """
    column = time_column(found, profile)
    if column is None:
        return text, []
    is_date = profile[column].is_date
    latest = profile[column].high[:4]
    conditions: list[Condition] = []
    if is_date:
        text, conditions = _relative(text, column, profile[column].high[:10])
        text, more = _spans(text, column, int(latest) if latest.isdigit() else None)
        conditions += more
    for finder in (_quarters, _halves, _points) if is_date else (_year_range, _year):
        text, more = finder(text, column)
        conditions += more
    return text, conditions


def time_column(found: Sequence[Mention], profile: Profile) -> str | None:
    """The date column that is meant: a mentioned one, else the first; else a column of years."""
    dates = [column.name for column in profile.of_kind("date")]
    named = [mention.column for mention in found if mention.column in dates]
    years = [column.name for column in profile.columns if is_year(profile, column.name)]
    return next(iter([*named, *dates, *years]), None)


def is_year(profile: Profile, name: str) -> bool:
    """Whether a column of numbers holds years."""
    column = profile[name]
    if not column.is_number or not re.search(r"year|年|\byr\b", name.lower()) or not column.whole:
        return False
    return float(column.low or 0) >= 1500 and float(column.high or 0) <= 2200


def _bounds(year: int, month: int | None, day: int | None) -> tuple[str, str]:
    """First and last day of a year, month or day, as ISO dates."""
    if month is None or not 1 <= month <= 12:
        return f"{year:04d}-01-01", f"{year:04d}-12-31"
    last = calendar.monthrange(year, month)[1]
    if day is None or not 1 <= day <= last:
        return f"{year:04d}-{month:02d}-01", f"{year:04d}-{month:02d}-{last:02d}"
    return (f"{year:04d}-{month:02d}-{day:02d}",) * 2


def _parts(match: re.Match[str], key: str) -> tuple[int | None, int | None, int | None]:
    """Year, month and day of a match."""
    groups = match.groupdict()

    def value(name: str) -> int | None:
        return int(groups[key + name]) if groups.get(key + name) else None

    named = groups.get(key + "n")
    return (value("y") or value("z"), MONTHS[named] if named else value("m"), value("d") or value("e"))


def _spans(text: str, column: str, latest: int | None) -> tuple[str, list[Condition]]:
    """Ranges and open ends; a month without a year is that of the latest year of the data."""
    text, found = _ranges(text, column, latest)
    text, more = _open_ends(text, column, latest)
    return text, [*found, *more]


def _relative(text: str, column: str, latest: str) -> tuple[str, list[Condition]]:
    """Spans such as "last month": they end with the latest date of the data, since a file has no today."""
    match = RELATIVE.search(text.lower())
    if not match or not re.fullmatch(r"\d{4}-\d\d-\d\d", latest):
        return text, []
    end = date.fromisoformat(latest)
    one = {"先月": "month", "今月": "month"}.get(match["jone"] or "", "year" if match["jone"] else "")
    unit = match["unit"] or JA_UNITS.get(match["junit"] or "", "") or one
    count = int(match["n"] or match["jn"] or 1)
    if unit in {"day", "week"}:
        start = end - timedelta(days=count * (7 if unit == "week" else 1) - 1)
    elif unit == "year":
        start = date(end.year - count + 1, 1, 1)
    else:
        months = count * (3 if unit == "quarter" else 1)
        first = end.year * 12 + end.month - months
        start = date(first // 12, first % 12 + 1, 1)
    return blank(text, match.start(), match.end()), [Condition(column, "from", (start.isoformat(),))]


def _ranges(text: str, column: str, latest: int | None = None) -> tuple[str, list[Condition]]:
    for pattern in (RANGE, JA_RANGE):
        for match in pattern.finditer(text.lower()):
            first, second = _parts(match, "a"), _parts(match, "b")
            year = first[0] or second[0] or (latest if first[1] and second[1] else None)
            if year is None or (first[1] is None and second[1] is None and second[0] is None):
                continue
            low = _bounds(first[0] or year, *first[1:])[0]
            high = _bounds(second[0] or year, *second[1:])[1]
            both = [Condition(column, "from", (low,)), Condition(column, "until", (high,))]
            return blank(text, match.start(), match.end()), both
    return text, []


def _open_ends(text: str, column: str, latest: int | None = None) -> tuple[str, list[Condition]]:
    found = []
    for pattern in (SINCE, JA_SINCE):
        while match := next((one for one in pattern.finditer(text.lower()) if any(_parts(one, "a")[:2])), None):
            year, month, day = _parts(match, "a")
            year = year or latest
            if year is None:
                break
            first, last = _bounds(year, month, day)
            op, value = {
                "after": (">", last),
                "より後": (">", last),
                "before": ("<", first),
                "より前": ("<", first),
                "until": ("until", last),
                "till": ("until", last),
                "up to": ("until", last),
                "through": ("until", last),
                "以前": ("until", last),
                "まで": ("until", last),
            }.get(match["word"], ("from", first))
            found.append(Condition(column, op, (value,)))
            text = blank(text, match.start(), match.end())
    return text, found


def _quarters(text: str, column: str) -> tuple[str, list[Condition]]:
    match = QUARTER.search(text.lower())
    if not match:
        return text, []
    quarter = match["q"] or match["j"] or str(ORDINALS[match["w"]])
    found = [Condition(column, "quarter", (quarter,))]
    if match["y"]:
        found.append(Condition(column, "year", (match["y"],)))
    return blank(text, match.start(), match.end()), found


def _halves(text: str, column: str) -> tuple[str, list[Condition]]:
    match = JA_HALF.search(text)
    if not match:
        return text, []
    months = range(1, 7) if match["half"].startswith("上") else range(7, 13)
    return blank(text, match.start(), match.end()), [Condition(column, "month", tuple(map(str, months)))]


def _points(text: str, column: str) -> tuple[str, list[Condition]]:
    years: list[str] = []
    months: list[str] = []
    days: list[Condition] = []
    for pattern in (IN, JA_IN):
        for match in list(pattern.finditer(text.lower())):
            year, month, day = _parts(match, "a")
            bare_may = match.groupdict().get("an") in {"may", "mar", "march"} and not match.groupdict().get("prep")
            if not any((year, month, day)) or (year is None and month is None) or (bare_may and not year):
                continue
            if year and month and day:
                first, last = _bounds(year, month, day)
                days += [Condition(column, "from", (first,)), Condition(column, "until", (last,))]
            else:
                years += [str(year)] if year else []
                months += [str(month)] if month else []
            text = blank(text, match.start(), match.end())
    found = [Condition(column, "year", tuple(dict.fromkeys(years)))] if years else []
    found += [Condition(column, "month", tuple(dict.fromkeys(months)))] if months else []
    return text, [*found, *days]


def _year_range(text: str, column: str) -> tuple[str, list[Condition]]:
    text, found = _ranges(text, column)
    more: list[Condition] = []
    if not found:
        text, more = _open_ends(text, column)
    names = {"from": ">=", "until": "<="}
    return text, [Condition(column, names.get(one.op, one.op), (one.values[0][:4],)) for one in [*found, *more]]


def _year(text: str, column: str) -> tuple[str, list[Condition]]:
    matches = list(
        re.finditer(
            r"(?:\b(?:in|for|during|of|only|year)\s+(?:the\s+)?(?:year\s+)?)?\b((?:1[6-9]|20|21)\d\d)\b年?",
            text.lower(),
        )
    )
    if not matches:
        matches = list(re.finditer(r"()((?:1[6-9]|20|21)\d\d)年", text))
    for match in matches:
        text = blank(text, match.start(), match.end())
    years = tuple(dict.fromkeys(match.groups()[-1] for match in matches))
    return text, [Condition(column, "==" if len(years) == 1 else "in", years)] if years else []
