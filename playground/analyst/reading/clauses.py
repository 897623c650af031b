"""Parts of a question that speak of form, not of data: order, chart, top N, calendar grain, functions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playground.analyst.plan import Chart
from playground.analyst.reading.vocabulary import AGGREGATES, CHARTS, GRAINS, LEAST

DIRECTION = r"(?:asc(?:ending)?|desc(?:ending)?|low(?:est)? to high(?:est)?|high(?:est)? to low(?:est)?)"
ORDER = re.compile(
    rf"(?:[,?.]?\s*(?:\b(?:and|please|could you|can you|i want to|show)\b[^,.?]{{0,14}}?\s)?"
    rf"\b(?:rank|order|sort|list|display|show)(?:ed|s)?\b(?P<what>[^,.?]{{0,60}}?)"
    rf"\b(?P<how>{DIRECTION})\b(?:\s+order)?(?P<after>[^,.?]*))",
)
TAIL = re.compile(rf"\b(?:in|from)\s+(?P<how>{DIRECTION})\b(?:\s+order)?(?P<after>[^,.?]*)")
SORTED_BY = re.compile(r"\b(?:sort(?:ed)?|order(?:ed)?)\s+(?:by|in)\b(?P<what>[^,.?]*)")
JA_ORDER = re.compile(r"(?P<how>降順|昇順|大きい順|小さい順|多い順|少ない順|高い順|低い順)(に|で)?")
NUMBER_WORDS = {
    word: index + 1
    for index, word in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
}
TOP = re.compile(
    rf"\b(?P<word>top|bottom|best|worst|first|largest|biggest|highest|lowest|smallest)[\s-]+"
    rf"(?P<n>\d{{1,3}}|{'|'.join(NUMBER_WORDS)})\b"
    rf"|\b(?P<n2>\d{{1,3}}|{'|'.join(NUMBER_WORDS)})\s+(?P<word2>most|least|largest|biggest|highest|lowest"
    rf"|smallest|best|worst|top)\b"
    r"|\b(?P<n4>\d{1,3})\s+(?:\w+\s+)?with\s+(?:the\s+)?(?P<word4>most|least|largest|biggest|highest|lowest|smallest)\b"
    r"|(?P<word3>上位|下位|トップ|ワースト|ベスト)\s*(?P<n3>\d{1,3})"
)


@dataclass(frozen=True)
class Order:
    """How the result is sorted. ``by_label`` is about the categories (x axis), else about the values."""

    ascending: bool
    by_label: bool
    words: str


@dataclass(frozen=True)
class Function:
    """An aggregate function and where the question names it."""

    name: str
    start: int
    end: int


def blank(text: str, start: int, end: int) -> str:
    """The text with a span overwritten by spaces, so that places stay."""
    return text[:start] + " " * (end - start) + text[end:]


def take_order(text: str) -> tuple[str, Order | None]:
    """The text without its sorting clause, and the clause."""
    lower = text.lower()
    for pattern in (ORDER, TAIL, JA_ORDER):
        for match in pattern.finditer(lower):
            parts = match.groupdict()
            how = parts["how"]
            said = f"{parts.get('what') or ''} {parts.get('after') or ''}"
            ascending = how.startswith(("asc", "low")) or how in {"昇順", "小さい順", "少ない順", "低い順"}
            by_label = bool(re.search(r"\bx\b|\bx[- ]axis|\bnames?\b", said)) and not re.search(r"\by\b", said)
            return blank(text, match.start(), match.end()), Order(ascending, by_label, said.strip())
    if plain := SORTED_BY.search(lower):
        return blank(text, plain.start(), plain.end()), Order(False, False, plain["what"].strip())
    return text, None


def take_chart(text: str) -> tuple[str, Chart]:
    """The text without the words for a chart, and the kind of chart."""
    kind: Chart = ""
    for name, pattern in CHARTS:
        for match in reversed(list(re.finditer(pattern, text.lower()))):
            text = blank(text, match.start(), match.end())
            if not kind:
                kind = name  # type: ignore[assignment]
    return text, kind


def take_top(text: str) -> tuple[str, int, bool]:
    """The text without "top N", N (0 = all), and whether the smallest are meant."""
    match = TOP.search(text.lower())
    if not match:
        return text, 0, False
    number = next(match[key] for key in ("n", "n2", "n3", "n4") if match[key])
    word = next(match[key] for key in ("word", "word2", "word3", "word4") if match[key])
    count = NUMBER_WORDS.get(number) or int(number)
    return blank(text, match.start(), match.end()), count, bool(LEAST.search(word)) or word == "ワースト"


def take_grain(text: str) -> tuple[str, str]:
    """The text without the words for a calendar grain, and the resampling rule."""
    for rule, pattern in GRAINS:
        if match := re.search(pattern, text.lower()):
            return blank(text, match.start(), match.end()), rule
    return text, ""


def functions(text: str) -> list[Function]:
    """Aggregate functions that the text names, in its order."""
    found: list[Function] = []
    lower = text.lower()
    for name, pattern in AGGREGATES:
        for match in re.finditer(pattern, lower):
            if all(match.end() <= other.start or other.end <= match.start() for other in found):
                found.append(Function(name, match.start(), match.end()))
    return sorted(found, key=lambda function: function.start)


def axes(text: str) -> tuple[str, str] | None:
    """What "x axis … y axis …" says of each, or None."""
    match = re.search(
        r"\bx[- ]axis\s+(?:is\s+)?(.+?)\s*,?\s*(?:and\s+)?\by[- ]axis\s+(?:is\s+)?([^,.?]+)", text.lower()
    )
    return (match[1], match[2]) if match else None
