"""Numbers as people read them."""

from __future__ import annotations

import math
from collections.abc import Sequence


def whole(value: float) -> str:
    """A count."""
    return f"{int(value):,}"


def exact(value: object) -> str:
    """A single number: two decimals, four below one, none when whole."""
    number = _number(value)
    if number is None:
        return str(value) if isinstance(value, str) else "–"
    if number == int(number) and abs(number) < 1e15:
        return f"{int(number):,}"
    if abs(number) >= 1:
        return f"{number:,.2f}"
    return f"{number:.4f}" if abs(number) >= 0.001 else f"{number:.3g}"


def in_table(value: object, largest: float) -> str:
    """A cell: as many decimals as the column's largest value needs."""
    number = _number(value)
    if number is None:
        return "" if value is None else str(value)
    if largest >= 1000 or (number == int(number) and largest >= 100):
        return f"{number:,.0f}"
    return f"{int(number):,}" if number == int(number) else f"{number:,.2f}" if largest >= 1 else f"{number:.3g}"


def percent(share: float) -> str:
    """A share of 1 as per cent."""
    return f"{share * 100:,.1f}%"


def largest_of(column: Sequence[object]) -> float:
    """The largest magnitude of a column; 0 without numbers."""
    return max((abs(number) for value in column if (number := _number(value)) is not None), default=0.0)


def is_number(value: object) -> bool:
    """Whether a value of JSON is a finite number."""
    return _number(value) is not None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
