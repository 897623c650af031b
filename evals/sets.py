"""The sets that are shipped, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from errors import CannotStart
from evals.cases import Case
from evals.own_sets import QUESTIONS, read_set


def named_set(name: str) -> list[Case]:
    """The questions of a shipped set, or of a folder.

    Raises:
        CannotStart: There is no such set, or something is wrong with it.
    """
    if name in SETS:
        return SETS[name]()
    if not (Path(name) / QUESTIONS).is_file():
        raise CannotStart(f"{name} is neither a set ({', '.join(SETS)}) nor a folder with {QUESTIONS}.")
    return read_set(Path(name))


def _shipped() -> list[Case]:
    from evals.shipped import shipped_cases

    return shipped_cases()


def _smoke() -> list[Case]:
    """Those that the playground's offline analyst gets right, by kind."""
    return [case for case in _shipped() if case.id in _SMOKE]


def _ambiguous() -> list[Case]:
    from evals.shipped.reading import FILES

    return read_set(FILES, "ambiguous.jsonl")


SETS: Mapping[str, Callable[[], list[Case]]] = {"shipped": _shipped, "smoke": _smoke, "ambiguous": _ambiguous}
_SMOKE = {"chart-bar", "ja-tokyo", "next-shop", "order-mean"}
