"""Names of people for the footer, which must not ping them with a mention."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from slack_api.api import SlackApi
from slack_api.failures import FAILURES

_MOST = 5000
_PATIENCE = 5.0


class Names:
    """Display names by user id, remembered; somebody unknown has none."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._known: OrderedDict[str, str] = OrderedDict()

    async def of(self, users: Iterable[str]) -> Mapping[str, str]:
        """The names of those that have one."""
        wanted = sorted({user for user in users if user})
        found = await asyncio.gather(*(self._one(user) for user in wanted))
        return {user: name for user, name in zip(wanted, found, strict=True) if name}

    async def _one(self, user: str) -> str:
        if user not in self._known:
            try:
                person = (await self._api.ask("users.info", patience=_PATIENCE, user=user)).get("user") or {}
            except FAILURES:
                return ""
            profile = person.get("profile") or {}
            named = (profile.get("display_name"), person.get("real_name"), person.get("name"))
            self._known[user] = next((str(name) for name in named if name), "")
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        return self._known[user]
