"""Which work ends its process? What was open at each death is remembered, and tried in halves until one is left.

A death belongs to a process: it makes a suspect of everything that was open in it, and proves nothing against any of
it. The table of states stands in docs/reliability.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

SUSPECT = 2
"""Deaths from which on work is a suspect. After the first one everything is simply resumed."""

PROOF = 6
"""Deaths from which on work can be set aside, when it was open alone at the last one. An operator may well kill a bot
five times while it has nothing else to do.
"""


def after_death(open_work: Mapping[str, int]) -> tuple[Mapping[str, int], str]:
    """The deaths at which work was open, with one more, and the work that is proven to have caused it, or ""."""
    counted = {work: deaths + 1 for work, deaths in open_work.items()}
    if len(counted) == 1:
        ((work, deaths),) = counted.items()
        return counted, work if deaths >= PROOF else ""
    return counted, ""


def may_begin(begun: Mapping[str, int], waiting: Mapping[str, int], expected: Mapping[str, int]) -> Collection[str]:
    """Which work may begin now; work that is no suspect does not wait for suspects, unless one has to be alone.

    Args:
        begun: What runs in this process, and at how many deaths it was open.
        waiting: What waits here to begin.
        expected: Suspects that are known to come soon; the choice waits for them.
    """
    half = _tried_next(begun, waiting, expected)
    if alone(begun, waiting, expected):
        return half if not (begun or expected) else []
    others = [work for work, deaths in waiting.items() if deaths < SUSPECT]
    return others if expected else half + others


def alone(begun: Mapping[str, int], waiting: Mapping[str, int], expected: Mapping[str, int]) -> str:
    """The suspect that has to be alone, because its next death may set it aside; "" when there is none."""
    tried = [work for work, deaths in begun.items() if deaths >= SUSPECT]
    likely = tried or _tried_next(begun, waiting, expected)
    if len(likely) == 1 and {**begun, **waiting, **expected}[likely[0]] + 1 >= PROOF:
        return likely[0]
    return ""


def _tried_next(begun: Mapping[str, int], waiting: Mapping[str, int], expected: Mapping[str, int]) -> list[str]:
    """Of the suspects with the most deaths one half; nothing while others are being tried."""
    suspects = {work: deaths for work, deaths in {**waiting, **expected}.items() if deaths >= SUSPECT}
    if not suspects or any(deaths >= SUSPECT for deaths in begun.values()):
        return []
    most = max(suspects.values())
    likely = sorted(work for work, deaths in suspects.items() if deaths == most)
    return likely[: (len(likely) + 1) // 2]
