"""The Web API's client, and who the bot is by it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from errors import AnalystError
from slack_api.identity import Identity
from slack_api.reaching import obstacle, proxy_of
from slack_api.reading import ReadCall, read


class CannotStart(Exception):
    """A sentence for the person who starts the bot; no traceback."""


@asynccontextmanager
async def slack_client(token: str, url: str) -> AsyncIterator[tuple[AsyncWebClient, aiohttp.ClientSession]]:
    """A Web API client on one long-lived session; without it the SDK makes a TLS handshake for every call."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=token, base_url=url, session=session)
        client.proxy = proxy_of(url)
        client.retry_handlers = []  # its silent retry of a post may post twice; replies/ looks first
        yield client, session


async def identify(client: AsyncWebClient) -> Identity:
    """Ask Slack who we are.

    Raises:
        CannotStart: The token is refused, or Slack cannot be reached.
    """
    answer = await _asked(
        client, "SLACK_BOT_TOKEN: Slack refuses it ({reason}). Copy the Bot User OAuth Token again.", client.auth_test
    )
    return Identity(answer["team_id"], answer["user_id"], answer["bot_id"], answer.get("enterprise_id") or "")


async def check_app_token(client: AsyncWebClient, token: str) -> None:
    """Open (and not use) a connection once: the SDK would retry a refused token for ever.

    Raises:
        CannotStart: Slack refuses the token.
    """
    refusal = "SLACK_APP_TOKEN: Slack refuses it ({reason}). Make one under Basic Information → App-Level Tokens."
    await _asked(client, refusal, client.apps_connections_open, app_token=token)


async def _asked(client: AsyncWebClient, refusal: str, call: ReadCall, **arguments: str) -> Mapping[str, Any]:
    """Slack's answer to a first question. Limits and passing troubles are waited out, as after a restart of its own."""
    try:
        return await read(call, **arguments)
    except AnalystError as error:
        if between := obstacle(error.__cause__):
            raise CannotStart(between) from error
        reason = error.fields.get("error", "unknown error")
        if reason == "unreachable" or reason.startswith("HTTP 5"):
            raise CannotStart(f"SLACK_API_URL: Slack cannot be reached at {client.base_url} ({reason}).") from error
        raise CannotStart(refusal.format(reason=reason)) from error
