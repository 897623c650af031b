"""Confidence intervals of 95 %."""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

Z = 1.959964
_RESAMPLES = 2000


class Interval(NamedTuple):
    """From where to where."""

    low: float
    high: float


def of_share(hits: int, total: int) -> Interval:
    """Of a share, by Wilson (https://doi.org/10.2307/2276774); ``total`` is at least 1."""
    share, weight = hits / total, Z * Z / total
    centre = (share + weight / 2) / (1 + weight)
    reach = Z * sqrt(share * (1 - share) / total + weight / (4 * total)) / (1 + weight)
    return Interval(max(0.0, centre - reach), min(1.0, centre + reach))


def of_share_difference(pairs: Sequence[tuple[bool, bool]]) -> Interval:
    """Of how much larger the second share of pairs is, by Agresti and Min (https://doi.org/10.1002/sim.1781)."""
    gained = sum(after and not before for before, after in pairs) + 0.5
    lost = sum(before and not after for before, after in pairs) + 0.5
    total = len(pairs) + 2
    centre = (gained - lost) / total
    reach = Z * sqrt(gained + lost - (gained - lost) ** 2 / total) / total
    return Interval(max(-1.0, centre - reach), min(1.0, centre + reach))


def of_mean_difference(pairs: Sequence[tuple[float, float]]) -> Interval:
    """Of how much larger the second mean of pairs is, by resampling them; the same each time."""
    chance = random.Random(1)  # noqa: S311 - no secret
    differences = [after - before for before, after in pairs]
    size = len(differences)
    means = sorted(sum(chance.choices(differences, k=size)) / size for _ in range(_RESAMPLES))
    return Interval(means[round(0.025 * _RESAMPLES)], means[round(0.975 * _RESAMPLES) - 1])
