"""Sends a request, and again while that may help."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from azure_assistant.mapping import SDK_ERRORS, from_sdk
from azure_assistant.retries import RetryPolicy

T = TypeVar("T")
log = logging.getLogger(__name__)


async def persistent(
    request: Callable[[], Awaitable[T]], policy: RetryPolicy, *, safe: bool = True, deployment: str = ""
) -> T:
    """The result of ``request``, sent again while the policy allows it.

    Args:
        request: Makes a fresh awaitable for each attempt.
        policy: Delays and limits.
        safe: Whether sending it twice does no harm.
        deployment: Named in the error when the deployment is missing.

    Raises:
        AssistantError: What the last attempt failed with.
    """
    backoff = policy.start(safe=safe)
    while True:
        try:
            return await request()
        except SDK_ERRORS as raw:
            error = from_sdk(raw, deployment=deployment)
            delay = backoff.after(error)
            if delay is None:
                raise error from raw
            log.info("%s: again in %.1f s", type(error).__name__, delay)
            await asyncio.sleep(delay)


async def all_done(*work: Awaitable[object]) -> None:
    """Do everything that can be done, side by side; then raise what the first failure was."""
    for outcome in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
