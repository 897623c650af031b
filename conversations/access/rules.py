"""Who may have something done, and where: asked before anything is done for a person.

It is asked when a turn or a job begins, after Slack's ack, and Slack's facts are at most a minute old.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

from conversations.errors import (
    AccessUnknown,
    AccountDeactivated,
    AskedByBot,
    GuestNotTaken,
    MissingScope,
    NotAMember,
    SlackError,
    StrangerNotTaken,
)
from conversations.ports.workplace import Person

log = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE_SECONDS = 30.0
"""How long Slack is asked again who somebody is before the answer is no."""

AGAIN_SECONDS = 3.0


@dataclass(frozen=True)
class Rules:
    """Who may use the bot besides the members of the workspace. Apps and deactivated accounts never are."""

    guests: bool = False
    strangers: bool = False


class _Directory(Protocol):
    """What of ``Workplace`` decides who may what."""

    async def account(self, user: str) -> Person: ...

    async def is_member(self, channel: str, user: str) -> bool: ...


class Access:
    """Decides about people and places."""

    def __init__(self, directory: Callable[[str], _Directory], rules: Rules | None = None) -> None:
        self._directory = directory
        self._rules = rules or Rules()

    async def check(self, team: str, user: str, channel: str = "") -> None:
        """Return if a person may have something done; both questions go to Slack side by side.

        Args:
            team: In which workspace.
            user: Who.
            channel: Where it would be seen, for somebody who has not written there just now.

        Raises:
            AccessError: The person may not, or Slack does not tell.
        """
        directory = self._directory(team)
        if channel:
            person, is_member = await asyncio.gather(
                _surely(lambda: directory.account(user)),
                _surely(lambda: directory.is_member(channel, user)),
            )
        else:
            person, is_member = await _surely(lambda: directory.account(user)), True
        self.check_person(person)
        if not is_member:
            raise NotAMember(f"{user} is not in {channel}")

    def check_person(self, person: Person) -> None:
        """Return if somebody may have anything done at all; raises ``AccessError`` if not."""
        if person.is_bot:
            raise AskedByBot(person.id)
        if person.is_deactivated:
            raise AccountDeactivated(person.id)
        if person.is_stranger and not self._rules.strangers:
            raise StrangerNotTaken(person.id)
        if person.is_guest and not self._rules.guests:
            raise GuestNotTaken(person.id)
        if not person.team:
            raise AccessUnknown(person.id)

    async def expect(self, team: str, user: str) -> None:
        """Let Slack be asked about somebody now, so that the answer is there when a turn begins."""
        with suppress(SlackError):
            await self._directory(team).account(user)


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
