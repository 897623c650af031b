"""Opens the Web API at the start and checks the tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from conversations.errors import SlackError
from errors import CannotStart
from slack_api.api import SlackApi
from slack_api.departure import tracing
from slack_api.failures import UNREACHABLE
from slack_api.identity import Identity
from slack_api.rate_budget import WorkspaceBudget
from slack_api.reaching import obstacle


@asynccontextmanager
async def open_slack(token: str, url: str, budget: WorkspaceBudget | None = None) -> AsyncIterator[SlackApi]:
    """The Web API, on one session as long as the context lasts."""
    async with aiohttp.ClientSession(trace_configs=[tracing()]) as session:
        yield SlackApi(token, url, session, budget=budget)


async def identify(api: SlackApi) -> Identity:
    """Ask Slack who we are. Raises ``CannotStart`` when the token is refused, or Slack cannot be reached."""
    refusal = "SLACK_BOT_TOKEN: Slack refuses it ({reason}). Copy the Bot User OAuth Token again."
    answer = await _ask(api, refusal, "auth.test")
    return Identity(answer["team_id"], answer["user_id"], answer["bot_id"], answer.get("enterprise_id") or "")


async def check_app_token(api: SlackApi, token: str) -> None:
    """Open (and not use) a connection once: the SDK would retry a refused token for ever. Raises ``CannotStart``."""
    refusal = "SLACK_APP_TOKEN: Slack refuses it ({reason}). Make one under Basic Information → App-Level Tokens."
    await _ask(api, refusal, "apps.connections.open", token=token)


async def _ask(api: SlackApi, refusal: str, method: str, token: str | None = None) -> Mapping[str, Any]:
    """The answer to a call at the start. Rate limits and passing failures are waited out, as after any restart."""
    try:
        return await api.read(method, token=token)
    except SlackError as error:
        if between := obstacle(error):
            raise CannotStart(between) from error
        reason = error.fields.get("error", "unknown error")
        if reason == UNREACHABLE or reason.startswith("HTTP 5"):
            raise CannotStart(f"SLACK_API_URL: Slack cannot be reached at {api.url} ({reason}).") from error
        raise CannotStart(refusal.format(reason=reason)) from error
