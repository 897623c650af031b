"""Numbers as people write them: which number is meant, how far it is rounded, and by what it is multiplied."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBER = re.compile(r"\d(?:[\d.,'’ \u00a0\u202f]{0,40}\d)?(?:[eE][+\-]?\d{1,3}\b)?|[.,]\d{1,20}")
_GAP = re.compile(r"(?<=\d)[ '’\u00a0\u202f](?=\d{3}(?!\d))")
_BEFORE = re.compile(r"([(+\-−–▲△])[\s$€£¥₩A-Z~≈]{0,9}\Z")
_WORD = re.compile(r"[^\W\d_]{1,20}\.?|%|‰")
_ABOUT = re.compile(
    r"[~≈<>≥≤]|\b(?:about|around|approx\w{0,10}|roughly|nearly|almost|over|more than|less than|under|some|circa|ca|rund"
    r"|etwa|knapp|gut|über|fast)\b|約|およそ|ほぼ|以上|以下|超|弱|強",
    re.IGNORECASE,
)
_FACTORS = {
    "k": 1e3, "thousand": 1e3, "thousands": 1e3, "tsd": 1e3, "tausend": 1e3, "千": 1e3,
    "万": 1e4, "萬": 1e4,
    "m": 1e6, "mm": 1e6, "mn": 1e6, "mln": 1e6, "mio": 1e6, "million": 1e6, "millions": 1e6, "millionen": 1e6,
    "億": 1e8, "亿": 1e8,
    "b": 1e9, "bn": 1e9, "billion": 1e9, "billions": 1e9, "mrd": 1e9, "milliarde": 1e9, "milliarden": 1e9,
    "t": 1e12, "tn": 1e12, "trillion": 1e12, "trillions": 1e12, "兆": 1e12,
    "lakh": 1e5, "lakhs": 1e5, "crore": 1e7, "crores": 1e7,
}  # fmt: skip
_DOUBTFUL = frozenset("mbt")
"""Letters that are units as well: metres, bytes, tonnes."""

_THOUSAND = re.compile(r"[kKT](?:EUR|USD|JPY|GBP|CHF)")
_PERCENT = re.compile(
    r"%|\b(?:percent\w{0,6}|pct|pp|p\.p|pts?|points?|prozent\w{0,6}|share|rate|ratio|fraction|anteil|quote|margin|marge|proportion"
    r"|growth)\b|率|割合|比|パーセント|ポイント|シェア",
    re.IGNORECASE,
)
_MYRIADS = re.compile(r"(\d[\d,.]{0,20})([兆億亿万萬千]?)")
_GROUP = 3


@dataclass(frozen=True)
class Written:
    """One reading of a number.

    ``number`` is what the digits say, ``half`` half a unit of the last of them; ``factor`` what the words behind them
    multiply by (1 for nothing), ``doubtful``: they may be a unit; ``signed``: its sign is written.
    """

    number: float
    half: float
    factor: float = 1.0
    doubtful: bool = False
    signed: bool = False


def readings(stated: str) -> list[Written]:
    """All readings of the numbers in a text, the usual one of each first."""
    text = unicodedata.normalize("NFKC", stated)
    about = _ABOUT.search(text) is not None
    found: list[Written] = []
    place = total = 0
    for match in _NUMBER.finditer(text):
        factor, end = _factor(text, match.end())
        sign = _BEFORE.search(text[max(0, match.start() - 12) : match.start()])
        for number, decimals in _readings(match[0]):
            half = _half(match[0], number, decimals, about=about)
            mark = sign[1] if sign else "+"
            negative = mark != "+" and (mark != "(" or ")" in text[match.end() :])
            if found and text[place : match.start()].strip() in {"-", "–"}:  # 3–5
                negative = False
            doubtful = text[match.end() : end].strip().lower() in _DOUBTFUL
            found.append(Written(-number if negative else number, half, factor, doubtful, bool(sign)))
        place, total = match.end(), total + 1
    if total > 1 and (joined := _in_myriads(text)):
        found.insert(0, joined)
    return found


def unit_factor(unit: str) -> float:
    """By what a unit multiplies: ``k EUR`` is 1,000."""
    text = unicodedata.normalize("NFKC", unit)
    if text.startswith(("k€", "k$", "K€", "K$")) or _THOUSAND.fullmatch(text):
        return 1e3
    words = [found[0].rstrip(".") for found in _WORD.finditer(text)]
    for word in words:
        if word.lower() in _FACTORS and (word.lower() not in _DOUBTFUL or len(words) > 1):
            return _FACTORS[word.lower()]
    return _FACTORS.get(text[:1], 1.0) if text[:1] in "千万億兆" and text else 1.0


def is_percent(*texts: str) -> bool:
    """Whether a text speaks of percent, or of what is told in percent."""
    return any(_PERCENT.search(unicodedata.normalize("NFKC", text)) for text in texts)


def _readings(token: str) -> Iterator[tuple[float, int]]:
    """The number that digits and separators are, and how many digits stand behind the decimal sign."""
    digits, _, exponent = token.lower().partition("e")
    digits = _GAP.sub("", digits).replace(" ", "").strip("'’ ")
    shift = int(exponent) if exponent else 0
    for plain in plain_forms(digits):
        try:
            number = float(plain)
        except ValueError:
            continue
        decimals = len(plain.partition(".")[2])
        yield number * 10.0**shift, decimals - shift


def plain_forms(digits: str) -> list[str]:
    """The digits with a point before the decimals, or with none; two forms where both may be meant."""
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        decimal, group = (",", ".") if comma > point else (".", ",")
        return [digits.replace(group, "").replace(decimal, ".")]
    mark = "," if comma >= 0 else "." if point >= 0 else ""
    if not mark:
        return [digits]
    before, _, after = digits.rpartition(mark)
    grouped = digits.replace(mark, "")
    if digits.count(mark) > 1:
        return [grouped]
    decimal = f"{before or '0'}.{after}"
    if len(after) != _GROUP or before in ("", "0"):
        return [decimal]
    return [grouped, decimal] if mark == "," else [decimal, grouped]


def _half(token: str, number: float, decimals: int, *, about: bool) -> float:
    unit = 10.0**-decimals
    if not about:
        return unit / 2
    if decimals <= 0 and number:
        zeros = len(str(int(abs(number)))) - len(str(int(abs(number))).rstrip("0"))
        unit = 10.0**zeros
    return unit


def _factor(text: str, end: int) -> tuple[float, int]:
    """What the word right behind a number multiplies by, and where it ends."""
    gap = len(text[end:]) - len(text[end:].lstrip(" \u00a0\u202f-"))
    for longest in (12, 1):
        word = _WORD.match(text, end + min(gap, 2), end + min(gap, 2) + longest)
        if word is None:
            break
        key = word[0].rstrip(".").lower()
        for known in (key, key[:1] if key[:1] in "千万億兆亿萬" else ""):
            if known in _FACTORS:
                return _FACTORS[known], word.end()
    return 1.0, end


def _in_myriads(text: str) -> Written | None:
    """``1億2300万`` as one number."""
    pieces = list(_MYRIADS.finditer(text))
    if not pieces or not pieces[0][2] or len(pieces) == 1:
        return None
    if any(later.start() != one.end() for one, later in itertools.pairwise(pieces)):
        return None
    total, last = 0.0, 1.0
    for piece in pieces:
        last = _FACTORS.get(piece[2], 1.0)
        total += float(piece[1].replace(",", "") or 0) * last
    return Written(total, last / 2)
