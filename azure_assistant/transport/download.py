"""Fetches bytes in chunks, and goes on where it was when the connection breaks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import httpx2

from azure_assistant.errors import AssistantError, Decision, WebPageAnswered
from azure_assistant.retries import RetryPolicy
from azure_assistant.transport.error_mapping import SDK_ERRORS, from_sdk, from_wire

log = logging.getLogger(__name__)

Open: TypeAlias = Callable[[], AbstractAsyncContextManager[httpx2.Response]]
"""Opens an answer whose body was not read yet."""


async def download(open_response: Open, policy: RetryPolicy, name: str = "") -> AsyncGenerator[bytes, None]:
    """The body, in chunks. A 404 is tried again, too: fresh container files are not always there at once.

    Args:
        open_response: Opens the response, anew for each attempt.
        policy: Delays and limits.
        name: Of the file; one that is no web page itself is not to be one.

    Raises:
        AssistantError: It could not be had.
    """
    delivered = 0
    for attempt in range(1, policy.attempts + 1):
        try:
            skip = delivered
            async with open_response() as response:
                _check(response, name)
                async for chunk in response.aiter_bytes():
                    fresh = chunk[skip:]
                    skip = max(0, skip - len(chunk))
                    if fresh:
                        delivered += len(fresh)
                        yield fresh
        except SDK_ERRORS as raw:
            error = from_sdk(raw)
        except AssistantError as known:
            error = known
        else:
            return
        if attempt == policy.attempts or error.decision not in {Decision.WAIT, Decision.RENEW}:
            raise error
        delay = min(policy.first * 2 ** (attempt - 1), policy.longest)
        log.info("Download: %s, again in %.1f s", type(error).__name__, delay)
        await asyncio.sleep(delay)


def _check(response: httpx2.Response, name: str) -> None:
    """The SDK raises for a status by itself, httpx2 does not. A sign-in page comes with that of a success."""
    status = response.status_code
    if status >= 400:  # noqa: PLR2004
        raise from_wire({}, status=status, headers=response.headers)
    is_page = response.headers.get("content-type", "").lower().startswith("text/html")
    if is_page and name and not name.lower().endswith((".html", ".htm")):
        raise WebPageAnswered(str(status))
