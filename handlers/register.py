"""Wires the handlers into Bolt so that Slack's ack means "on disk".

Bolt acks an event before its listener runs, and a crash in between would lose it. So the work is done in
``before_authorize``: an exception there means no ack, and Slack sends the event again. The listeners are there because
Bolt answers 404, without an ack, to an event that nobody listens to.
https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from conversations.service import Conversations
from handlers.actions import Actions
from handlers.mentions import Mentions
from handlers.messages import Messages
from handlers.sessions import Sessions

SUBSCRIBED = (
    "agent_session_stopped",
    "app_mention",
    "message",
)
"""Event types of manifest.yml (``message`` stands for the four ``message.*``)."""

Handler = Callable[[dict[str, Any], dict[str, Any]], Awaitable[None]]


class EventInbox:
    """Hands every event to its handler, before Slack gets its ack."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}
        self._actions: Callable[[dict[str, Any]], Awaitable[None]] | None = None

    def on(self, event_type: str, handler: Handler) -> None:
        """Let a handler take an event type."""
        self._handlers[event_type] = handler

    def on_actions(self, handler: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        """Let a handler take pressed buttons."""
        self._actions = handler

    async def middleware(self, body: dict[str, Any], next: Callable[[], Awaitable[None]]) -> None:  # noqa: A002
        """Bolt's ``before_authorize``; the argument names are Bolt's."""
        event = body.get("event") or {}
        handler = self._handlers.get(event.get("type", ""))
        if handler:
            await handler(body, event)
        elif body.get("type") == "block_actions" and self._actions:
            await self._actions(body)
        await next()


def register(app: AsyncApp, inbox: EventInbox, conversations: Conversations, bot_user: str) -> None:
    """Connect the handlers, and a listener for every subscribed event type so that it is acked."""
    inbox.on("message", Messages(conversations, bot_user).handle)
    inbox.on("app_mention", Mentions(conversations, bot_user).handle)
    inbox.on("agent_session_stopped", Sessions(conversations).stopped)
    inbox.on_actions(Actions(conversations).handle)
    for event_type in SUBSCRIBED:
        app.event(event_type)(_recorded_already)
    app.action(re.compile(".*"))(_acknowledge)


async def _recorded_already() -> None:
    """Nothing is left to do: ``EventInbox`` had the event before."""


async def _acknowledge(ack: AsyncAck) -> None:
    await ack()
