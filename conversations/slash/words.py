"""``/analyst WORD …``: which word is answered by what. What must not be lost is no answer, but a press like others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from conversations.access.rules import Access
from conversations.jobs.presses import Presses
from conversations.ports.incoming import Press
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.windows import Modal
from conversations.ports.workspaces import WindowsOf, WorkplaceOf
from errors import AnalystError


@dataclass(frozen=True)
class Said:
    """A slash command: ``more`` is what stands after its first word, ``modal`` where one can be shown."""

    press: Press
    more: Sequence[str]
    locale: str
    modal: Modal


Answer = Callable[[Said], Awaitable[Notice | None]]
"""What a word does, and says; None when it has shown something else. ``AnalystError`` is told to the person alone."""


@dataclass(eq=False)
class SlashWords:
    """Answers slash commands; one without a word, or with an unknown one, gets help."""

    _access: Access
    _presses: Presses
    _workplace: WorkplaceOf
    _windows: WindowsOf
    _answers: dict[str, Answer] = field(default_factory=dict, init=False)

    def on(self, word: str, answer: Answer) -> None:
        """Let a word be answered."""
        self._answers[word] = answer

    async def answer(self, press: Press, modal: Modal) -> None:
        """Answer the words of a command (``press.value``)."""
        word, *more = press.value.split() or [""]
        locale = (await self._workplace(press.team).person(press.user)).locale
        try:
            if notice := await self._answers.get(word.lower(), self._help)(Said(press, more, locale, modal)):
                await self._windows(press.team).reply(press.reply, locale, notice)
        except AnalystError as error:
            await self._presses.refuse(press, error)

    async def _help(self, said: Said) -> Notice:
        await self._access.check(said.press.team, said.press.user, said.press.channel, is_there=True)
        return Notice(NoticeKind.SLASH_HELP)
