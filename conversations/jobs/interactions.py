"""What people see before they ask: the home tab, and what they may ask in a direct message."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from conversations.errors import AccessError
from conversations.jobs.presses import Presses
from conversations.ports.incoming import Press
from conversations.ports.windows import Talk
from conversations.ports.workspaces import WindowsOf, WorkplaceOf
from conversations.store.conversations import ConversationStore

TALKS = 8
LOOKED_AT = 16
"""Conversations of which it is asked whether the person is still there; each may cost Slack a call."""


@dataclass(eq=False)
class Interactions:
    """Serves one person at a time, for that person's eyes only."""

    _presses: Presses
    _conversations: ConversationStore
    _workplace: WorkplaceOf
    _windows: WindowsOf

    async def home(self, team: str, user: str) -> None:
        """Fill a person's home tab with the conversations of places where the person still is, or say why not."""
        locale = await self._locale(team, user)
        try:
            await self._presses.check(team, user)
        except AccessError as error:
            await self._presses.note_refusal(Press("home", team, user), error)
            await self._windows(team).refuse_home(user, locale, error)
            return
        talks = await self._conversations.talks_of(team, user, LOOKED_AT)
        seen = await asyncio.gather(*(self._presses.may_see(team, user, talk.channel) for talk in talks))
        shown: list[Talk] = [talk for talk, may in zip(talks, seen, strict=True) if may][:TALKS]
        asked = await self._workplace(team).as_seen([talk.question for talk in shown])
        shown = [replace(talk, question=text) for talk, text in zip(shown, asked, strict=True)]
        await self._windows(team).home(user, locale, shown)

    async def prompts(self, team: str, user: str, channel: str) -> None:
        """Offer a person what to ask in the direct message."""
        if channel and await self._presses.may_see(team, user, channel):
            await self._windows(team).prompts(channel, await self._locale(team, user))

    async def _locale(self, team: str, user: str) -> str:
        return (await self._workplace(team).person(user)).locale
