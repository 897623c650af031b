"""People: their names, locales and time zones."""

from __future__ import annotations

import logging

from async_lru import alru_cache
from slack_sdk.web.async_client import AsyncWebClient

from conversations.errors import SlackError
from conversations.ports import Person
from workplace.reading import read

logger = logging.getLogger(__name__)

_DAY = 24 * 60 * 60.0
_KEPT = 10_000


class People:
    """Looks people up, and remembers them for a day (https://docs.slack.dev/reference/methods/users.info/)."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._known = alru_cache(maxsize=_KEPT, ttl=_DAY)(self._ask)

    async def person(self, user: str) -> Person:
        """A person; with defaults when Slack does not tell (then it is asked again next time)."""
        if not user:
            return Person("")
        try:
            return await self._known(user)
        except SlackError as error:
            logger.info("no profile of %s: %s", user, error.fields.get("error"))
            return Person(user)

    async def _ask(self, user: str) -> Person:
        answer = await read(self._client.users_info, user=user, include_locale=True)
        raw = answer.get("user") or {}
        profile = raw.get("profile") or {}
        names = (profile.get("display_name"), profile.get("real_name"), raw.get("real_name"), raw.get("name"))
        return Person(
            id=user,
            name=next((str(name) for name in names if name), ""),
            locale=str(raw.get("locale") or "en-US"),
            timezone=str(raw.get("tz") or "UTC"),
            team=str(raw.get("team_id") or ""),
            is_bot=bool(raw.get("is_bot")) or user == "USLACKBOT",
            is_admin=bool(raw.get("is_admin") or raw.get("is_owner")),
        )
