"""Whether a number is what the files say, as far as the answer states it: rounded as it is written, in its unit."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from receipts.form import Claim
from receipts.written import Written, is_percent, readings, unit_factor

_NOISE = 1e-13
_FALLS = re.compile(
    r"\b(?:f[ea]ll\w{0,4}|drop\w{0,4}|declin\w{0,4}|decreas\w{0,4}|reduc\w{0,6}|loss\w{0,2}|lost|lower|less|down|shrink\w{0,3}"
    r"|rückgang|gesunken|verlust|weniger|minus)\b|減|低下|下落|赤字|損失",
    re.IGNORECASE,
)


def agrees(claim: Claim, found: float) -> bool:
    """Whether what a query has found is what is stated."""
    written = _meant(claim)
    if not written:
        return _near(claim.value, found, abs(claim.value) * 1e-6)
    return any(_is_stated(claim, one, found) for one in written)


def _meant(claim: Claim) -> list[Written]:
    """The readings of what is stated that the computed value allows; all usual ones when it allows none."""
    found = readings(claim.stated)
    percent, unit = is_percent(claim.stated, claim.unit, claim.label), unit_factor(claim.unit)
    allowed = []
    for one in found:
        scales = {1.0, one.factor, unit} | ({0.01, 100.0} if percent else set())
        if any(_near(abs(one.number) * scale, abs(claim.value), one.half * scale) for scale in scales):
            allowed.append(one)
    return allowed or found[:1]


def _is_stated(claim: Claim, one: Written, found: float) -> bool:
    number, value = one.number, found
    if not one.signed and found < 0 and (claim.value < 0 or _FALLS.search(claim.label)):
        value = -found  # "fell by 12 %"
    return any(_near(number, value / scale, one.half) for scale in _scales(claim, one, found))


def _scales(claim: Claim, one: Written, found: float) -> Iterator[float]:
    """By what a result may be divided to be what is written."""
    unit = unit_factor(claim.unit)
    if one.factor != 1:
        yield one.factor
        in_query = any(spelled in claim.query.lower() for spelled in _spelled(one.factor))
        if in_query or one.doubtful or _near(one.number, claim.value, one.half):
            yield 1.0
        return
    if is_percent(claim.stated, claim.unit):
        yield from _of_percent(claim.query)
        return
    yield 1.0
    if unit != 1:
        yield unit
    if is_percent(claim.label):
        yield 0.01


def _of_percent(query: str) -> Iterator[float]:
    """A query with a hundred in it gives percent, a plain quotient a fraction; a column may hold either."""
    if "100" in query or "1e2" in query.lower():
        yield 1.0
    elif "/" in query or "avg(case" in query.lower().replace(" ", ""):
        yield 0.01
    else:
        yield from (1.0, 0.01)


def _spelled(factor: float) -> tuple[str, ...]:
    return (f"{factor:.0f}", f"{factor:,.0f}".replace(",", "_"), f"{factor:.0e}".replace("e+0", "e"))


def _near(number: float, value: float, half: float) -> bool:
    if not math.isfinite(value):
        return False
    return abs(number - value) <= half * (1 + 1e-6) + abs(value) * _NOISE
