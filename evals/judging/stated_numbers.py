"""The numbers that a text states, in the forms that people and models write them in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

LONGEST = 40_000
"""Characters of a text that are looked at."""

_TOKEN = re.compile(r"(?<![\d.,'’])[-−–▲△(]?[$€£¥₩]?\d+(?:[.,'’]\d+)*(?:e[+-]?\d{1,2})?(?!\d)", re.IGNORECASE)
_SPACED = re.compile(r"(?<![\d.,])[-−–▲△(]?\d{1,3}(?: \d{3})+(?:[.,]\d+)?(?!\d)")
_AFTER = re.compile(r" ?(%|percent|prozent|[a-z]{1,8}|[千万億兆]+)", re.IGNORECASE)
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | dict.fromkeys((0xA0, 0x2009, 0x202F, 0x3000), " ")
"""Full-width forms, and the blanks that stand between thousands."""

_LONGEST_NUMBER = 60
_GROUPS = 3
_ROUNDED = 0.06
"""A number may be off by half a step of its last digit, but by no larger share than this."""

SCALES: Mapping[str, float] = {
    **dict.fromkeys(("k", "tsd", "thousand", "tausend", "千", "teur"), 1e3),
    "万": 1e4,
    **dict.fromkeys(("m", "mn", "mio", "mil", "million", "millions", "millionen"), 1e6),
    "億": 1e8,
    **dict.fromkeys(("b", "bn", "mrd", "billion", "billions", "milliarden"), 1e9),
    "兆": 1e12,
    **dict.fromkeys(("%", "percent", "prozent"), 1e-2),
}
"""What stands behind a number, and what it makes of it; the number may be meant without it, too."""


@dataclass(frozen=True)
class Stated:
    """A reading of a number in a text: ``step`` is what one in its last digit is worth."""

    value: float
    step: float

    def says(self, expected: float, tolerance: float) -> bool:
        """Whether this is an expected number, rounded as it is stated. A fall may be stated without its minus."""
        mine = abs(self.value) if expected < 0 else self.value
        off = abs(mine - abs(expected) if expected < 0 else mine - expected)
        return off <= max(tolerance * abs(expected), min(self.step / 2, _ROUNDED * abs(expected))) + 1e-9


@dataclass(frozen=True)
class Token:
    """A number as it is written, with everything that it may mean."""

    text: str
    readings: tuple[Stated, ...]

    def says(self, expected: float, tolerance: float) -> bool:
        """Whether one of its readings is an expected number."""
        return any(reading.says(expected, tolerance) for reading in self.readings)


def stated_numbers(text: str, longest: int = LONGEST) -> Iterator[Token]:
    """The numbers of a text's beginning, of so many characters."""
    plain = text[:longest].translate(_NARROW)
    for pattern in (_TOKEN, _SPACED):
        for found in pattern.finditer(plain):
            bare = found[0].replace(" ", "'").lstrip("-−–▲△($€£¥₩")
            sign = -1 if _is_minus(found[0], plain, found.start()) else 1
            if len(bare) > _LONGEST_NUMBER:
                continue
            readings = tuple(_scaled(plain, found.end(), list(_readings(bare, sign))))
            if readings:
                yield Token(found[0], readings)


def states(text: str, expected: float, tolerance: float) -> bool:
    """Whether a text states an expected number."""
    return any(token.says(expected, tolerance) for token in stated_numbers(text))


def _is_minus(token: str, text: str, begin: int) -> bool:
    """A dash behind a digit or a letter joins: ``2019-2024``, ``Q1-2``. An open bracket without its end is none."""
    if token[0] not in "-−–▲△(":
        return False
    if token[0] == "(":
        return text[begin + len(token) : begin + len(token) + 1] == ")"
    return begin == 0 or not text[begin - 1].isalnum()


def _readings(bare: str, sign: int) -> Iterator[Stated]:
    """A number without sign: with its marks as thousands, and with the last one as decimal mark."""
    digits, _, power = bare.lower().partition("e")
    scale = sign * 10.0 ** int(power or 0)
    groups = re.split(r"[.,'’]", digits)
    marks = [char for char in digits if not char.isdigit()]
    number = partial(_stated, scale=scale)
    if not marks:
        yield number(digits, "")
    elif _are_thousands(groups):
        if len(set(marks)) == 1:
            yield number("".join(groups), "")
        if len(marks) == 1 and marks[0] in ".,":
            yield number(groups[0], groups[1])
        elif len(set(marks)) > 1 and marks[-1] in ".,":
            yield number("".join(groups[:-1]), groups[-1])
    elif marks[-1] in ".," and marks[-1] not in marks[:-1] and (len(marks) == 1 or _are_thousands(groups[:-1])):
        yield number("".join(groups[:-1]), groups[-1])


def _are_thousands(groups: list[str]) -> bool:
    return len(groups[0]) <= _GROUPS and all(len(group) == _GROUPS for group in groups[1:])


def _stated(whole: str, decimals: str, scale: float) -> Stated:
    return Stated(float(f"{whole}.{decimals or 0}") * scale, 10.0 ** -len(decimals) * abs(scale))


def _scaled(text: str, end: int, readings: list[Stated]) -> Iterator[Stated]:
    yield from readings
    if after := _AFTER.match(text, end):
        word = after[1].lower()
        scale = SCALES.get(word) or SCALES.get(word[0] if word[0] in "千万億兆" else "")
        for reading in readings if scale else ():
            yield Stated(reading.value * (scale or 1), reading.step * (scale or 1))
