"""The numbers that a text states, in any spelling, and how exactly it states them. Pure; all text is foreign."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from receipts.written import plain_forms

_FENCE = re.compile(r"^ {0,3}(```+|~~~+)", re.MULTILINE)
_ADDRESS = re.compile(r"(?:https?://|sandbox:|mailto:)[^\s<>()|\]]+")
_NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u2009\u202f'’]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*")
_MOMENT = re.compile(
    r"\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?(?!\d)|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?!\d)|\d{1,2}:\d{2}(?::\d{2})?(?!\d)"
    r"|\d{1,4}[年月日時分]"
)
_SCALE = re.compile(
    r"[ \u00a0]?(thousand|million|billion|trillion|mio|mrd|bn|mm|tsd|[kKmMB](?![A-Za-z])|千|百万|万|億|兆)",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"[ \u00a0]?(?:%|percent|per cent|pp\b|パーセント|ポイント|割)", re.IGNORECASE)
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|ère|e|º|ª|位|番目)(?![A-Za-z])", re.IGNORECASE)
_LISTED = re.compile(r"(?:^|\n)[ \t>*|_#-]*$")
_COUNTING = re.compile(
    r"(?:top|bottom|first|last|next|previous|past|best|worst|step|option|table|chart|figure|sheet|page|row|line|no\.|"
    r"nr\.|number|#|上位|下位|最初の|直近|第|図|表)[ \u00a0*_-]{0,3}$",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_MONTH_BEFORE = re.compile(_MONTH + r"\.?[ \u00a0]$", re.IGNORECASE)
_MONTH_AFTER = re.compile(r"\.?[ \u00a0]" + _MONTH + r"(?![A-Za-z])", re.IGNORECASE)
_ABOUT = re.compile(
    r"(?:about|around|roughly|approximately|nearly|almost|over|under|than|some|circa|ca\.|etwa|rund|environ|約|およそ|ほぼ|~|≈)"
    r"[ \u00a0*_$€£¥]{0,3}$",
    re.IGNORECASE,
)
_SCALES = {
    "thousand": 1e3, "tsd": 1e3, "k": 1e3, "千": 1e3, "万": 1e4, "million": 1e6, "mio": 1e6, "mm": 1e6, "m": 1e6,
    "百万": 1e6, "億": 1e8, "billion": 1e9, "bn": 1e9, "mrd": 1e9, "b": 1e9, "trillion": 1e12, "兆": 1e12,
}  # fmt: skip
_BEFORE = 24
"""Characters before a number that may say what it is."""

_PLAIN = str.maketrans("０１２３４５６７８９，．％：／", "0123456789,.%:/")
_LONGEST = 40
"""Digits of a number that are looked at."""

FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True)
class Reading:
    """What a number may mean: its value without a sign, and by how much the true one may differ, rounded as stated."""

    value: float
    slack: float


@dataclass(frozen=True)
class Stated:
    """A number in a text: as it is written, and its readings (1,234 may be a thousand, or one and a bit)."""

    words: str
    readings: Sequence[Reading]
    is_percent: bool = False


def stated(text: str) -> list[Stated]:
    """The numbers that a text claims: without code, addresses, dates, years, ordinals, and numbers that only count."""
    prose = _ADDRESS.sub(" ", _without_fences(text.translate(_PLAIN)))
    return [_stated(prose, found) for found in _numbers(prose) if not _is_no_claim(prose, found)]


def values(text: str) -> Iterator[float]:
    """All numbers of a text, in each of their readings."""
    plain = text.translate(_PLAIN)
    for found in _NUMBER.finditer(plain):
        yield from (float(digits[:_LONGEST]) for digits in _spellings(found[0]))


def _without_fences(text: str) -> str:
    """The text without its blocks of code."""
    kept, begin, fence = [], 0, ""
    for found in _FENCE.finditer(text):
        if not fence:
            kept.append(text[begin : found.start()])
            fence = found[1]
        elif found[1][0] == fence[0] and len(found[1]) >= len(fence):
            fence, begin = "", found.end()
    return "\n".join([*kept, "" if fence else text[begin:]])


def _numbers(text: str) -> Iterator[re.Match[str]]:
    """The numbers outside of dates and times."""
    moments, position = _MOMENT.finditer(text), 0
    moment = next(moments, None)
    while found := _NUMBER.search(text, position):
        while moment and moment.end() <= found.start():
            moment = next(moments, None)
        if moment and moment.start() <= found.start():
            position = max(moment.end(), found.end())
            continue
        position = found.end()
        yield found


def _is_no_claim(text: str, found: re.Match[str]) -> bool:
    """Whether a number is part of a name, a year, a place in a list or in an order, or only says how many are shown."""
    begin, end = found.span()
    before, after = text[max(0, begin - _BEFORE) : begin], text[end : end + _BEFORE]
    return (
        _is_in_name(before, after)
        or (len(found[0]) == len("2026") and _is_year(found[0]) and not _PERCENT.match(after))
        or bool(_LISTED.search(before) and re.match(r"[.)](?:[\s*_]|$)", after))
        or bool(_ORDINAL.match(after) or _COUNTING.search(before))
        or bool(_MONTH_BEFORE.search(before) or _MONTH_AFTER.match(after))
    )


def _is_in_name(before: str, after: str) -> bool:
    """Whether letters are tied to a number: Q1, UTF-8, sales_2024, 2024_sales."""
    if before and (before[-1] == "_" or (before[-1].isascii() and before[-1].isalpha())):
        return True
    tied = len(before) > 1 and before[-1] in "-/." and before[-2].isalpha() and before[-2].isascii()
    return tied or after.startswith("_")


def _is_year(digits: str) -> bool:
    return digits.isdigit() and FIRST_YEAR <= int(digits) <= LAST_YEAR


def _stated(text: str, found: re.Match[str]) -> Stated:
    begin, end = found.span()
    scale = _SCALE.match(text, end)
    factor = _SCALES[scale[1].lower()] if scale else 1.0
    is_about = bool(_ABOUT.search(text[max(0, begin - _BEFORE) : begin]))
    after = scale.end() if scale else end
    factors = {factor, 1.0} if scale and len(scale[1]) == 1 and scale[1].isascii() else {factor}  # 5 m may be metres
    readings = [_reading(one, by, is_about=is_about) for one in _spellings(found[0]) for by in sorted(factors)]
    return Stated(text[begin:after], readings, bool(_PERCENT.match(text, after)))


def _reading(digits: str, factor: float, *, is_about: bool) -> Reading:
    whole, _, decimals = digits[:_LONGEST].partition(".")
    unit = 10.0 ** -len(decimals)
    if is_about and not decimals:
        unit *= 10.0 ** (len(whole) - len(whole.rstrip("0") or "0"))
    value = float(digits[:_LONGEST]) * factor
    return Reading(value, unit * factor / 2 + abs(value) * 1e-9)


def _spellings(written: str) -> list[str]:
    """How a number may be meant, with a decimal point: commas and points may divide either way."""
    plain = re.sub(r"[ \u00a0\u2009\u202f'’]", "", written)
    return [one for one in plain_forms(plain) if one.count(".") <= 1]
