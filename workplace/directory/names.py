"""Looks up the names that texts need, so that they read as their readers see them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from conversations.errors import SlackError
from untrusted.off_loop import aside
from workplace.directory.channels import Channels
from workplace.directory.groups import Groups
from workplace.directory.people import People
from workplace.reading.markup import as_seen, references

_MOST = 100
"""Names that are looked up for one thread; what is beyond keeps Slack's labels."""


class Names:
    """Names of people, channels and groups."""

    def __init__(self, people: People, channels: Channels, groups: Groups) -> None:
        self._people = people
        self._channels = channels
        self._groups = groups

    async def as_seen(self, texts: Sequence[str]) -> list[str]:
        """Texts in Slack's markup as their readers see them."""
        needed = (await aside(sum(map(len, texts)), _needed, texts))[:_MOST]
        found = await asyncio.gather(*(self._name(reference) for reference in needed))
        names = dict(zip(needed, found, strict=True))
        return [await aside(len(text), as_seen, text, names) for text in texts]

    async def _name(self, reference: str) -> str:
        if reference.startswith("@"):
            return (await self._people.person(reference[1:])).name
        if reference.startswith("!"):
            return await self._groups.handle(reference.partition("^")[2])
        try:
            return await self._channels.name(reference[1:])
        except SlackError:
            return ""


def _needed(texts: Sequence[str]) -> list[str]:
    return sorted({name for text in texts for name in references(text)})
