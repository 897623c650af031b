"""Finds the values of the table that a question names, and its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from playground.analyst.profile import Column
from playground.analyst.reading.language import CJK, normal
from playground.analyst.reading.lexicon import WORDS, is_word

NUMBER = re.compile(
    r"[$€£¥]?\s*(?<![a-z\d.])(?P<n>-?\d+(?:,\d{3})*(?:\.\d+)?)\s*(?P<u>(?:k|m|million|thousand|billion)(?![a-z])|万|千|億|%)?"
    r"(?![a-z\d])"
)
UNITS = {"k": 1e3, "thousand": 1e3, "千": 1e3, "万": 1e4, "億": 1e8, "%": 0.01}
UNITS |= {"m": 1e6, "million": 1e6, "billion": 1e9}
OPERATORS: list[tuple[str, str, str]] = WORDS["operators"]
COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBER_WORDS = {word: str(count) for count, word in enumerate(COUNTS, start=1)}
WORDED = re.compile(rf"(?<![a-z])(?:{'|'.join(COUNTS[1:])}|(?<=than )one)(?![a-z])")


def operators(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Comparisons of a lower-case text: ``operator`` or ``operator_after``, which one, and where."""
    for op, english, japanese in OPERATORS:
        for match in re.finditer(rf"(?<![a-z<>=])(?:{english})(?![a-z=])", text):
            yield "operator", op, *match.span()
        for match in re.finditer(rf"[円個人点歳件]?(?:{japanese})の?", text) if japanese else ():
            yield "operator_after", op, *match.span()


def numbers(text: str) -> Iterator[tuple[str, int, int]]:
    """Numbers of a text, their units applied (``10%`` is 0.1), and where."""
    for match in NUMBER.finditer(text):
        value = round(float(match["n"].replace(",", "")) * UNITS.get((match["u"] or "").lower(), 1), 9)
        yield str(int(value)) if value == int(value) else repr(value), match.start("n"), match.end()
    for match in WORDED.finditer(text):
        yield NUMBER_WORDS[match[0]], *match.span()


def values(text: str, column: Column) -> Iterator[tuple[str, int, int]]:
    """The values of a column that the text names, and where."""
    if column.kind in {"category", "text", "flag"}:
        for value in column.values:
            plain = normal(value)
            undotted = plain.replace(".", "")
            for spelled in {plain, undotted if len(undotted) >= 3 else plain} - {""}:
                yield from ((value, *match.span()) for match in _pattern(spelled).finditer(text))


@lru_cache(maxsize=4096)
def _pattern(value: str) -> re.Pattern[str]:
    """Where a value stands: short ones and those that are words of their own must be quoted or written alike."""
    escaped = re.escape(value)
    quoted = rf"(?<=['\"“‘「『]){escaped}(?=['\"”’」』,])|(?<= is ){escaped}(?![A-Za-z0-9])"
    if CJK.search(value):
        alone = rf"(?<![\u30a0-\u30ff\u3400-\u9fff]){escaped}(?=の|だけ|のみ|と|、|は|以外|別|かつ)"
        return re.compile(escaped if len(value) >= 2 else rf"{quoted}|{alone}")
    if is_word(value) or len(value) < 2 or (value.isdigit() and len(value) < 3):
        return re.compile(quoted)
    if len(value) >= 4:
        return re.compile(rf"(?<![a-z0-9]){escaped}(?:e?s)?(?![a-z0-9])", re.IGNORECASE)
    return re.compile(rf"(?<![A-Za-z0-9]){escaped}(?![A-Za-z0-9])" if value != value.lower() else quoted)
