"""Who may use the bot: ``/analyst access``, and ``access allow|deny|remove`` with channels, people or groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conversations.access.admins import Admins
from conversations.access.rule_book import Kind, RuleBook, kind_of, read_subject
from conversations.access.rule_table import RuleTable
from conversations.ports.incoming import Press
from conversations.ports.notices import Notice, NoticeKind
from conversations.slash.words import Said
from untrusted.characters import unescaped

SHOWN = 60
"""How many of a kind are named."""

_LONGEST = 512


@dataclass(eq=False)
class AccessWords:
    """Lets admins see and change the rules of their workspace; ``_settings`` are the installation's own."""

    _table: RuleTable
    _settings: RuleBook
    _admins: Admins

    async def answer(self, said: Said) -> Notice:
        """Change the rules, and tell which there are. Raises ``AccessError``."""
        press = said.press
        await self._admins.check(press.user, press.team)
        verb, *named = [*said.more] or ["list"]
        verb = verb.lower()
        if verb == "list" and not named:
            return await self._listed(press.team)
        if verb not in {"allow", "deny", "remove"} or not named:
            return Notice(NoticeKind.ACCESS_HELP)
        subjects = {text: _subject(text, press) for text in named}
        if unclear := [text for text, subject in subjects.items() if not subject]:
            return Notice(NoticeKind.ACCESS_UNCLEAR, {"name": unescaped(unclear[0][:_LONGEST])})
        await self._table.put(press.team, subjects.values(), verb, press.user)
        return await self._listed(press.team)

    async def _listed(self, team: str) -> Notice:
        lines = [*_told(await self._table.book(team))]
        if settings := [*_told(self._settings)]:
            lines.append(Notice(NoticeKind.ACCESS_SETTINGS, more=settings))
        first, *others = lines or [Notice(NoticeKind.ACCESS_OPEN)]
        return replace(first, more=[*first.more, *others])


def _subject(text: str, press: Press) -> str:
    return press.channel if text.lower() == "here" else read_subject(text)


def _told(book: RuleBook) -> Iterator[Notice]:
    for subjects, in_places, for_people in (
        (book.allow, NoticeKind.ACCESS_IN, NoticeKind.ACCESS_FOR),
        (book.deny, NoticeKind.ACCESS_NOT_IN, NoticeKind.ACCESS_NOT_FOR),
    ):
        for kind, notice in (
            (Kind.WORKSPACE, in_places),
            (Kind.CHANNEL, in_places),
            (Kind.WHO, for_people),
        ):
            if found := sorted(subject for subject in subjects if kind_of(subject) == kind):
                yield Notice(notice, {"subjects": _few(found)})


def _few(subjects: Sequence[str]) -> str:
    return " ".join([*subjects[:SHOWN], *(["…"] if len(subjects) > SHOWN else [])])
