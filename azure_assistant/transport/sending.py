"""Sends a request, and again while that may help."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from azure_assistant.errors import AssistantError, ParameterRefused
from azure_assistant.retries import RetryPolicy
from azure_assistant.transport.error_mapping import SDK_ERRORS, from_sdk, from_wire
from azure_assistant.transport.optional_parameters import OptionalParameters

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
        except (*SDK_ERRORS, AssistantError) as raw:
            error = raw if isinstance(raw, AssistantError) else from_sdk(raw, deployment=deployment)
            delay = backoff.after(error)
            if delay is None:
                raise error from (None if error is raw else raw)
            log.info("%s: again in %.1f s", type(error).__name__, delay)
            await asyncio.sleep(delay)


async def made(request: Callable[[], Awaitable[Any]], policy: RetryPolicy, *, deployment: str = "") -> Any:
    """What a request made, as ``persistent``, with the id that it must have.

    Raises:
        AssistantError: As ``persistent``; also when the answer is a success without an id, as of some gateways.
    """

    async def checked() -> Any:
        answer = await request()
        if isinstance(getattr(answer, "id", None), str) and answer.id:
            return answer
        body = answer if isinstance(answer, str) else getattr(answer, "model_extra", None)
        raise from_wire(body, status=200, deployment=deployment)

    return await persistent(checked, policy, deployment=deployment)


async def adapted(
    request: Callable[[dict[str, Any]], Awaitable[Any]],
    name: str,
    wanted: Mapping[str, Any],
    parameters: OptionalParameters,
    policy: RetryPolicy,
    *,
    deployment: str = "",
) -> Any:
    """What a request made, without the optional parameters that the service refuses.

    Args:
        request: Makes a fresh awaitable for each attempt, with the parameters that it may have.
        name: Kind of request.
        wanted: The optional parameters.
        parameters: What the service has refused so far.
        policy: Delays and limits.
        deployment: Named in the error when the deployment is missing.

    Raises:
        AssistantError: What the last attempt failed with.
    """
    while True:
        given = parameters.of(name, wanted)
        try:
            return await made(lambda: request(given), policy, deployment=deployment)  # noqa: B023 - awaited here
        except ParameterRefused as error:
            if not parameters.leave_out(name, wanted, error.names):
                raise


async def all_done(*work: Awaitable[object]) -> None:
    """Do everything that can be done, side by side; then raise what the first failure was."""
    for outcome in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
