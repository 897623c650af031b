"""Tables that stand in a message's text: files whose bytes come from the question's row."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping

from conversations.ports.workplace import SharedFile, Workplace
from tables import pasted_tables
from tables.pasted import references
from untrusted.off_loop import aside

PASTED = "pasted"
"""Kind of a file that is a table in a message's text."""

_MOST, _AT_ONCE = 300, 100
"""Names that are looked up for one table; whoever is beyond keeps an id."""


async def table_bytes(workplace: Workplace, file: SharedFile, text: str) -> AsyncIterator[bytes]:
    """A table of a question's text as CSV, with names in place of Slack's references."""
    seen = await _names(workplace, text)
    for table in await aside(len(text), pasted_tables, text, seen):
        if table.name == file.name:
            yield table.data


async def _names(workplace: Workplace, text: str) -> Mapping[str, str]:
    """How the references of a text are seen; people with one name are told apart, as a table counts them."""
    wanted = (await aside(len(text), references, text))[:_MOST]
    seen: dict[str, str] = {}
    for begin in range(0, len(wanted), _AT_ONCE):
        some = wanted[begin : begin + _AT_ONCE]
        seen |= zip(some, await workplace.as_seen(some), strict=True)
    bearers = Counter(name for name, _ in {(name, _person(token)) for token, name in seen.items()})
    return {
        token: f"{name} ({_person(token)})" if bearers[name] > 1 and _person(token) else name
        for token, name in seen.items()
    }


def _person(token: str) -> str:
    return token[2:-1].partition("|")[0] if token.startswith("<@") else ""
