"""``/analyst forget mine`` and ``/analyst forget channel``: a modal asks once more, and says how much it is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from conversations.access.admins import Admins
from conversations.errors import ChannelNotYours
from conversations.jobs.modals import Modals
from conversations.jobs.presses import Subject
from conversations.ports.incoming import Press, PressKind
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.windows import Modal
from conversations.ports.workspaces import WindowsOf, WorkplaceOf
from conversations.privacy.forgetting import Forgetting
from conversations.privacy.scope import Scope
from conversations.privacy.work import ForgetWork
from conversations.slash.words import Said

_KINDS = {"mine": PressKind.FORGET_MINE, "channel": PressKind.FORGET_CHANNEL}


@dataclass(eq=False)
class ForgetWord:
    """Asks, and takes what is confirmed."""

    _modals: Modals
    _forgetting: Forgetting
    _work: ForgetWork
    _workplace: WorkplaceOf
    _windows: WindowsOf
    _admins: Admins

    async def ask(self, said: Said) -> Notice | None:
        """Ask a person for confirmation, if there is anything to forget that the person may have forgotten."""
        if (kind := _KINDS.get(" ".join(said.more).lower())) is None:
            return Notice(NoticeKind.SLASH_HELP)
        press = replace(said.press, name=kind)

        async def fill(shown: Modal, locale: str, subject: Subject) -> None:
            scope = await self._scope(press, subject)
            extent = await self._forgetting.extent(scope)
            asked = await self._work.ask(scope, press.user) if extent.questions else ""
            await self._windows(press.team).forget(shown, locale, asked, scope.channel, extent)

        await self._modals.open(press, said.modal, fill)
        return None

    async def confirmed(self, press: Press, subject: Subject, job: str) -> None:
        """Have it forgotten."""
        await self._work.begin(await self._scope(press, subject), press.user, job)

    async def _scope(self, press: Press, subject: Subject) -> Scope:
        """What is meant. Raises ``ChannelNotYours``."""
        if not subject.channel:
            return Scope(subject.team, press.user, "", math.inf)
        user, team, channel = press.user, subject.team, subject.channel
        if not await self._admins.is_admin(user, team) and await self._workplace(team).creator(channel) != user:
            raise ChannelNotYours(f"{user} in {channel}")
        return Scope(subject.team, "", subject.channel, math.inf)
