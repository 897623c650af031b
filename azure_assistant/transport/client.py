"""Makes the SDK's client: Azure with a key, Azure with Entra ID, OpenAI, or any compatible server."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx2
from openai import AsyncAzureOpenAI, AsyncOpenAI, DefaultAioHttpClient

from azure_assistant.config import AssistantConfig
from azure_assistant.endpoint import read_endpoint
from azure_assistant.errors import SignInFailed, WebPageAnswered
from telemetry import traces
from telemetry.metrics import called

TokenProvider = Callable[[], Awaitable[str]]
log = logging.getLogger(__name__)

OPENAI_URL = "https://api.openai.com/v1/"
ASSISTANTS_API_VERSION = "2025-04-01-preview"
"""The last ``api-version`` with Assistants v2 (https://learn.microsoft.com/azure/ai-foundry/openai/reference-preview)."""

_BEGAN = "analyst_began"
_KINDS = frozenset({
    "responses", "conversations", "items", "containers", "files", "content", "compact",
    "assistants", "threads", "messages", "runs", "steps", "cancel", "submit_tool_outputs",
})  # fmt: skip

TIMEOUT = httpx2.Timeout(60.0, connect=10.0, read=300.0, pool=None)
"""Seconds. ``read`` is the longest silence of a stream: code of the model may run for minutes without an event."""
LIMITS = httpx2.Limits(max_connections=10_000)
"""Without a number aiohttp stops at 100 connections; each running answer holds one."""


@dataclass
class Connection:
    """A client and what must be closed with it."""

    client: AsyncOpenAI
    http: httpx2.AsyncClient
    sign_in: Callable[[], Awaitable[None]] | None = None

    async def close(self) -> None:
        """Close the HTTP connections and the credential."""
        await self.client.close()
        if self.sign_in is not None:
            await self.sign_in()


def connect(config: AssistantConfig) -> Connection:
    """A client for the configured service. Opens no connection yet; raises what ``config.check`` raises."""
    config.check()
    # Reads a stream with half the CPU of the default.
    http = DefaultAioHttpClient(
        timeout=TIMEOUT, limits=LIMITS, event_hooks={"request": [_begin], "response": [_count, _no_page]}
    )
    if not config.endpoint:
        return Connection(_opened(AsyncOpenAI, http, base_url=OPENAI_URL, api_key=config.openai_api_key), http)
    token, close = (None, None) if config.api_key else _entra(config.scope)
    return Connection(_client(config, token, http), http, close)


async def _begin(request: httpx2.Request) -> None:
    request.extensions[_BEGAN] = time.time()


async def _count(response: httpx2.Response) -> None:
    """Count a call by its kind, which is its path without ids."""
    kind = "/".join(part for part in response.request.url.path.split("/") if part in _KINDS)
    method, status = f"{response.request.method} {kind}", str(response.status_code)
    called("model", method, status)
    traces.called("model", method, status, response.request.extensions[_BEGAN], failed=response.is_error)


async def _no_page(response: httpx2.Response) -> None:
    """A sign-in page in place of an answer, with the status of a success: the address, or what is between, is wrong.

    The contents of a file may well be a page.
    """
    is_page = response.headers.get("content-type", "").lower().startswith("text/html")
    if is_page and response.is_success and not response.url.path.endswith("/content"):
        raise WebPageAnswered(str(response.status_code))


def _client(config: AssistantConfig, token: TokenProvider | None, http: httpx2.AsyncClient) -> AsyncOpenAI:
    endpoint, version = read_endpoint(config.endpoint), config.api_version
    if config.api == "assistants" and not endpoint.is_v1:
        return _opened(
            AsyncAzureOpenAI,
            http,
            azure_endpoint=endpoint.root,
            api_version=version or ASSISTANTS_API_VERSION,
            api_key=config.api_key or None,
            azure_ad_token_provider=token,
        )
    query = {"api-version": version} if version else None
    return _opened(AsyncOpenAI, http, base_url=endpoint.v1, api_key=config.api_key or token, default_query=query)


def _opened(kind: type[AsyncOpenAI], http: httpx2.AsyncClient, **options: Any) -> AsyncOpenAI:
    """A client without what the SDK takes from ``OPENAI_ORG_ID`` and ``OPENAI_PROJECT_ID``, set for other programs."""
    client = kind(http_client=http, max_retries=0, timeout=TIMEOUT, **options)
    client.organization = None
    client.project = None
    return client


def _entra(scope: str) -> tuple[TokenProvider, Callable[[], Awaitable[None]]]:
    from azure.core.exceptions import AzureError
    from azure.identity.aio import DefaultAzureCredential, get_bearer_token_provider

    credential = DefaultAzureCredential()
    fetch = get_bearer_token_provider(credential, scope)

    async def token() -> str:
        try:
            return await fetch()
        except AzureError as error:
            raise SignInFailed(type(error).__name__) from error

    return token, credential.close
