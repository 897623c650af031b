"""What user groups are called, and who is in them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping

from async_lru import alru_cache

from conversations.errors import MissingScope, ReadRefused, SlackError
from slack_api.api import SlackApi
from untrusted.payload import identifier, items, string, values

log = logging.getLogger(__name__)

_MINUTE = 60.0
_QUARTER = 15 * 60.0
_KEPT = 1000
_NONE = frozenset({"no_such_subteam", "plan_upgrade_required"})
_TRIES, _PATIENCE = 2, 5.0
"""A group's name is worth no more: no question waits for it longer than these seconds."""


class Groups:
    """Looks up the handles of all groups at once, and remembers them for a quarter of an hour; members for a minute.

    https://docs.slack.dev/reference/methods/usergroups.list/
    https://docs.slack.dev/reference/methods/usergroups.users.list/
    """

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._handles = alru_cache(maxsize=1, ttl=_QUARTER)(self._ask)
        self.members = alru_cache(maxsize=_KEPT, ttl=_MINUTE)(self._ask_members)

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

    async def _ask_members(self, group: str) -> Collection[str] | None:
        """Who is in a group; None without the scope ``usergroups:read``, or if there is no such group.

        The members of a disabled group count: what it forbade is not allowed by disabling it.
        """
        try:
            answer = await self._api.read("usergroups.users.list", usergroup=group, include_disabled=True)
        except MissingScope:
            return None
        except ReadRefused as error:
            if error.fields["error"] in _NONE:
                return None
            raise
        return frozenset(identifier(user) for user in values(answer.get("users")))
