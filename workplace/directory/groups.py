"""What user groups are called."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from async_lru import alru_cache

from conversations.errors import MissingScope, SlackError
from slack_api.api import SlackApi
from untrusted.payload import identifier, items, string

log = logging.getLogger(__name__)

_QUARTER = 15 * 60.0
_TRIES, _PATIENCE = 2, 5.0
"""A group's name is worth no more: no question waits for it longer than these seconds."""


class Groups:
    """Looks up the handles of all groups at once, and remembers them for a quarter of an hour.

    https://docs.slack.dev/reference/methods/usergroups.list/
    """

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._handles = alru_cache(maxsize=1, ttl=_QUARTER)(self._ask)

    async def handle(self, group: str) -> str:
        """A group's handle without the sign; "" when Slack does not tell, as without the scope ``usergroups:read``."""
        try:
            return (await self._handles()).get(group, "")
        except SlackError as error:
            log.info("No names of groups: %s", error.fields.get("error"))
            return ""

    async def _ask(self) -> Mapping[str, str]:
        try:
            answer = await self._api.read("usergroups.list", tries=_TRIES, patience=_PATIENCE, include_disabled=True)
        except MissingScope:
            return {}
        return {identifier(one.get("id")): string(one.get("handle")) for one in items(answer.get("usergroups"))}
