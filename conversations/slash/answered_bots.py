"""Which apps are answered in a channel: ``/analyst bots``, ``bots add NAME``, ``bots remove NAME``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from conversations.errors import SlackError
from conversations.jobs.presses import Subject, noting
from conversations.ports.incoming import Press
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.workspaces import WindowsOf, WorkplaceOf
from conversations.store.channel_settings import ChannelSettings, Write
from untrusted.characters import unescaped

_MENTION = re.compile(r"<@([A-Z0-9]{1,32})(?:\|[^<>]{0,100})?>")
_SHOWN = 20
_LONGEST = 512


class BotsCommand(NamedTuple):
    """``verb`` is ``add``, ``remove`` or "", and then the apps are only listed."""

    verb: str
    name: str


def bots_command(text: str) -> BotsCommand | None:
    """What ``bots …`` asks for; None for any other text."""
    words = text.split(maxsplit=2)
    if [word.lower() for word in words[:1]] != ["bots"]:
        return None
    verb = words[1].lower() if len(words) > 1 else ""
    is_complete = verb in ("add", "remove") and len(words) > 2  # noqa: PLR2004 - "bots", the verb, a name
    return BotsCommand(verb, words[2][:_LONGEST].strip()) if is_complete else BotsCommand("", "")


@dataclass(eq=False)
class AnsweredBots:
    """Lets the people of a channel choose; an app is known by its id, because it may call itself anything."""

    _settings: ChannelSettings
    _workplace: WorkplaceOf
    _windows: WindowsOf

    async def choose(self, press: Press, subject: Subject, job: str) -> None:
        """Add or remove an app, and show which there are."""
        command = bots_command(press.value)
        if command is None:
            return
        place = subject.team, subject.channel
        write = partial(noting, press, job)
        notice = await self._carry_out(command, *place, write) or _listed(await self._settings.bots(*place))
        person = await self._workplace(press.team).person(press.user)
        await self._windows(press.team).reply(press.reply, person.locale, notice)

    async def _carry_out(
        self, command: BotsCommand, team: str, channel: str, noted: Callable[[Mapping[str, str]], Write]
    ) -> Notice | None:
        """Do it; what must be said instead, when no single app is meant."""
        if not command.verb:
            return None
        is_new = command.verb == "add"
        known = await (self._apps(team, channel, command.name) if is_new else self._settings.bots(team, channel))
        found = meant(command.name, known)
        if len(found) != 1:
            return Notice(NoticeKind.BOT_UNCLEAR, {"name": unescaped(command.name), "bots": _names(found or known)})
        [(bot, name)] = found.items()
        if is_new:
            await self._settings.add_bot(team, channel, bot, name, noted({"bots": "add", "bot": bot}))
        else:
            await self._settings.remove_bot(team, channel, bot, noted({"bots": "remove", "bot": bot}))
        return None

    async def _apps(self, team: str, channel: str, name: str) -> Mapping[str, str]:
        """The apps that may be meant: those that have written here, and one that is mentioned."""
        known = {app.id: app.name for app in await self._workplace(team).apps(channel)}
        if (mentioned := _MENTION.fullmatch(name)) and mentioned[1] not in known:
            try:
                account = await self._workplace(team).account(mentioned[1])
            except SlackError:
                return known
            return known | ({account.id: account.name} if account.is_bot else {})
        return known


def meant(name: str, known: Mapping[str, str]) -> Mapping[str, str]:
    """The apps that have an id, are mentioned, or bear a name."""
    mentioned = _MENTION.fullmatch(name)
    key = mentioned[1] if mentioned else name
    if key in known:
        return {key: known[key]}
    plain = unescaped(name).lstrip("@").casefold()
    return {bot: called for bot, called in known.items() if called.casefold() == plain}


def _listed(bots: Mapping[str, str]) -> Notice:
    return Notice(NoticeKind.BOTS_LISTED, {"bots": _names(bots)}) if bots else Notice(NoticeKind.BOTS_NONE)


def _names(bots: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({bot})" for bot, name in list(bots.items())[:_SHOWN]) or "–"
