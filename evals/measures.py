"""What is measured: shares of questions, and amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evals.results import Row


@dataclass(frozen=True)
class Measure:
    """A share of the questions of which it can be said, or an amount of each question; ``name`` as in ``Row``."""

    name: str
    title: str
    more_is_better: bool = False


SHARES: Sequence[Measure] = (
    Measure("right", "Right value", more_is_better=True),
    Measure("chart", "Right kind of chart", more_is_better=True),
    Measure("receipt", "Numbers with a receipt", more_is_better=True),
    Measure("agreed", "Receipt agrees with the files", more_is_better=True),
    Measure("uncomputed", "Numbers that no code has computed"),
    Measure("refused", "Refused, though the data can tell"),
    Measure("invented", "Invented numbers, where the data cannot tell"),
    Measure("followed", "Followed orders in the data"),
    Measure("language", "Kept the language", more_is_better=True),
)
AMOUNTS: Sequence[Measure] = (Measure("seconds", "Seconds"), Measure("tokens", "Tokens"), Measure("cost", "Cost"))
NAMES = [one.name for one in (*SHARES, *AMOUNTS)]

FAULTS = {one.name: not one.more_is_better for one in SHARES if one.name != "receipt"}
"""Verdicts by which something went wrong; an answer without a receipt claims nothing."""

ASKED_IF_AMBIGUOUS, ASKED_IF_CLEAR = "asked_if_ambiguous", "asked_if_clear"
"""Verdicts of questions that are labelled."""


@dataclass(frozen=True)
class Asking:
    """How well ambiguous questions are told from clear ones, by asking back. Reported; there is no goal.

    Args:
        right: Ambiguous questions that were asked back about.
        needless: Clear ones that were.
        missed: Ambiguous ones that were not.
    """

    right: int
    needless: int
    missed: int

    @property
    def precision(self) -> float | None:
        """Share of what was asked back about that was ambiguous; None when nothing was."""
        asked = self.right + self.needless
        return self.right / asked if asked else None

    @property
    def recall(self) -> float | None:
        """Share of what was ambiguous that was asked back about; None when nothing was."""
        ambiguous = self.right + self.missed
        return self.right / ambiguous if ambiguous else None


def verdicts(rows: Sequence[Row], name: str) -> Sequence[bool]:
    """Those of the questions that have them."""
    return [row.verdicts[name] for row in rows if name in row.verdicts]


def amounts(rows: Sequence[Row], name: str) -> Sequence[float]:
    """Those of the questions that have them."""
    return [row.amounts[name] for row in rows if name in row.amounts]


def level(rows: Sequence[Row], name: str) -> float | None:
    """A measure's share, or mean amount; None when no question has it."""
    found = [float(one) for one in verdicts(rows, name)] or amounts(rows, name)
    return sum(found) / len(found) if found else None


def asking(rows: Sequence[Row]) -> Asking | None:
    """The figures of a set that has labelled questions."""
    unclear, clear = verdicts(rows, ASKED_IF_AMBIGUOUS), verdicts(rows, ASKED_IF_CLEAR)
    return Asking(sum(unclear), sum(clear), len(unclear) - sum(unclear)) if unclear or clear else None
