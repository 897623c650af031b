"""What a channel is called, and who is in it."""

from __future__ import annotations

from async_lru import alru_cache

from conversations.errors import ReadRefused
from slack_api.api import SlackApi
from untrusted.payload import identifier, mapping, string

_MINUTE = 60.0
_KEPT = 5_000
_PAGE = 1000
_PAGES = 100
_UNKNOWN = frozenset({"channel_not_found", "not_in_channel"})


class Channels:
    """Looks channels up, and remembers the answers for a minute."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self.name = alru_cache(maxsize=_KEPT, ttl=_MINUTE)(self._ask_name)
        self.is_member = alru_cache(maxsize=_KEPT, ttl=_MINUTE)(self._ask_member)

    async def seen_name(self, channel: str) -> str:
        """Its name; "" when the bot cannot see it. Raises ``SlackError``."""
        try:
            return await self.name(channel)
        except ReadRefused as error:
            if error.fields["error"] in _UNKNOWN:
                return ""
            raise

    async def _ask_name(self, channel: str) -> str:
        """Its name without the sign. Raises ``SlackError``."""
        answer = await self._api.read("conversations.info", channel=channel)
        return string(mapping(answer.get("channel")).get("name"))

    async def creator(self, channel: str) -> str:
        """Who has made it, or the other side of a direct message; "" if nobody is named. Raises ``SlackError``."""
        found = mapping((await self._api.read("conversations.info", channel=channel)).get("channel"))
        return identifier(found.get("creator")) or identifier(found.get("user"))

    async def _ask_member(self, channel: str, user: str) -> bool:
        """Whether a person is in a channel; False for channels that the bot cannot see. Raises ``SlackError``."""
        try:
            async for members in self._api.pages("conversations.members", "members", _PAGE, _PAGES, channel=channel):
                if user in members:
                    return True
        except ReadRefused as error:
            if error.fields["error"] not in _UNKNOWN:
                raise
        return False
