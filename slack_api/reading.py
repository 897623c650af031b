"""Calls that only read: repeated when Slack is busy or unreachable, and their refusals as our errors."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from conversations.errors import MissingScope, ReadRefused
from conversations.ports.workplace import SharedFile
from slack_api.reaching import obstacle
from untrusted.payload import mapping, string, values

logger = logging.getLogger(__name__)

ReadCall = Callable[..., Awaitable[AsyncSlackResponse]]

TRIES = 4
TOO_MANY = 429
LIMITED_SECONDS = 600.0
"""How long a call waits for Slack's limits: many replicas and threads share them, and they pass."""

MAX_WAIT = 61.0
"""Seconds: apps under Slack's cut for history and replies are told to wait up to 60.

https://docs.slack.dev/changelog/2025-05-29-rate-limit-changes-for-non-marketplace-apps
"""

_BUSY = frozenset({"ratelimited", "rate_limited"})
_PASSING = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_SERVER_ERROR = 500
FIRST_WAIT = 0.5

FRESH_SECONDS = 60.0
"""A file younger than this may not have reached all of Slack's servers: some say that there is none."""

FRESH_TRIES = 5
"""How often such a file is asked for; about 7 seconds."""


@dataclass
class Patience:
    """How long one call is repeated: failures are counted, waits for Slack's limits are added up.

    Args:
        tries: How often it may be made, those that met a limit left out.
    """

    tries: int
    _failures: int = 0
    _limited: float = 0.0

    def after_failure(self) -> float | None:
        """Seconds until the next try; None when there is none."""
        self._failures += 1
        return backoff(self._failures) if self._failures < self.tries else None

    def after_limit(self, told: str | None) -> float | None:
        """The same, when Slack has named a time in a ``Retry-After`` header."""
        wait = retry_after(told, 1)
        self._limited += wait
        return wait if self._limited <= LIMITED_SECONDS else None


def fresh_patience(file: SharedFile) -> Patience:
    """How long a refusal is not believed: some seconds for a file that has just come, else not at all."""
    moments = (float(file.created), _seconds(file.shared_at))
    is_fresh = any(abs(time.time() - moment) < FRESH_SECONDS for moment in moments)
    return Patience(FRESH_TRIES if is_fresh else 1)


async def read(call: ReadCall, **arguments: Any) -> Mapping[str, Any]:
    """Call a reading method of the Web API.

    Args:
        call: A bound method of ``AsyncWebClient``; it must have no effect at Slack, as it may be called again.
        **arguments: Its arguments.

    Raises:
        MissingScope: The token lacks a scope; ``fields["needed"]`` names it.
        ReadRefused: Slack refused, or could not be reached after several tries; ``fields["error"]`` is Slack's word.
    """
    patience = Patience(TRIES)
    while True:
        try:
            response = await call(**arguments)
        except SlackApiError as error:
            wait = _wait_after(error, patience)
            if wait is None:
                raise _refusal(error, call) from error
        except (aiohttp.ClientError, TimeoutError, ConnectionError, SlackRequestError) as error:
            wait = None if obstacle(error) else patience.after_failure()
            if wait is None:
                raise ReadRefused(f"{call.__name__}: {type(error).__name__}", error="unreachable") from error
        else:
            return dict(response.data) if isinstance(response.data, dict) else {}
        logger.info("%s: again in %.1f s", call.__name__, wait)
        await asyncio.sleep(wait)


async def pages(call: ReadCall, key: str, limit: int, most: int, **arguments: Any) -> AsyncIterator[list[Any]]:
    """The pages of a cursor-based method.

    Args:
        call: A bound method of ``AsyncWebClient`` that takes ``cursor`` and ``limit``.
        key: Where a page has its items.
        limit: Items for each page.
        most: Pages at most.
        **arguments: The method's other arguments.
    """
    cursor = ""
    for _ in range(most):
        answer = await read(call, limit=limit, **arguments, **({"cursor": cursor} if cursor else {}))
        yield values(answer.get(key))
        cursor = string(mapping(answer.get("response_metadata")).get("next_cursor"))
        if not cursor:
            return


def backoff(attempt: int) -> float:
    """Seconds to wait after the first, second… failed try: growing, with a random part."""
    return float(FIRST_WAIT * 2 ** (attempt - 1) * random.uniform(0.75, 1.25))  # noqa: S311 - not a secret


def retry_after(value: str | None, attempt: int) -> float:
    """The seconds of a ``Retry-After`` header, with a small random part; a growing wait without one."""
    try:
        return min(float(value or ""), MAX_WAIT) + random.uniform(0.0, 0.25)  # noqa: S311 - not a secret
    except ValueError:
        return backoff(attempt)


def _seconds(ts: str) -> float:
    try:
        return float(ts or 0)
    except ValueError:
        return 0.0


def _wait_after(error: SlackApiError, patience: Patience) -> float | None:
    """Seconds until the next try, or None when another try is of no use."""
    response = error.response
    status = getattr(response, "status_code", 200)
    headers = {str(name).lower(): value for name, value in (getattr(response, "headers", None) or {}).items()}
    code = _code(error)
    if code in _BUSY or status == TOO_MANY:
        value = headers.get("retry-after")
        return patience.after_limit(value[0] if isinstance(value, list) else value)
    return patience.after_failure() if status >= _SERVER_ERROR or code in _PASSING else None


def _code(error: SlackApiError) -> str:
    data = getattr(error.response, "data", error.response)
    return str(data.get("error") or "") if isinstance(data, Mapping) else ""


def _refusal(error: SlackApiError, call: ReadCall) -> ReadRefused | MissingScope:
    code = _code(error) or f"HTTP {getattr(error.response, 'status_code', '?')}"
    if code == "missing_scope":
        return MissingScope(call.__name__, needed=error.response.get("needed") or "?", error=code)
    return ReadRefused(call.__name__, error=code)
