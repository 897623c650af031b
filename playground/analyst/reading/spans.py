"""Finds spans of time in a question: years, months, quarters, and from/until, in English and Japanese."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from playground.analyst.plan import Condition
from playground.analyst.profile import Profile
from playground.analyst.reading.columns import Mention
from playground.analyst.reading.values import NUMBER_WORDS

MONTHS = {name: at for at, name in enumerate(map(str.lower, calendar.month_name)) if name}
MONTHS |= {name: at for at, name in enumerate(map(str.lower, calendar.month_abbr)) if name} | {"sept": 9}
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
DAY = (
    rf"(?:(?P<{{0}}y>(?:1[6-9]|20|21)\d\d)(?:[-/](?P<{{0}}m>\d{{{{1,2}}}})(?:[-/](?P<{{0}}d>\d{{{{1,2}}}}))?)?"
    rf"|(?:\b(?P<{{0}}f>\d{{{{1,2}}}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<{{0}}n>\b(?:{MONTH})\b)\.?(?:\s+(?P<{{0}}e>\d{{{{1,2}}}})(?:st|nd|rd"
    rf"|th)?\b(?!\d))?(?:,?\s*(?P<{{0}}z>(?:1[6-9]|20|21)\d\d))?)"
)
FIRST, SECOND = DAY.format("a"), DAY.format("b")
RANGE = re.compile(
    rf"(?P<open>\b(?:from|between)\s+)?\b{FIRST}(?:\s+(?:to|until|till|through|(?(open)and|to))\s+|\s*[-–]\s*){SECOND}"
)
SINCE = re.compile(
    rf"\b(?P<word>since|after|from|starting(?: in| from)?|until|till|before|up to"
    rf"|through)\s+(?:the\s+)?(?:year\s+)?{FIRST}"
)
QUARTER = re.compile(
    r"\b(?:q(?P<q>[1-4])(?![a-z0-9])|(?P<w>first|second|third|fourth|1st|2nd|3rd|4th)\s+quarter\b)(?:\s*(?:of|in"
    r"|,)?\s*(?P<y>(?:1[6-9]|20|21)\d\d))?"
    r"|第(?P<j>[1-4])四半期"
)
IN = re.compile(
    rf"(?P<prep>\b(?:in|for|during|o[fn]|only|within|between|year)\s+(?:the\s+|year\s+|month of\s+)*)?\b{FIRST}(?!\d)"
)
JA_DAY = r"(?:(?P<{0}y>\d{{4}})年(?:度)?)?(?:(?P<{0}m>\d{{1,2}})月)?(?:(?P<{0}d>\d{{1,2}})日)?"
JA_RANGE = re.compile(rf"{JA_DAY.format('a')}(?:から|〜|~|-){JA_DAY.format('b')}(?:まで)?")
JA_SINCE = re.compile(rf"{JA_DAY.format('a')}(?P<word>以降|以後|以前|から|まで|より前|より後)")
JA_IN = re.compile(JA_DAY.format("a"))
RELATIVE = re.compile(
    rf"\b(?:last|past|previous|latest|recent|this)\s+"
    rf"(?:(?P<n>\d{{1,3}}|{'|'.join(NUMBER_WORDS)})\s+)?(?P<unit>day|week|month|quarter|year)s?\b"
    r"|(?:直近|過去|最近の?)\s*(?P<jn>\d{1,3})\s*(?P<junit>日|週|か月|ヶ月|カ月|年)間?|(?P<jone>先月|今月|昨年"
    r"|今年|去年)"
)
JA_UNITS = {"日": "day", "週": "week", "か月": "month", "ヶ月": "month", "カ月": "month", "年": "year"}
JA_HALF = re.compile(r"(?P<half>上半期|下半期|上期|下期|\bh[12]\b|\b(?:first|second|1st|2nd) half(?: of the year)?\b)")
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
WEEKDAYS = re.compile(
    rf"\b(?:on|at|during)\s+(?:the\s+)?(?:(?P<e>weekends?)|(?P<w>weekdays)|(?P<d>{'|'.join(calendar.day_name).lower()})s?)\b"
    r"|(?P<je>土日|週末)|(?P<jw>平日)|(?P<jd>[月火水木金土日])曜日?(?![別ごは毎])"
)
YEAR = re.compile(
    r"(?:\b(?:in|for|during|of|only|year)\s+(?:the\s+)?(?:year\s+)?)?(?<!\d)(?P<y>(?:1[6-9]|20|21)\d\d)(?!\d)年?"
)
ENDS = {"after": ">", "より後": ">", "before": "<", "より前": "<"}
ENDS |= dict.fromkeys(("since", "from", "以降", "以後", "から"), "from")
"""Operator of an open end; others end with what is named."""
COMPARED = re.compile(r"(?:above|over|below|under|than|least|most|[<>=$€£¥])\s*$")
"""What stands before an amount, which looks like a year."""
Span = tuple[int, int, list[Condition]]
"""Where a span of time is named, and what it means."""


def time_spans(text: str, found: Sequence[Mention], profile: Profile) -> Iterator[Span]:
    """All spans of time that a question names, as conditions on the table's date column.

    Without a date column, a column of years serves for whole years.
    """
    column = time_column(found, profile)
    if column is None:
        return
    rest, high = text.lower(), profile[column].high[:10]
    finders = (_weekdays, _relative, _ranges, _open_ends, _quarters, _halves, _points)
    for finder in finders if profile[column].is_date else (_year_ranges, _years):
        for start, end, conditions in list(finder(rest, column, high)):
            rest = rest[:start] + " " * (end - start) + rest[end:]
            yield start, end, conditions


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
    return (value("y") or value("z"), MONTHS[named] if named else value("m"), value("d") or value("e") or value("f"))


def _relative(text: str, column: str, latest: str) -> Iterator[Span]:
    """Spans such as "last month": they end with the latest date of the data, since a file has no today."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", latest):
        return
    end = date.fromisoformat(latest)
    for match in RELATIVE.finditer(text):
        one = {"先月": "month", "今月": "month"}.get(match["jone"] or "", "year" if match["jone"] else "")
        unit = match["unit"] or JA_UNITS.get(match["junit"] or "", "") or one
        count = int(NUMBER_WORDS.get(match["n"], match["n"] or match["jn"] or 1))
        if unit in {"day", "week"}:
            start = end - timedelta(days=count * (7 if unit == "week" else 1) - 1)
        elif unit == "year":
            start = date(end.year - count + 1, 1, 1)
        else:
            first = end.year * 12 + end.month - count * (3 if unit == "quarter" else 1)
            start = date(first // 12, first % 12 + 1, 1)
        yield *match.span(), [Condition(column, "from", (start.isoformat(),))]


def _ranges(text: str, column: str, latest: str) -> Iterator[Span]:
    """From … to …; a month without a year is that of the latest year of the data."""
    for pattern in (RANGE, JA_RANGE):
        for match in pattern.finditer(text):
            first, second = _parts(match, "a"), _parts(match, "b")
            if re.search("growth|differ|差|伸び", text) or (
                "compar" in text and not match.groupdict().get("open", "ja")
            ):
                continue
            year = first[0] or second[0] or (int(latest[:4]) if first[1] and second[1] and latest else None)
            if year is None or (first[1] is None and second[1] is None and second[0] is None):
                continue
            low = _bounds(first[0] or year, *first[1:])[0]
            high = _bounds(second[0] or year, *second[1:])[1]
            yield *match.span(), [Condition(column, "from", (low,)), Condition(column, "until", (high,))]


def _open_ends(text: str, column: str, latest: str) -> Iterator[Span]:
    for pattern in (SINCE, JA_SINCE):
        for match in pattern.finditer(text):
            year, month, day = _parts(match, "a")
            if (year or month) and (year or latest[:4].isdigit()):
                first, last = _bounds(year or int(latest[:4]), month, day)
                op = ENDS.get(match["word"], "from" if match["word"].startswith("start") else "until")
                yield *match.span(), [Condition(column, op, (last if op in {">", "until"} else first,))]


def _quarters(text: str, column: str, latest: str) -> Iterator[Span]:
    for match in QUARTER.finditer(text):
        quarter = match["q"] or match["j"] or str(ORDINALS[match["w"]])
        year = [Condition(column, "year", (match["y"],))] if match["y"] else []
        yield *match.span(), [Condition(column, "quarter", (quarter,)), *year]


def _halves(text: str, column: str, latest: str) -> Iterator[Span]:
    for match in JA_HALF.finditer(text):
        months = range(1, 7) if match["half"][:2] in {"上半", "上期", "h1", "fi", "1s"} else range(7, 13)
        yield *match.span(), [Condition(column, "month", tuple(map(str, months)))]


def _weekdays(text: str, column: str, latest: str) -> Iterator[Span]:
    names = dict(zip([*map(str.lower, calendar.day_name), *"月火水木金土日"], [*range(7), *range(7)], strict=True))
    for match in WEEKDAYS.finditer(text):
        day = match["d"] or match["jd"]
        days = [names[day]] if day else range(5, 7) if match["e"] or match["je"] else range(5)
        yield *match.span(), [Condition(column, "weekday", tuple(map(str, days)))]


def _points(text: str, column: str, latest: str) -> Iterator[Span]:
    for pattern in (IN, JA_IN):
        for match in pattern.finditer(text):
            year, month, day = _parts(match, "a")
            prepared = match.groupdict().get("prep") or pattern is JA_IN
            bare_may = match.groupdict().get("an") in {"may", "mar", "march"} and not prepared and not year
            amount = not month and COMPARED.search(text[: match.start()])
            if not (year or month) or amount or (bare_may and match["an"] == "may"):
                continue
            if month and day:
                first, last = _bounds(year or int(latest[:4]), month, day)
                yield *match.span(), [Condition(column, "from", (first,)), Condition(column, "until", (last,))]
            elif not day:
                both = (("year", year), ("month", month))
                yield *match.span(), [Condition(column, op, (str(value),)) for op, value in both if value]


def _year_ranges(text: str, column: str, latest: str) -> Iterator[Span]:
    names = {"from": ">=", "until": "<="}
    for finder in (_ranges, _open_ends):
        for start, end, found in finder(text, column, latest):
            yield start, end, [Condition(column, names.get(one.op, one.op), (one.values[0][:4],)) for one in found]


def _years(text: str, column: str, latest: str) -> Iterator[Span]:
    for match in YEAR.finditer(text):
        yield *match.span(), [Condition(column, "in", (match["y"],))]
