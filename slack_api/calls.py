"""The one way to Slack's Web API for replies/: paced, patient, and honest about what is not known.

A refusal (``Refused``) is final, a 429 is waited out, and a failure after which nobody knows whether Slack did it is
repeated only where repeating is harmless; else it is ``Unclear``, and the caller looks first.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from conversations.errors import (
    AppNotAllowed,
    ChannelArchived,
    NotInChannel,
    SlackError,
    SlackUnavailable,
    ThreadClosed,
    ThreadDeleted,
)
from slack_api.pace import Pace
from slack_api.rate_budget import WorkspaceBudget
from untrusted.characters import all_whole

_log = logging.getLogger(__name__)

_LIMITED = frozenset({"ratelimited", "rate_limited"})
_BROKEN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
_LONGEST_PAUSE = 30.0
_SERVER_ERROR = 500
_TOO_MANY = 429

_ENDINGS: Mapping[str, type[SlackError]] = {
    "not_in_channel": NotInChannel,
    "channel_not_found": NotInChannel,
    "is_archived": ChannelArchived,
    "is_inactive": ChannelArchived,
    "thread_locked": ThreadClosed,
    "messages_tab_disabled": ThreadClosed,
    "cannot_reply_to_message": ThreadDeleted,
    "thread_not_found": ThreadDeleted,
    "invalid_thread_ts": ThreadDeleted,
    "missing_scope": AppNotAllowed,
    "no_permission": AppNotAllowed,
    "not_allowed_token_type": AppNotAllowed,
    "invalid_auth": AppNotAllowed,
    "not_authed": AppNotAllowed,
    "account_inactive": AppNotAllowed,
    "token_revoked": AppNotAllowed,
    "token_expired": AppNotAllowed,
    "app_missing": AppNotAllowed,
    "team_access_not_granted": AppNotAllowed,
}


class Refused(Exception):
    """Slack said no. ``error`` is its word for why."""

    def __init__(self, error: str, details: str = "") -> None:
        super().__init__(f"{error} {details}".strip())
        self.error = error

    @property
    def ends_thread(self) -> bool:
        """Whether nothing can be posted there any more."""
        return self.error in _ENDINGS or self.error.startswith("restricted_action")

    def as_error(self) -> SlackError:
        """The sentence for it."""
        kind = ThreadClosed if self.error.startswith("restricted_action") else _ENDINGS.get(self.error, SlackError)
        return kind(str(self), error=self.error)


class Unclear(Exception):
    """The call failed on the way: Slack may have done it, or not."""


class SlackCalls:
    """Calls methods of the Web API.

    Args:
        client: Whose token, address and session to use. Its retry handlers are not: a silently repeated post is a
            second post (https://docs.slack.dev/tools/python-slack-sdk/web#retryhandler).
        budget: The workspace's limits.
        team: Sent with each call, for apps that are installed organisation-wide; "" for none.
        pace: How long to wait.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        budget: WorkspaceBudget,
        *,
        team: str = "",
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.budget = budget
        self.pace = pace or Pace()
        self.clock = clock
        self.session = client.session
        self.base_url = client.base_url
        self._client = AsyncWebClient(
            token=client.token,
            base_url=client.base_url,
            timeout=client.timeout,
            ssl=client.ssl,
            proxy=client.proxy,
            session=client.session,
            trust_env_in_session=client.trust_env_in_session,
            team_id=team or None,
            logger=client.logger,
            retry_handlers=[],
        )
        self._client.proxy = client.proxy  # without one, the SDK takes what the environment says

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
        body = all_whole({name: value for name, value in arguments.items() if value is not None})
        channel = str(arguments.get("channel", ""))
        send = lambda: self._client.api_call(method, json=dict(body))  # noqa: E731
        return await self._patiently(method, channel, repeatable, send, patience)

    async def ask(
        self, method: str, *, repeatable: bool = True, patience: float | None = None, **arguments: Any
    ) -> Mapping[str, Any]:
        """Call a method that takes its arguments in the query; see ``write``."""
        query = all_whole({name: value for name, value in arguments.items() if value is not None})
        send = lambda: self._client.api_call(method, params=dict(query))  # noqa: E731
        return await self._patiently(method, "", repeatable, send, patience)

    async def wait_again(self, attempt: int, since: float, patience: float | None = None) -> None:
        """Pause before trying again.

        Args:
            attempt: How often it has failed, from 0.
            since: When the first try began.
            patience: Seconds until it is given up; None for the usual.

        Raises:
            SlackUnavailable: Patience is over.
        """
        self._check_patience(self.clock() - since, patience)
        await asyncio.sleep(min(self.pace.first_retry_seconds * 2**attempt, _LONGEST_PAUSE))

    def _check_patience(self, waited: float, patience: float | None) -> None:
        if waited > (self.pace.patience_seconds if patience is None else patience):
            raise SlackUnavailable(minutes=max(1, round(waited / 60)))

    async def _patiently(
        self,
        method: str,
        channel: str,
        repeatable: bool,
        send: Callable[[], Awaitable[AsyncSlackResponse]],
        patience: float | None,
    ) -> Mapping[str, Any]:
        since, attempt = self.clock(), 0
        while True:
            if patience is not None:
                self._check_patience(self.budget.delay(method, channel), patience)
            await self.budget.take(method, channel)
            try:
                response = await send()
            except (SlackApiError, SlackRequestError, aiohttp.ClientError, TimeoutError, OSError) as failure:
                pause = self._pause(method, failure)
                if pause is not None:
                    _log.info("slack limits %s: waiting %s s", method, pause)
                    self.budget.hold_off(method, channel, pause)
                    self._check_patience(self.clock() + pause - since, patience)
                    continue
                if not repeatable:
                    raise Unclear(f"{method}: {type(failure).__name__}") from failure
                await self.wait_again(attempt, since, patience)
                attempt += 1
            else:
                return response.data if isinstance(response.data, dict) else {}

    @staticmethod
    def _pause(method: str, failure: Exception) -> float | None:
        """Seconds to wait for a rate limit; None when nobody knows what happened.

        Raises:
            Refused: Slack said no.
        """
        if not isinstance(failure, SlackApiError):
            _log.warning("slack call %s failed: %s", method, type(failure).__name__)
            return None
        response: Any = failure.response
        data = getattr(response, "data", None)
        data = data if isinstance(data, dict) else {}
        status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)
        error = str(data.get("error", ""))
        if status == _TOO_MANY or error in _LIMITED:
            headers = {str(name).lower(): value for name, value in (getattr(response, "headers", None) or {}).items()}
            told = str(headers.get("retry-after") or data.get("retry_after") or "")
            return float(told) if told.replace(".", "", 1).isdecimal() else 1.0
        if status >= _SERVER_ERROR or error in _BROKEN or not error:
            _log.warning("slack call %s failed: HTTP %s %s", method, status, error)
            return None
        messages = (data.get("response_metadata") or {}).get("messages") or data.get("errors") or []
        raise Refused(error, "; ".join(str(message) for message in messages)[:300]) from failure
