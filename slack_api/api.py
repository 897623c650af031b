"""The one client of Slack's Web API: paced by the workspace's budget, with retries where they are harmless.

A refusal is final and a rate limit is waited out. A failure that leaves it open whether Slack has done it is repeated
only where that is harmless; otherwise it is ``Unclear``, and the caller looks before it tries again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Literal

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from conversations.errors import ReadRefused, SlackUnavailable
from slack_api.failures import QUOTA, RAISED, CallFailed, Limited, Refused, Unclear, meaning
from slack_api.patience import Patience
from slack_api.rate_budget import WorkspaceBudget
from slack_api.reaching import obstacle, proxy_of
from telemetry import traces
from telemetry.metrics import called, waited
from untrusted.characters import all_whole
from untrusted.payload import mapping, string, values

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 3600.0
"""How long rate limits and outages are waited out for one call that shows something."""

QUOTA_SECONDS = 60.0
"""How long a quota of messages is waited out; it may be one of a month."""

_READ_TRIES = 4
_READ_SECONDS = 600.0

Arguments = Mapping[str, Any]
Form = Literal["json", "params"]
"""How a method takes its arguments."""


class SlackApi:
    """Calls methods of the Web API (https://docs.slack.dev/reference/methods).

    Args:
        token: The bot token.
        url: Where the API is (``SLACK_API_URL``).
        session: Long-lived; without one the SDK makes a TLS handshake for every call.
        budget: The workspace's limits.
        team: Sent with each call, for apps that are installed organisation-wide; "" for none.
        patience: Seconds to wait out limits and outages when something is to be shown.

    Attributes:
        client: The SDK's client, for Bolt and Socket Mode. Its retry handlers are off: a post that is silently
            repeated is a second post (https://docs.slack.dev/tools/python-slack-sdk/web#retryhandler).
    """

    def __init__(
        self,
        token: str,
        url: str,
        session: aiohttp.ClientSession,
        *,
        budget: WorkspaceBudget | None = None,
        team: str = "",
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.token = token
        self.url = url
        self.session = session
        self.budget = budget or WorkspaceBudget()
        self.team = team
        self._patience = patience
        self.client = AsyncWebClient(token=token, base_url=url, session=session, retry_handlers=[])
        self.client.proxy = proxy_of(url)  # without one, the SDK takes what the environment says

    async def read(
        self, method: str, *, tries: int = _READ_TRIES, patience: float = _READ_SECONDS, **arguments: Any
    ) -> Mapping[str, Any]:
        """Call a method that has no effect at Slack.

        Args:
            method: Its name.
            tries: How often it may be made, those that met a limit left out.
            patience: Seconds to wait out limits.
            **arguments: Its arguments; None is left out. ``token`` stands for another one than the bot's.

        Raises:
            MissingScope: The token lacks a scope; ``fields["needed"]`` names it.
            ReadRefused: Slack refused, or could not be reached; ``fields["error"]`` is its word for why. What stands in
                the way, if something does, is told by ``reaching.obstacle(error)``.
        """
        return _data(await self._read(method, Patience(tries, patience), arguments))

    async def pages(self, method: str, key: str, limit: int, most: int, **arguments: Any) -> AsyncIterator[list[Any]]:
        """Read the pages of a cursor-based method.

        Args:
            method: Its name.
            key: Where a page has its items.
            limit: Items for each page.
            most: Pages at most.
            **arguments: The method's other arguments.

        Raises:
            SlackError: As ``read``.
        """
        cursor: str | None = None
        for _ in range(most):
            answer = await self.read(method, limit=limit, cursor=cursor, **arguments)
            yield values(answer.get(key))
            cursor = string(mapping(answer.get("response_metadata")).get("next_cursor"))
            if not cursor:
                return

    async def scopes(self, *, tries: int = _READ_TRIES, patience: float = _READ_SECONDS) -> frozenset[str]:
        """What the token may do, by a header of ``auth.test``; raises as ``read``."""
        answer = await self._read("auth.test", Patience(tries, patience), {})
        return frozenset(scope.strip() for scope in str(answer.headers.get("x-oauth-scopes", "")).split(","))

    async def write(
        self, method: str, *, repeatable: bool = False, patience: float | None = None, **arguments: Any
    ) -> Mapping[str, Any]:
        """Call a method that takes JSON.

        Args:
            method: Its name.
            repeatable: Whether doing it twice is harmless.
            patience: Seconds to wait out limits and outages; None for the usual.
            **arguments: Its arguments; None is left out.

        Raises:
            Refused: Slack said no.
            Unclear: Nobody knows (only when not repeatable).
            SlackUnavailable: Patience is over.
        """
        return await self._show("json", method, repeatable, self.patience(patience), arguments)

    async def ask(
        self, method: str, *, repeatable: bool = True, patience: float | None = None, **arguments: Any
    ) -> Mapping[str, Any]:
        """Call a method that takes its arguments in the query; else as ``write``."""
        return await self._show("params", method, repeatable, self.patience(patience), arguments)

    def patience(self, seconds: float | None = None) -> Patience:
        """A new ``Patience`` for something that is shown; None for the usual seconds."""
        return Patience(seconds=self._patience if seconds is None else seconds)

    async def _read(self, method: str, patience: Patience, arguments: Arguments) -> AsyncSlackResponse:
        try:
            return await self._call("params", method, patience, arguments, ends_at=obstacle)
        except Refused as refusal:
            raise refusal.as_read_error() from refusal
        except CallFailed as failure:
            raise ReadRefused(str(failure), error=failure.error) from failure

    async def _show(
        self, form: Form, method: str, repeatable: bool, patience: Patience, arguments: Arguments
    ) -> Mapping[str, Any]:
        try:
            return _data(await self._call(form, method, patience, arguments, repeatable=repeatable))
        except (Limited, Unclear) as failure:
            if isinstance(failure, Unclear) and not repeatable:
                raise
            raise SlackUnavailable(minutes=patience.minutes) from failure

    async def _call(
        self,
        form: Form,
        method: str,
        patience: Patience,
        arguments: Arguments,
        *,
        repeatable: bool = True,
        ends_at: Callable[[Exception], object] = lambda _failure: False,
    ) -> AsyncSlackResponse:
        """Call until it succeeds, is refused, or patience is over; the last failure is raised."""
        named = {"team_id": self.team or None, **arguments}
        sent = all_whole({name: value for name, value in named.items() if value is not None})
        channel = str(arguments.get("channel", ""))
        while True:
            delay = self.budget.delay(method, channel)
            if delay > patience.seconds:
                raise Limited(method, delay)
            await self.budget.take(method, channel)
            try:
                return await self._once(form, method, sent)
            except CallFailed as problem:
                if isinstance(problem, Refused):
                    raise
                log.info("Slack call failed: %s", problem)
                wait: float | None = None
                if isinstance(problem, Limited):
                    wait = patience.after_limit(problem.seconds, QUOTA_SECONDS if problem.error == QUOTA else None)
                    self.budget.hold_off(method, channel, wait or problem.seconds)
                    waited("slack", wait or 0.0)
                    if wait is None and problem.error == QUOTA:
                        raise Refused(method, QUOTA) from problem.__cause__
                elif repeatable and not ends_at(problem):
                    wait = patience.after_failure()
                if wait is None:
                    raise
                if isinstance(problem, Unclear):
                    await asyncio.sleep(wait)

    async def _once(self, form: Form, method: str, sent: Arguments) -> AsyncSlackResponse:
        """One call. Raises ``CallFailed``."""
        request: dict[str, Any] = {form: dict(sent)}
        began = time.time()
        try:
            answer = await self.client.api_call(method, **request)
        except RAISED as failure:
            problem = meaning(method, failure)
            called("slack", method, type(problem).__name__)
            traces.called("slack", method, type(problem).__name__, began, failed=True)
            raise problem from failure
        called("slack", method, "ok")
        traces.called("slack", method, "ok", began, failed=False)
        return answer


def _data(response: AsyncSlackResponse) -> Mapping[str, Any]:
    return response.data if isinstance(response.data, dict) else {}
