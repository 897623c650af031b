"""The numbers behind an answer, as they are shown: what was stated, the query, and what it gave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conversations.ports.windows import Number
from replies.markdown.tables import Block
from replies.views import blocks
from replies.views.wording import Wording
from untrusted.characters import spelled, whole

_MARKS = {"agrees": "✓", "differs": ":warning:"}
_SHORT = 100
"""Bytes of what stands around a query."""


def numbers_shown(wording: Wording, numbers: Sequence[Number]) -> Iterator[tuple[Block, int]]:
    """Each number with its query and result, and about how many bytes that is."""
    for number in numbers:
        mark = _MARKS.get(number.verdict, "–")
        stated = wording.say("{label}: {stated}", label=number.label or wording.plain("A number"), stated=number.stated)
        yield blocks.section(f"{mark} {stated}"), _SHORT
        query = spelled(whole(number.query))
        yield blocks.preformatted(query), len(query.encode())
        yield from ((block, _SHORT) for block in blocks.contexts([_result(wording, number)]))


def _result(wording: Wording, number: Number) -> str:
    if number.verdict == "cannot":
        return wording.say("This could not be checked.")
    return wording.say("On the file it gives {found}.", found=number.found)
