"""The off switch: ``/analyst pause`` and ``resume``, for a channel, or with ``workspace`` for all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from conversations.access.admins import Admins
from conversations.access.pauses import WORKSPACE, Pauses
from conversations.database.models import Pause
from conversations.jobs.presses import Subject
from conversations.ports.incoming import Press
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.workspaces import WindowsOf, WorkplaceOf


class PauseCommand(NamedTuple):
    """Whether to pause or to go on, and whether everywhere."""

    is_on: bool
    in_workspace: bool


def pause_command(text: str) -> PauseCommand | None:
    """What ``pause``, ``resume``, ``pause workspace`` or ``resume workspace`` asks for; None for any other text."""
    match text.lower().split(maxsplit=2):
        case ["pause" | "resume" as verb]:
            return PauseCommand(verb == "pause", in_workspace=False)
        case ["pause" | "resume" as verb, "workspace"]:
            return PauseCommand(verb == "pause", in_workspace=True)
        case _:
            return None


@dataclass(eq=False)
class Pausing:
    """Lets admins pause the bot."""

    _pauses: Pauses
    _admins: Admins
    _workplace: WorkplaceOf
    _windows: WindowsOf

    async def switch(self, press: Press, subject: Subject, _job: str) -> None:
        """Pause or go on, and tell what keeps the channel from being answered now. Raises ``AccessError``."""
        command = pause_command(press.value)
        if command is None:
            return
        await self._admins.check(press.user, subject.team)
        where = WORKSPACE if command.in_workspace else subject.channel
        await self._pauses.switch(subject.team, where, is_on=command.is_on, by=press.user, at=float(press.at))
        first, *others = [*map(told, await self._pauses.of(subject.team, subject.channel))] or [_NONE]
        notice = replace(first, more=others)
        person = await self._workplace(press.team).person(press.user)
        await self._windows(press.team).reply(press.reply, person.locale, notice)


_NONE = Notice(NoticeKind.NOT_PAUSED)


def told(pause: Pause) -> Notice:
    """A pause in words."""
    kind = NoticeKind.PAUSED_WORKSPACE if pause.channel == WORKSPACE else NoticeKind.PAUSED_HERE
    return Notice(kind, {"by": pause.by, "since": pause.at})
