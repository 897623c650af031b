"""Rows that stand twice, keys that do not tell rows apart, and codes that are no numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from tables.columns import is_missing
from tables.traps.trap import Trap, shown

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_CODES = frozenset(
    """id ids uid uuid key code codes nr no sku ean upc isbn gtin iban zip zipcode plz postcode postal phone tel
    telephone mobile fax account konto serial""".split()  # noqa: SIM905
)
_NUMBERED = frozenset(
    "order invoice account phone customer employee serial part policy case ticket item article product contract".split()  # noqa: SIM905
)
_SUFFIXES = ("nummer", "番号", "コード", "ｺｰﾄﾞ", "電話", "口座", "id", "ｉｄ")
_LONG = 3
_FEW = 5
_KEYS = 0.8
_COPIES = 0.2
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d{1,15})?[eE]\+?\d{1,3}")


def is_code(header: str) -> bool:
    """Whether a column's name says that it names things."""
    words = [word.casefold() for word in _WORDS.findall(header)]
    if words and (words[-1] in _CODES or words[0] in {"zip", "phone", "iban", "plz"}):
        return True
    if len(words) > 1 and words[-1] in {"number", "num"} and words[-2] in _NUMBERED:
        return True
    plain = header.strip().casefold()
    return plain.endswith(_SUFFIXES[:-2]) or plain in _SUFFIXES


def number_ids(name: str, cells: Sequence[str]) -> Trap | None:
    """Codes that lose something when they are read as numbers, or that would be added up."""
    filled = [text for cell in cells if not is_missing(text := cell.strip())]
    digits = [text for text in filled if text.isascii() and text.isdigit()]
    if len(filled) < _FEW - 2 or not filled:
        return None
    zeros = [text for text in digits if text[0] == "0" and len(text) > 1]
    if zeros and len(digits) >= 0.9 * len(filled) and max(map(len, digits)) > 1:
        return Trap("number_ids", name, shown(zeros), len(zeros))
    if not is_code(name):
        return None
    rounded = [text for text in filled if _SCIENTIFIC.fullmatch(text)]
    if rounded:
        return Trap("number_ids", name, shown(rounded), len(rounded))
    is_long = len(digits) >= 0.95 * len(filled) and min(map(len, digits)) >= _LONG
    return Trap("number_ids", name, shown(digits), len(digits)) if is_long and len(set(digits)) >= _FEW - 2 else None


def duplicate_rows(rows: Sequence[Sequence[str]], *, has_key: bool) -> Trap | None:
    """Exact copies; ``has_key``: the rows are meant to differ."""
    filled = [tuple(cell.strip() for cell in row) for row in rows if sum(bool(cell.strip()) for cell in row) > 1]
    copies = len(filled) - len(set(filled))
    if not copies or not has_key or copies > _COPIES * len(filled):
        return None
    return Trap("duplicate_rows", count=copies)


def duplicate_keys(name: str, cells: Sequence[str], *, is_first: bool) -> Trap | None:
    """A key that stands in several rows although nearly all rows have one of their own."""
    if not is_code(name) or not (is_first or name.casefold() in {"id", "key", "uuid"}):
        return None
    filled = [text for cell in cells if not is_missing(text := cell.strip())]
    counted = Counter(filled)
    several = [value for value, number in counted.items() if number > 1]
    if not several or len(filled) < _FEW or len(counted) < _KEYS * len(filled):
        return None
    return Trap("duplicate_keys", name, shown(several), len(several))
