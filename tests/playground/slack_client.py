"""The real SDK against the local Slack: a client, and an app of a few listeners over Socket Mode."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.server.server import LocalSlack

Json = dict[str, Any]


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[LocalSlack]:
    slack = LocalSlack(**options)
    await slack.start()
    try:
        yield slack
    finally:
        await slack.stop()


def client_of(slack: LocalSlack, token: str | None = None) -> AsyncWebClient:
    client = AsyncWebClient(token=slack.bot_token if token is None else token, base_url=slack.api_url, proxy="")
    client.retry_handlers.clear()
    return client


class Bot:
    """An app that notes all events and interactions."""

    def __init__(self, slack: LocalSlack) -> None:
        self.slack = slack
        self.events: list[Json] = []
        self.payloads: list[Json] = []
        self.on_event: Callable[[Json], Awaitable[None]] | None = None
        self.app = AsyncApp(name="test", client=client_of(slack), token=slack.bot_token, process_before_response=True)
        self.handler = AsyncSocketModeHandler(self.app, slack.app_token, ping_interval=1)
        for kind in slack.options.events:
            self.app.event(kind.partition(".")[0])(self._event)

    async def _event(self, event: Json, body: Json) -> None:
        self.events.append(event)
        self.payloads.append(body)
        if self.on_event is not None:
            await self.on_event(event)
        self.slack.workspace.changes.notify()

    def of(self, kind: str) -> list[Json]:
        return [event for event in self.events if event["type"] == kind]


@asynccontextmanager
async def bot_of(slack: LocalSlack) -> AsyncIterator[Bot]:
    bot = Bot(slack)
    await bot.handler.connect_async()
    await slack.wait_connected()
    try:
        yield bot
    finally:
        await bot.handler.close_async()


async def refusal(call: Awaitable[Any]) -> str:
    """The error code with which a call is refused."""
    try:
        await call
    except SlackApiError as error:
        return str(error.response["error"])
    return "accepted"
