"""Whether what an answer states can be known: from what code has printed, from the files' facts, or the question."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from conversations.numbers.stated import Reading, Stated, values


def ungrounded(claims: Iterable[Stated], sources: Iterable[str]) -> list[str]:
    """The numbers of an answer that stand in none of its sources, rounded or scaled as they may be; as written."""
    known = sorted({value for source in sources for value in values(source)})
    return [claim.words for claim in claims if not _stands_in(known, claim)]


def _stands_in(known: Sequence[float], claim: Stated) -> bool:
    readings = list(claim.readings)
    if claim.is_percent:  # code prints a share as a fraction
        readings += [Reading(one.value / 100, one.slack / 100) for one in readings]
    return any(_is_near(known, one) for one in readings)


def _is_near(known: Sequence[float], reading: Reading) -> bool:
    place = bisect_left(known, reading.value - reading.slack)
    return place < len(known) and known[place] <= reading.value + reading.slack
