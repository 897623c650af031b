"""What people do besides asking questions: they open the home tab and use the slash command."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from conversations.jobs.dropping import Dropping
from conversations.jobs.presses import Presses, Subject
from conversations.ports.incoming import CardMode, Press
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.windows import Talk, Windows
from conversations.ports.workplace import SharedFile, Workplace
from conversations.store.channel_settings import ChannelSettings
from conversations.store.conversations import ConversationStore
from conversations.store.questions import QuestionStore
from errors import AnalystError

TALKS = 8
LOOKED_AT = 16
"""Conversations of which it is asked whether the person is still there; each may cost Slack a call."""

_MODES: Mapping[str, CardMode] = {"card": "card", "on": "card", "reaction": "reaction", "off": "off"}


@dataclass(eq=False)
class Interactions:
    """Serves one person at a time, for that person's eyes only."""

    _presses: Presses
    _questions: QuestionStore
    _conversations: ConversationStore
    _settings: ChannelSettings
    _workplace: Workplace
    _windows: Windows
    _dropping: Dropping

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

    async def command(self, press: Press) -> None:
        """Answer a slash command (``press.value``) that only asks; one that chooses is a press like others."""
        try:
            await self._answer(press)
        except AnalystError as error:
            await self._presses.refuse(press, error)

    async def _answer(self, press: Press) -> None:
        locale = await self._locale(press.user)
        word = press.value.split(maxsplit=1)[0].lower() if press.value.split() else "help"
        if word == "drop":
            work = "".join(press.value.split()[1:2])
            await self._windows.reply(press.reply, locale, await self._dropping.answer(press.team, press.user, work))
            return
        if word not in {"files", "status", "card"}:
            await self._windows.reply(press.reply, locale, Notice(NoticeKind.SLASH_HELP))
            return
        place = await self._presses.admit(press)
        if word == "files":
            await self._windows.reply_files(press.reply, locale, await self._files(place.channel))
        else:
            await self._windows.reply(press.reply, locale, await self._status(place.team, place.channel))

    async def _files(self, channel: str) -> Sequence[SharedFile]:
        try:
            return [file for file in await self._workplace.recent_files(channel) if not file.is_own]
        except AnalystError:
            return ()

    async def _status(self, team: str, channel: str) -> Notice:
        states = [question.state for question in await self._questions.open_in_channel(team, channel)]
        running = states.count("running")
        fields = {"running": str(running), "waiting": str(len(states) - running)}
        cards = await self._settings.card(team, channel)
        return Notice(NoticeKind.CHANNEL_STATUS, fields | {"cards": "on" if cards == "card" else cards})

    async def choose_card(self, press: Press, subject: Subject, _job: str) -> None:
        """Let a channel choose what happens when a data file is shared there."""
        mode = card_mode(press.value)
        if mode:
            await self._settings.set_card(subject.team, subject.channel, mode)
            await self._windows.reply(press.reply, await self._locale(press.user), Notice(NoticeKind(f"cards_{mode}")))

    async def _locale(self, user: str) -> str:
        return (await self._workplace.person(user)).locale


def card_mode(text: str) -> CardMode | None:
    """What ``card on``, ``card reaction`` or ``card off`` chooses; None for any other text."""
    words = text.lower().split()
    return _MODES.get(words[1]) if len(words) == 2 and words[0] == "card" else None  # noqa: PLR2004 - two words
