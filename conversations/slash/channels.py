"""What people ask of a channel, and choose for it: ``/analyst files``, ``status``, ``card on|reaction|off``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from conversations.access.ledger import Ledger
from conversations.access.pauses import Pauses
from conversations.jobs import budgeting
from conversations.jobs.presses import Presses, Subject, noting
from conversations.ports.incoming import CardMode, Press
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.workplace import SharedFile
from conversations.ports.workspaces import WindowsOf, WorkplaceOf
from conversations.slash import pausing
from conversations.slash.words import Said
from conversations.store.channel_settings import ChannelSettings
from conversations.store.questions import QuestionStore
from errors import AnalystError

_MODES: Mapping[str, CardMode] = {"card": "card", "on": "card", "reaction": "reaction", "off": "off"}


@dataclass(eq=False)
class ChannelWords:
    """Answers members of a channel."""

    _presses: Presses
    _questions: QuestionStore
    _pauses: Pauses
    _ledger: Ledger
    _settings: ChannelSettings
    _workplace: WorkplaceOf
    _windows: WindowsOf

    async def files(self, said: Said) -> None:
        """List the data files that the bot sees."""
        place = await self._presses.admit(said.press)
        files = await self._files(place.team, place.channel)
        await self._windows(place.team).reply_files(said.press.reply, said.locale, files)

    async def _files(self, team: str, channel: str) -> Sequence[SharedFile]:
        try:
            return [file for file in await self._workplace(team).recent_files(channel) if not file.is_own]
        except AnalystError:
            return ()

    async def status(self, said: Said) -> Notice:
        """Tell what the bot is doing, and what keeps it from doing more."""
        place = await self._presses.admit(said.press)
        states = [question.state for question in await self._questions.open_in_channel(place.team, place.channel)]
        running = states.count("running")
        cards = await self._settings.card(place.team, place.channel)
        fields = {"running": str(running), "waiting": str(len(states) - running)}
        fields["cards"] = "on" if cards == "card" else cards
        pauses = await self._pauses.of(place.team, place.channel)
        budgets = await self._ledger.of(place.team, place.channel, said.press.user)
        more = [*map(pausing.told, pauses), *chain.from_iterable(map(budgeting.told, budgets))]
        return Notice(NoticeKind.CHANNEL_STATUS, fields, more=more)

    async def choose_card(self, press: Press, subject: Subject, job: str) -> None:
        """Let a channel choose what happens when a data file is shared there."""
        if mode := card_mode(press.value):
            await self._settings.set_card(subject.team, subject.channel, mode, noting(press, job, {"card": mode}))
            locale = (await self._workplace(press.team).person(press.user)).locale
            await self._windows(press.team).reply(press.reply, locale, Notice(NoticeKind(f"cards_{mode}")))


def card_mode(text: str) -> CardMode | None:
    """What ``card on``, ``card reaction`` or ``card off`` chooses; None for any other text."""
    words = text.lower().split()
    return _MODES.get(words[1]) if len(words) == 2 and words[0] == "card" else None  # noqa: PLR2004 - two words
