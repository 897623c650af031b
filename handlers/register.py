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

from conversations.service import Conversations
from handlers.actions import Actions
from handlers.changes import FileChanges, Removal
from handlers.commands import ANALYSE, SLASH, Commands
from handlers.feedback import FeedbackReasons
from handlers.home import Home
from handlers.mentions import Mentions
from handlers.messages import Messages
from handlers.sessions import Sessions
from replies.code_modal import FEEDBACK_REASON

SUBSCRIBED = (
    "agent_session_stopped",
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_id_changed",
    "file_change",
    "file_deleted",
    "message",
    "tokens_revoked",
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

    @property
    def recorded(self) -> frozenset[str]:
        """Event types that are done before their ack."""
        return frozenset(self._handlers)

    def on_actions(self, handler: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        """Let a handler take pressed buttons."""
        self._actions = handler

    async def record(self, body: dict[str, Any]) -> bool:
        """Hand an event to its handler; what it says is on disk when this returns.

        Returns:
            Whether there is a handler for it.
        """
        event = body.get("event") or {}
        handler = self._handlers.get(event.get("type", ""))
        if handler:
            await handler(body, event)
        return handler is not None

    async def middleware(self, body: dict[str, Any], next: Callable[[], Awaitable[None]]) -> None:  # noqa: A002
        """Bolt's ``before_authorize``; the argument names are Bolt's."""
        recorded = await self.record(body)
        if not recorded and body.get("type") == "block_actions" and self._actions:
            await self._actions(body)
        await next()


def register(
    app: AsyncApp, inbox: EventInbox, conversations: Conversations, bot_user: str, team: str, removal: Removal
) -> None:
    """Connect the handlers, and a listener for every subscribed event type so that it is acked."""
    inbox.on("message", Messages(conversations, bot_user).handle)
    inbox.on("app_mention", Mentions(conversations, bot_user).handle)
    inbox.on("agent_session_stopped", Sessions(conversations).stopped)
    changes = FileChanges(conversations, team)
    inbox.on("file_change", changes.changed)
    inbox.on("file_deleted", changes.deleted)
    inbox.on("channel_id_changed", changes.moved)
    for event_type in inbox.recorded:
        app.event(event_type)(_recorded_already)
    app.event("app_home_opened")(Home(conversations, team).opened)
    app.event("tokens_revoked")(removal.revoked)
    app.event("app_uninstalled")(removal.uninstalled)

    actions = Actions(conversations)
    inbox.on_actions(actions.record)
    app.action(re.compile(".*"))(actions.show)
    app.view(FEEDBACK_REASON)(FeedbackReasons(conversations).submitted)
    commands = Commands(conversations, team)
    app.command(SLASH)(commands.slash)
    app.message_shortcut(ANALYSE)(commands.analyse)


async def _recorded_already() -> None:
    """Nothing is left to do: ``EventInbox`` had the event before."""
