"""The figures of a report, as tables of words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from evals.comparing import Difference
from evals.intervals import of_share
from evals.measures import AMOUNTS, SHARES, amounts, asking, verdicts
from evals.results import About, Results, Row


@dataclass(frozen=True)
class Table:
    """A heading, the columns' heads, and cells."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def tables(results: Results) -> list[Table]:
    """All figures of some results, tables without a row left out."""
    rows, currency = results.rows, results.about.currency
    found = [
        Table("Shares", ("Measure", "Share", "95 %", "Questions"), list(_shares(rows))),
        Table("Right values by kind", ("Kind", "Share", "95 %", "Questions"), list(_by_kind(rows))),
        Table("Asking back", ("Figure", "Value"), list(_asking(rows))),
        Table("Amounts", ("Of a question", "Mean", "Median", "In all"), list(_amounts(rows, currency))),
    ]
    return [table for table in found if table.rows]


def compared(found: Iterable[Difference]) -> Table:
    """What differs between two results."""
    heads = ("Measure", "Before", "After", "Change, 95 %", "Questions", "Verdict")
    return Table("Comparison", heads, [_difference(one) for one in found])


def about(told: About) -> str:
    """What was measured, in a line."""
    parts = [
        f"{told.deployment} ({told.api})",
        f"instructions {told.instructions}",
        f"questions: {told.questions}",
        told.at,
    ]
    return " · ".join(parts)


def _shares(rows: Sequence[Row]) -> Iterable[Sequence[str]]:
    for measure in SHARES:
        if found := verdicts(rows, measure.name):
            yield measure.title, *_share(found)


def _by_kind(rows: Sequence[Row]) -> Iterable[Sequence[str]]:
    for kind in sorted({row.kind for row in rows}):
        if found := verdicts([row for row in rows if row.kind == kind], "right"):
            yield kind, *_share(found)


def _share(found: Sequence[bool]) -> Sequence[str]:
    low, high = of_share(sum(found), len(found))
    return f"{sum(found) / len(found):.1%}", f"{low:.1%} to {high:.1%}", f"{sum(found)} of {len(found)}"


def _asking(rows: Sequence[Row]) -> Iterable[Sequence[str]]:
    if figures := asking(rows):
        for name, value in (("Precision", figures.precision), ("Recall", figures.recall)):
            yield name, "nothing to tell it by" if value is None else f"{value:.1%}"
        yield "Asked back, rightly", str(figures.right)
        yield "Asked back, needlessly", str(figures.needless)
        yield "Not asked back, though ambiguous", str(figures.missed)


def _amounts(rows: Sequence[Row], currency: str) -> Iterable[Sequence[str]]:
    for measure in AMOUNTS:
        if found := amounts(rows, measure.name):
            title = f"{measure.title} {currency}".rstrip() if measure.name == "cost" else measure.title
            yield title, *(_number(one) for one in (sum(found) / len(found), median(found), sum(found)))


def _difference(one: Difference) -> Sequence[str]:
    shown = (lambda value: f"{value:.1%}") if one.is_share else _number
    low, high = one.interval
    change = f"{shown(low)} to {shown(high)}"
    return one.measure.title, shown(one.before), shown(one.after), change, str(one.questions), one.verdict


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"  # noqa: PLR2004 - four digits
