"""Socket Mode: two connections, and a watchdog for the known ways in which one dies silently.

The SDK closes the old socket before it opens the next and keeps a consumed ticket for ever when that fails
(https://github.com/slackapi/python-slack-sdk/issues/1110, /1446). Two connections cover the gap; forgetting the ticket
lets the SDK's own loop ask for a new one. What does not heal is left to the supervisor: ``lost`` is set, the bot exits.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

log = logging.getLogger(__name__)

TICKET = re.compile(r"ticket=[^&'\"\s]+")
WATCH_SECONDS = 15.0
PING_SECONDS = 10.0
FORGET_TICKET_AFTER = 2
GAP = 4
GIVE_UP_AFTER = 12
"""Looks in a row (3 minutes) with no connection at all before the bot exits."""


Record = Callable[[dict[str, Any]], Awaitable[bool]]


class _Handler(AsyncSocketModeHandler):
    """Acks what is recorded without a walk through Bolt, which has nothing left to do with it."""

    record: Record

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        try:
            recorded = req.type == "events_api" and await self.record(req.payload)
        except Exception as error:
            log.warning("An event could not be recorded, so Slack sends it again: %s", type(error).__name__)
            return
        if recorded:
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
        else:
            await super().handle(client, req)


class Sockets:
    """The bot's Socket Mode connections.

    Args:
        app: The Bolt app that takes the envelopes that ``record`` does not.
        record: Takes an event: it is on disk when this returns True.
        app_token: ``xapp-…`` with ``connections:write``.
        after_gap: Called with the epoch time at which a gap of a minute or more began, when it is over.
        connections: How many; Slack allows 10 and sends each envelope to one of them.
        watch_seconds: How often to look at them.
        ping_seconds: How often the SDK pings, and tries again.
    """

    def __init__(
        self,
        app: AsyncApp,
        record: Record,
        app_token: str,
        after_gap: Callable[[float], Awaitable[None]],
        connections: int = 2,
        watch_seconds: float = WATCH_SECONDS,
        ping_seconds: float = PING_SECONDS,
    ) -> None:
        self._handlers: list[AsyncSocketModeHandler] = []
        for _ in range(connections):
            handler = _Handler(app, app_token, logger=_sdk_log(), ping_interval=ping_seconds)
            handler.record = record
            self._handlers.append(handler)
        self._misses = [0] * connections
        self._watchdog: asyncio.Task[None] | None = None
        self._opening: list[asyncio.Task[None]] = []
        self.opened = asyncio.Event()
        self.lost = asyncio.Event()
        self._last_alive = time.time()
        self._after_gap = after_gap
        self._watch_seconds = watch_seconds

    def open(self) -> None:
        """Begin to connect; ``opened`` is set once the first connection stands.

        The SDK tries for ever, with the same ticket, so the watchdog is there from the beginning.
        """
        self._opening = [asyncio.create_task(self._connect(handler)) for handler in self._handlers]
        self._watchdog = asyncio.create_task(self._watch())

    async def _connect(self, handler: AsyncSocketModeHandler) -> None:
        await handler.connect_async()
        self.opened.set()

    async def close(self) -> None:
        """Disconnect; envelopes go to other replicas, or are sent again later."""
        tasks = [*self._opening, *([self._watchdog] if self._watchdog else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(handler.close_async() for handler in self._handlers), return_exceptions=True)

    async def _watch(self) -> None:
        while not self.lost.is_set():
            await asyncio.sleep(self._watch_seconds)
            for position, handler in enumerate(self._handlers):
                alive = await handler.client.is_connected()
                self._misses[position] = 0 if alive else self._misses[position] + 1
                if not alive and self._misses[position] % FORGET_TICKET_AFTER == 0:
                    log.warning("Socket %d is down; asking Slack for a new address.", position)
                    handler.client.wss_uri = None
            if min(self._misses) == 0:
                await self._alive()
            elif min(self._misses) >= GIVE_UP_AFTER:
                log.error("No connection to Slack for %.0f s.", GIVE_UP_AFTER * self._watch_seconds)
                self.lost.set()

    async def _alive(self) -> None:
        since, self._last_alive = self._last_alive, time.time()
        if self._last_alive - since > GAP * self._watch_seconds:
            log.info("Slack is back; reading what was missed.")
            try:
                await self._after_gap(since)
            except Exception as error:
                log.warning("What was missed could not be read: %s", type(error).__name__)


class _WithoutTickets(logging.Filter):
    """The SDK's errors name the address of a connection, and with it the ticket that opens it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Take tickets out of a line."""
        record.msg, record.args = TICKET.sub("ticket=…", record.getMessage()), ()
        record.exc_info = record.exc_text = None
        return True


def _sdk_log() -> logging.Logger:
    made = log.getChild("sdk")
    made.setLevel(logging.WARNING)
    if not made.filters:
        made.addFilter(_WithoutTickets())
    return made
