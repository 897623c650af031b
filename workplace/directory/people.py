"""People: their names, locales and time zones, and what decides who may use the bot."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict

from async_lru import alru_cache

from conversations.errors import ReadRefused, SlackError
from conversations.ports.workplace import Person
from slack_api.api import SlackApi
from slack_api.identity import Identity
from untrusted.payload import Json, flag, identifier, mapping, string

log = logging.getLogger(__name__)

_MINUTE = 60.0
_DAY = 24 * 60 * 60.0
_KEPT = 10_000
_BOT = "B"
"""Begins the ids of bots; ``users.info`` knows those with a user only, by the user's id."""

_OF_OTHERS = frozenset({"user_not_found", "user_not_visible"})
"""What Slack says of people whom it does not show to this workspace."""


class People:
    """Looks people up (https://docs.slack.dev/reference/methods/users.info/)."""

    def __init__(self, api: SlackApi, identity: Identity) -> None:
        self._api = api
        self._identity = identity
        self._fresh = alru_cache(maxsize=_KEPT, ttl=_MINUTE)(self._ask)
        self._known: OrderedDict[str, tuple[float, Person]] = OrderedDict()

    async def person(self, user: str) -> Person:
        """A person, at most a day old; with defaults when Slack does not tell (then it is asked again next time)."""
        if not user or user.startswith(_BOT):
            return _nobody(user)
        asked, known = self._known.get(user, (0.0, Person("")))
        if known.id and time.monotonic() - asked < _DAY:
            return known
        try:
            return await self._fresh(user)
        except SlackError as error:
            log.info("No profile of %s: %s", user, error.fields.get("error"))
            return Person(user)

    async def account(self, user: str) -> Person:
        """A person, at most a minute old. Raises ``SlackError`` when Slack does not tell."""
        if user.startswith(_BOT):
            return _nobody(user)
        try:
            return await self._fresh(user)
        except ReadRefused as error:
            if error.fields["error"] in _OF_OTHERS:
                return Person(user, is_stranger=True)
            raise

    async def _ask(self, user: str) -> Person:
        answer = await self._api.read("users.info", user=user, include_locale=True)
        raw = mapping(answer.get("user"))
        if not raw:
            raise ReadRefused("users.info", error="no user")
        person = self._person(user, raw)
        self._known[user] = time.monotonic(), person
        self._known.move_to_end(user)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return person

    def _person(self, user: str, raw: Json) -> Person:
        profile = mapping(raw.get("profile"))
        names = (profile.get("display_name"), profile.get("real_name"), raw.get("real_name"), raw.get("name"))
        return Person(
            id=user,
            name=next((name for name in map(string, names) if name), ""),
            locale=string(raw.get("locale")) or "en-US",
            timezone=string(raw.get("tz")) or "UTC",
            team=identifier(raw.get("team_id")),
            organisation=_organisation(raw),
            is_bot=flag(raw.get("is_bot")) or user == "USLACKBOT",
            is_admin=flag(raw.get("is_admin")) or flag(raw.get("is_owner")),
            is_guest=flag(raw.get("is_restricted")) or flag(raw.get("is_ultra_restricted")),
            is_stranger=flag(raw.get("is_stranger")) or self._is_of_others(raw),
            is_deactivated=flag(raw.get("deleted")),
        )

    def _is_of_others(self, raw: Json) -> bool:
        """Whether somebody belongs to another company; workspaces of one organisation share an enterprise id."""
        team, ours = identifier(raw.get("team_id")), {self._identity.team, self._identity.enterprise}
        return bool(team) and not ({team, _organisation(raw)} - {""}) & ours


def _organisation(raw: Json) -> str:
    """https://docs.slack.dev/reference/objects/user-object/ (``enterprise_user``)."""
    return identifier(mapping(raw.get("enterprise_user")).get("enterprise_id"))


def _nobody(key: str) -> Person:
    return Person(key, is_bot=key.startswith(_BOT))
