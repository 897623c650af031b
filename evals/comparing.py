"""Compares two results of one set, question by question: deployments, or instructions, A against B."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from evals.intervals import Interval, of_mean_difference, of_share_difference
from evals.measures import AMOUNTS, SHARES, Measure
from evals.results import Results, Row

Verdict = Literal["better", "worse", "no difference seen"]


@dataclass(frozen=True)
class Difference:
    """Of a measure, over the questions that both have: levels before and after, and the interval of what changed."""

    measure: Measure
    questions: int
    before: float
    after: float
    interval: Interval

    @property
    def is_share(self) -> bool:
        """Whether levels are shares."""
        return self.measure in SHARES

    @property
    def verdict(self) -> Verdict:
        """What can be said with confidence."""
        if self.interval.low <= 0 <= self.interval.high:
            return "no difference seen"
        return "better" if (self.interval.low > 0) == self.measure.more_is_better else "worse"


def differences(before: Results, after: Results) -> Iterator[Difference]:
    """Of all measures of which both results have questions in common."""
    earlier = {row.id: row for row in before.rows}
    pairs = [(earlier[row.id], row) for row in after.rows if row.id in earlier]
    for measure in SHARES:
        shares = [(bool(a), bool(b)) for a, b in _common(pairs, measure.name, "verdicts")]
        if shares:
            yield _difference(measure, [(float(a), float(b)) for a, b in shares], of_share_difference(shares))
    for measure in AMOUNTS:
        if amounts := _common(pairs, measure.name, "amounts"):
            yield _difference(measure, amounts, of_mean_difference(amounts))


def _common(
    pairs: list[tuple[Row, Row]], name: str, where: Literal["verdicts", "amounts"]
) -> list[tuple[float, float]]:
    held: list[tuple[Mapping[str, float], Mapping[str, float]]] = [
        (getattr(a, where), getattr(b, where)) for a, b in pairs
    ]
    return [(a[name], b[name]) for a, b in held if name in a and name in b]


def _difference(measure: Measure, pairs: list[tuple[float, float]], interval: Interval) -> Difference:
    size = len(pairs)
    return Difference(measure, size, sum(a for a, _ in pairs) / size, sum(b for _, b in pairs) / size, interval)
