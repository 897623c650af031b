"""What people see before they ask: the home tab, and what they may ask in a direct message."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from conversations.jobs.presses import Presses
from conversations.ports.windows import Talk, Windows
from conversations.ports.workplace import Workplace
from conversations.store.conversations import ConversationStore

TALKS = 8
LOOKED_AT = 16
"""Conversations of which it is asked whether the person is still there; each may cost Slack a call."""


@dataclass(eq=False)
class Interactions:
    """Serves one person at a time, for that person's eyes only."""

    _presses: Presses
    _conversations: ConversationStore
    _workplace: Workplace
    _windows: Windows

    async def home(self, team: str, user: str) -> None:
        """Fill a person's home tab with the conversations of places where the person still is."""
        talks = await self._conversations.talks_of(team, user, LOOKED_AT)
        seen = await asyncio.gather(*(self._presses.may_see(user, talk.channel) for talk in talks))
        shown: list[Talk] = [talk for talk, may in zip(talks, seen, strict=True) if may][:TALKS]
        asked = await self._workplace.as_seen([talk.question for talk in shown])
        shown = [replace(talk, question=text) for talk, text in zip(shown, asked, strict=True)]
        await self._windows.home(user, await self._locale(user), shown)

    async def prompts(self, user: str, channel: str) -> None:
        """Offer a person what to ask in the direct message."""
        if channel and await self._presses.may_see(user, channel):
            await self._windows.prompts(channel, await self._locale(user))

    async def _locale(self, user: str) -> str:
        return (await self._workplace.person(user)).locale
