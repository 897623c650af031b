"""Computes the numbers of an answer a second time, and compares."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

from receipts.comparing import agrees
from receipts.database import NotAQuery, QueryFailed, Tables, View
from receipts.form import Claim, Finding
from receipts.variants import depends_on_order, variants

_LONGEST = 40
_DAY = 86_400.0


def findings(tables: Tables, claims: Sequence[Claim]) -> Iterator[Finding]:
    """What comes of each number, in their order."""
    for claim in claims:
        yield _finding(tables, claim)


def _finding(tables: Tables, claim: Claim) -> Finding:
    asked = claim.query
    try:
        found = tables.ask(asked)
    except NotAQuery:
        return Finding("cannot", why="query")
    except QueryFailed:
        try:
            found = tables.ask(asked, "plain")  # it takes the text of a date for what it is
        except QueryFailed:
            return Finding("cannot", why="query")
    number = _number(found)
    if number is None:
        return _without(tables, claim, found)
    shown = _shown(number)
    if not (agrees(claim, number) or _agrees_otherwise(tables, claim)):
        return Finding("differs", shown)
    return Finding("cannot", shown, "constant") if _is_constant(tables, asked, number) else Finding("agrees", shown)


def _without(tables: Tables, claim: Claim, found: object) -> Finding:
    """A query without a number for its result: of nothing, the sum is 0; and ``unknown`` may be a word as any other."""
    if found is None and _agrees_otherwise(tables, claim):
        return Finding("agrees", claim.stated)
    is_sum = "sum" in claim.query.lower() and "/" not in claim.query
    if found is None and claim.value == 0 and is_sum and agrees(claim, 0.0):
        return Finding("agrees", "0")
    return Finding("cannot", why="nothing" if found is None else "kind")


def _agrees_otherwise(tables: Tables, claim: Claim) -> bool:
    """Whether the number is right under another definition, or another order of equal rows."""
    views: list[tuple[str, View]] = [(query, "main") for query in variants(claim.query)]
    views.append((claim.query, "plain"))
    if depends_on_order(claim.query):
        views.append((claim.query, "backwards"))
    for query, view in views:
        with suppress(QueryFailed):
            number = _number(tables.ask(query, view))
            if number is not None and agrees(claim, number):
                return True
    return False


def _is_constant(tables: Tables, query: str, number: float) -> bool:
    """Whether a query gives the same whatever the file holds: then it says nothing."""
    if number == 0:
        return False
    try:
        others = [_number(tables.ask(query, view)) for view in ("one", "five")]
    except QueryFailed:
        return False
    return all(other == number for other in others)


def _number(found: object) -> float | None:
    """A result as a number; days for a span of time."""
    if isinstance(found, timedelta):
        return found.total_seconds() / _DAY
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal | str):
        return None
    try:
        number = float(found)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _shown(number: float) -> str:
    """Enough of its digits for people, and for the model."""
    return f"{number:.15g}"[:_LONGEST]
