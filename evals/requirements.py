"""What a report must reach, so that it can stand in a pipeline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evals.measures import NAMES, level
from evals.results import Row

_FORM = re.compile(r"([a-z]+) ?(>=|<=) ?(\d{1,9}(?:\.\d{1,9})?)")


@dataclass(frozen=True)
class Requirement:
    """A measure's least share or amount, or the most."""

    name: str
    at_least: bool
    bound: float

    def unmet(self, rows: Sequence[Row]) -> str:
        """In words, why rows do not reach it; "" when they do."""
        found = level(rows, self.name)
        if found is None:
            return f"{self.name} was not measured"
        if (found >= self.bound) if self.at_least else (found <= self.bound):
            return ""
        return f"{self.name} is {found:.4g}, not {'>=' if self.at_least else '<='} {self.bound:g}"


def read_requirement(text: str) -> Requirement:
    """A requirement such as ``right>=0.9``; raises ``ValueError`` with what is wrong."""
    found = _FORM.fullmatch(text.strip())
    if not found or found[1] not in NAMES:
        raise ValueError(f"must be like right>=0.9, of {', '.join(NAMES)} (it is {text!r})")
    return Requirement(found[1], found[2] == ">=", float(found[3]))
