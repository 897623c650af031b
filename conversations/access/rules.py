"""Who may have something done, and where: asked before anything is done for a person.

It is asked when a turn or a job begins, after Slack's ack, and Slack's facts are at most a minute old.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Set
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar

from conversations.access.rule_book import DIRECT, Kind, RuleBook, as_name
from conversations.errors import (
    AccessError,
    AccessUnknown,
    AccountDeactivated,
    AskedByBot,
    ChannelNotTaken,
    GroupsUnknown,
    GuestNotTaken,
    MissingScope,
    NotAMember,
    PersonNotTaken,
    SlackError,
    StrangerNotTaken,
    WorkspaceNotTaken,
)
from conversations.ports.workplace import Person

log = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE_SECONDS = 30.0
"""How long Slack is asked again who somebody is before the answer is no."""

AGAIN_SECONDS = 3.0


@dataclass(frozen=True)
class Rules:
    """What the settings say. Of apps a channel decides; ``contact`` (an id or words, or "") is whom to ask for more."""

    guests: bool = False
    strangers: bool = False
    deactivated: bool = False
    book: RuleBook = field(default_factory=RuleBook)
    contact: str = ""


class _Directory(Protocol):
    """What of ``Workplace`` decides who may what."""

    @property
    def organisation(self) -> str: ...

    async def account(self, user: str) -> Person: ...

    async def is_member(self, channel: str, user: str) -> bool: ...

    async def channel_name(self, channel: str) -> str: ...

    async def group_members(self, group: str) -> Collection[str] | None: ...


class _Table(Protocol):
    """The rules that admins have made in Slack."""

    async def book(self, team: str) -> RuleBook: ...


class Access:
    """Decides about people and places. Rules of the settings and rules made in Slack must both admit."""

    def __init__(self, directory: Callable[[str], _Directory], table: _Table, rules: Rules | None = None) -> None:
        self._directory = directory
        self._table = table
        self._rules = rules or Rules()

    async def check(self, team: str, user: str, channel: str = "", *, is_there: bool = False) -> None:
        """Return if a person may have something done; what has to be asked of Slack is asked side by side.

        Args:
            team: In which workspace.
            user: Who.
            channel: The channel, or "" for what is seen in none.
            is_there: Somebody who has written there just now is a member.

        Raises:
            AccessError: The person may not, or Slack does not tell.
        """
        if not channel or is_there:
            person, is_member = await self._account(team, user), True
        else:
            person, is_member = await asyncio.gather(
                self._account(team, user), _surely(partial(self._directory(team).is_member, channel, user))
            )
        self._check_person(person)
        if not is_member:
            raise NotAMember(f"{user} is not in {channel}")
        await self._check_rules(team, person, channel)

    async def check_known(self, team: str, person: Person, channel: str, made: RuleBook | None = None) -> None:
        """The same for somebody who is there, by facts about the person that may be older.

        ``made``: the rules that admins have made in Slack, where they have just been read.
        """
        self._check_person(person)
        await self._check_rules(team, person, channel, made)

    async def takes_app(self, team: str, user: str, channel: str) -> bool:
        """Whether the rules admit an app, where a channel has it answered."""
        try:
            await self._check_rules(team, Person(user, is_bot=True), channel)
        except AccessError:
            return False
        return True

    async def bound(self, team: str, user: str) -> Person:
        """Somebody who may change the rules of a workspace if an admin: only the settings count.

        Raises:
            AccessError: The settings do not admit the person, or Slack does not tell.
        """
        person = await self._account(team, user)
        self._check_person(person)
        await self._check_book(self._rules.book, team, person, "")
        return person

    async def expect(self, team: str, user: str) -> None:
        """Let Slack be asked about somebody now, so that the answer is there when a turn begins."""
        with suppress(SlackError):
            await self._directory(team).account(user)

    async def _account(self, team: str, user: str) -> Person:
        return await _surely(partial(self._directory(team).account, user))

    def _check_person(self, person: Person) -> None:
        rules = self._rules
        if person.is_bot:
            raise AskedByBot(person.id)
        if person.is_deactivated and not rules.deactivated:
            raise AccountDeactivated(person.id, contact=rules.contact)
        if person.is_stranger and not rules.strangers:
            raise StrangerNotTaken(person.id, contact=rules.contact)
        if person.is_guest and not rules.guests:
            raise GuestNotTaken(person.id, contact=rules.contact)
        if not person.team:
            raise AccessUnknown(person.id)

    async def _check_rules(self, team: str, person: Person, channel: str, made: RuleBook | None = None) -> None:
        for book in (self._rules.book, made or await self._table.book(team)):
            await self._check_book(book, team, person, channel)

    async def _check_book(self, book: RuleBook, team: str, person: Person, channel: str) -> None:
        contact = self._rules.contact
        places = {team, self._directory(team).organisation}, {person.team, person.organisation}
        if not all(book.admits(Kind.WORKSPACE, place - {""}) for place in places if any(place)):
            raise WorkspaceNotTaken(f"{person.id} of {person.team} in {team}", contact=contact)
        if channel and not book.admits(Kind.CHANNEL, await self._known_as(book, team, channel)):
            raise ChannelNotTaken(channel, contact=contact)
        mine, untold = await self._groups(book, team, person.id)
        if untold & book.deny or (untold and not book.admits(Kind.WHO, mine)):
            raise GroupsUnknown(", ".join(sorted(untold)), contact=contact)
        if not book.admits(Kind.WHO, mine):
            raise PersonNotTaken(person.id, contact=contact)

    async def _known_as(self, book: RuleBook, team: str, channel: str) -> Set[str]:
        """As what a channel may stand in a book. Raises ``AccessUnknown``."""
        if channel.startswith("D"):
            return {channel, DIRECT}
        if not book.has_names:
            return {channel}
        name = await _surely(partial(self._directory(team).channel_name, channel))
        if not name:
            raise AccessUnknown(f"what {channel} is called")
        return {channel, as_name(name)}

    async def _groups(self, book: RuleBook, team: str, user: str) -> tuple[Set[str], Set[str]]:
        """A person and the groups of a book that the person is in; and those of which Slack tells nothing."""
        groups = sorted(book.groups)
        asked = [_surely(partial(self._directory(team).group_members, group)) for group in groups]
        told = dict(zip(groups, await asyncio.gather(*asked), strict=True))
        mine = {group for group, members in told.items() if members is not None and user in members}
        return {user, *mine}, {group for group, members in told.items() if members is None}


async def _surely(ask: Callable[[], Awaitable[T]]) -> T:
    """What Slack says, asked again for a while. Raises ``AccessUnknown`` when it does not tell."""
    began = time.monotonic()
    while True:
        try:
            return await ask()
        except SlackError as error:
            if isinstance(error, MissingScope) or time.monotonic() - began > PATIENCE_SECONDS:
                log.warning("Slack does not tell who may what: %s", error.fields.get("error"))
                raise AccessUnknown(str(error.fields.get("error"))) from error
        await asyncio.sleep(AGAIN_SECONDS)
