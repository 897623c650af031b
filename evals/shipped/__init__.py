"""The set that is shipped: small files with the traps that real ones have, and what is true of them, computed here."""

from __future__ import annotations

from itertools import chain

from evals.cases import Case


def shipped_cases() -> list[Case]:
    """All questions, in order."""
    from evals.shipped import columns, figures, follow_ups, japanese, rows, unknowable

    parts = (rows, columns, figures, japanese, follow_ups, unknowable)
    return list(chain.from_iterable(part() for module in parts for part in module.PARTS))
