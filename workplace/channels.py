"""Channels: what they are and who is in them."""

from __future__ import annotations

from dataclasses import dataclass

from async_lru import alru_cache

from conversations.errors import ReadRefused
from slack_api.api import SlackApi
from untrusted.payload import flag, mapping, string

_MINUTE = 60.0
_KEPT = 5_000
_PAGE = 1000
_PAGES = 100
_UNKNOWN = frozenset({"channel_not_found", "not_in_channel"})


@dataclass(frozen=True)
class Channel:
    """A channel, group or DM. ``external``: people of other workspaces are in it (Slack Connect)."""

    id: str
    name: str = ""
    is_direct: bool = False
    is_group_direct: bool = False
    is_private: bool = False
    is_archived: bool = False
    external: bool = False
    has_bot: bool = False


class Channels:
    """Looks channels up, and remembers the answers for a minute."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._info = alru_cache(maxsize=_KEPT, ttl=_MINUTE)(self._ask_info)
        self._is_member = alru_cache(maxsize=_KEPT, ttl=_MINUTE)(self._ask_member)

    async def info(self, channel: str) -> Channel:
        """What a channel is. Raises ``SlackError`` when Slack does not tell."""
        return await self._info(channel)

    async def is_member(self, channel: str, user: str) -> bool:
        """Whether a person is in a channel; False for channels that the bot cannot see. Raises ``SlackError``."""
        return await self._is_member(channel, user)

    async def _ask_info(self, channel: str) -> Channel:
        answer = await self._api.read("conversations.info", channel=channel)
        raw = mapping(answer.get("channel"))
        direct = flag(raw.get("is_im"))
        return Channel(
            id=channel,
            name=string(raw.get("name")),
            is_direct=direct,
            is_group_direct=flag(raw.get("is_mpim")),
            is_private=direct or flag(raw.get("is_private")) or flag(raw.get("is_mpim")),
            is_archived=flag(raw.get("is_archived")),
            external=flag(raw.get("is_ext_shared")),
            has_bot=direct or flag(raw.get("is_member")),
        )

    async def _ask_member(self, channel: str, user: str) -> bool:
        try:
            pages = self._api.pages("conversations.members", "members", _PAGE, _PAGES, channel=channel)
            async for members in pages:
                if user in members:
                    return True
        except ReadRefused as error:
            if error.fields["error"] not in _UNKNOWN:
                raise
        return False
