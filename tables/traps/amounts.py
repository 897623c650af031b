"""Cells that hold an amount: its value, what stands at it (a currency, a unit), and how its decimals are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Style = Literal["", "comma", "point"]

LONGEST = 40
_COUNTED = frozenset("% ％ ‰ pcs pc stk x 個 人 件 台 本 名 歳 回".split())  # noqa: SIM905 - what may stand at a number besides
_AMOUNT = re.compile(
    r"(?P<open>[(▲△]?)(?P<sign>[-−+]?)(?P<before>[^\d\s.,()+−-]{0,4}) ?(?P<minus>[-−+]?)"
    r"(?P<digits>\d[\d.,'’ ]*)(?P<after>[^\d.,()+−]{0,8})\)?"
)
_GROUPS = re.compile(r"\d{1,3}(?:[,.]\d{3})+")
_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})

CURRENCIES = {
    "€": "EUR", "$": "USD", "us$": "USD", "£": "GBP", "¥": "JPY", "￥": "JPY", "円": "JPY", "元": "CNY", "₩": "KRW",
    "원": "KRW", "₹": "INR", "kr": "kr", "zł": "PLN", "r$": "BRL", "chf": "CHF", "fr": "CHF", "fr.": "CHF",
}  # fmt: skip
CODES = frozenset(
    "eur usd gbp jpy cny chf cad aud nzd sek nok dkk pln czk huf inr krw brl mxn zar try sgd hkd ils rub".split()  # noqa: SIM905
)
KINDS = [
    frozenset(units.split())
    for units in (
        "mg g kg t to tonne tonnes lb lbs oz gram grams",
        "mm cm m km in inch ft mi mile miles yd",
        "ml cl l liter litre liters gal",
        "ms s sec secs min mins h hr hrs hour hours day days d",
        "b kb mb gb tb kib mib gib",
        "°c °f",
        "k m mio bn mrd b",
        "km/h mph m/s",
        "wh kwh mwh gwh",
    )
]
"""Units of one kind can be converted into each other, so that people write one or the other."""

UNITS = frozenset().union(*KINDS)


@dataclass(frozen=True)
class Amount:
    """An amount; ``comma`` if it is read with a decimal comma, and what its spelling tells (``style``)."""

    value: float
    mark: str
    style: Style


def amount(cell: str, *, comma: bool = False) -> Amount | None:
    """A cell as an amount; None for anything else. ``comma``: a single separator of the column stands for decimals."""
    text = cell.translate(_BLANKS).strip()
    found = _AMOUNT.fullmatch(text) if 0 < len(text) <= LONGEST else None
    if found is None:
        return None
    digits = found["digits"].replace(" ", "").replace("'", "").replace("’", "").rstrip(".,")
    plain, style = _plain(digits, comma=comma)
    before, after = found["before"].strip(), found["after"].strip()
    known = not after or after in _COUNTED or currency(after) or unit(after)
    if not plain or not known or (before and not currency(before)):
        return None
    negative = found["open"] or found["sign"] in {"-", "−"} or found["minus"] in {"-", "−"}
    return Amount(-float(plain) if negative else float(plain), before or after, style)


def amounts(cells: Sequence[str]) -> list[Amount | None]:
    """The cells of a column, read alike: with decimal commas if any of them can be read in no other way."""
    first = [amount(cell) for cell in cells]
    styles = {one.style for one in first if one}
    return [amount(cell, comma=True) for cell in cells] if styles & {"comma"} and "point" not in styles else first


def currency(mark: str) -> str:
    """The currency that a mark stands for, or ""."""
    plain = mark.casefold().strip(".")
    return CURRENCIES.get(plain, CURRENCIES.get(mark.casefold(), plain.upper() if plain in CODES else ""))


def unit(mark: str) -> str:
    """The unit that a mark stands for, or ""; M and m are two."""
    return mark if mark.casefold() in UNITS else ""


def _plain(digits: str, *, comma: bool) -> tuple[str, Style]:
    """Digits as Python reads them; "" when the separators make no number."""
    last = max(digits.rfind(","), digits.rfind("."))
    if last < 0:
        return digits, ""
    mark, whole, decimals = digits[last], digits[:last], digits[last + 1 :]
    other = "." if mark == "," else ","
    if other in whole:
        grouped = _GROUPS.fullmatch(whole) and mark not in whole
        return (f"{whole.replace(other, '')}.{decimals}", "comma" if mark == "," else "point") if grouped else ("", "")
    is_grouped = bool(_GROUPS.fullmatch(digits)) and whole != "0"
    if mark in whole or (is_grouped and (mark == ".") == comma):
        return (digits.replace(mark, ""), "") if is_grouped else ("", "")
    if is_grouped:
        return f"{whole}.{decimals}", ""
    return f"{whole}.{decimals}", "comma" if mark == "," else "point"
