"""Socket Mode: two connections, and a watchdog for the known ways in which one dies silently.

The SDK closes the old socket before it opens the next and keeps a consumed ticket for ever when that fails
(https://github.com/slackapi/python-slack-sdk/issues/1110, /1446). Two connections cover the gap; forgetting the ticket
lets the SDK's own loop ask for a new one. What does not heal is left to the supervisor: ``lost`` is set, the bot exits.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from handlers.envelopes import Envelopes
from untrusted.payload import string

log = logging.getLogger(__name__)

Frame = dict[str, Any]

TICKET = re.compile(r"ticket=[^&'\"\s]+")
ENVELOPE = re.compile(r'"envelope_id"\s*:\s*"([^"\\]{1,100})"')
WATCH_SECONDS = 15.0
PING_SECONDS = 10.0
FORGET_TICKET_AFTER = 2
GAP = 4
GIVE_UP_AFTER = 12
"""Looks in a row (3 minutes) with no connection at all before the bot exits."""


class _Client(SocketModeClient):
    """Reads frames without trust: the SDK drops those that it cannot read, and Slack sends them again and again.

    ``connected`` is called whenever there is a new connection.
    """

    def __init__(
        self, web_client: AsyncWebClient, app_token: str, ping_seconds: float, connected: Callable[[], None]
    ) -> None:
        super().__init__(app_token, _sdk_log(), web_client, ping_interval=ping_seconds)
        self._connected = connected
        self.proxy = web_client.proxy  # without one, the SDK takes what the environment says
        self._reading: set[asyncio.Task[None]] = set()

    async def connect(self) -> None:
        """See the SDK, whose own loop calls this, too."""
        await super().connect()  # type: ignore[no-untyped-call]
        self._connected()

    async def process_message(self) -> None:
        """Take the next frame, and go on with it beside the others."""
        raw = await self.message_queue.get()
        task = asyncio.ensure_future(self.run_message_listeners(_frame(raw), raw))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)


class Sockets:
    """The bot's Socket Mode connections.

    ``opened`` is set once the first one stands, ``lost`` when there has been none for too long; ``after_gap`` is called
    with the epoch time at which a gap of a minute or more began, when it is over. Slack allows 10 ``connections``, and
    sends each envelope to one of them; the SDK pings every ``ping_seconds``, and tries again.
    """

    def __init__(
        self,
        web_client: AsyncWebClient,
        envelopes: Envelopes,
        app_token: str,
        after_gap: Callable[[float], Awaitable[None]],
        connections: int = 2,
        watch_seconds: float = WATCH_SECONDS,
        ping_seconds: float = PING_SECONDS,
    ) -> None:
        self._envelopes = envelopes
        self._clients: list[SocketModeClient] = [
            _Client(web_client, app_token, ping_seconds, envelopes.listens) for _ in range(connections)
        ]
        for client in self._clients:
            client.message_listeners.append(self._take)
        self._misses = [0] * connections
        self._watchdog: asyncio.Task[None] | None = None
        self._opening: list[asyncio.Task[None]] = []
        self.opened = asyncio.Event()
        self.lost = asyncio.Event()
        self._last_alive = time.time()
        self._after_gap = after_gap
        self._watch_seconds = watch_seconds

    @property
    def is_connected(self) -> bool:
        """Whether at least one connection stood when the watchdog looked last."""
        return self.opened.is_set() and min(self._misses) == 0

    async def _take(self, client: AsyncBaseSocketModeClient, frame: Frame, _raw: str | None) -> None:
        """Ack an envelope as soon as what it says is on disk."""
        envelope_id = string(frame.get("envelope_id"))
        if not envelope_id:
            return
        if frame.get("retry_attempt"):
            self._envelopes.listens()
        try:
            await self._envelopes.record(frame.get("payload"))
        except Exception as error:
            log.warning("An event could not be recorded, so Slack sends it again: %s", type(error).__name__)
            return
        await client.send_socket_mode_response({"envelope_id": envelope_id})
        await self._envelopes.follow(frame.get("payload"))

    async def open(self) -> None:
        """Begin to connect.

        The SDK tries for ever, with the same ticket, so the watchdog is there from the beginning.
        """
        self._opening = [asyncio.create_task(self._connect(client)) for client in self._clients]
        self._watchdog = asyncio.create_task(self._watch())

    async def _connect(self, client: SocketModeClient) -> None:
        await client.connect()
        if not self.opened.is_set():
            log.info("Connected to Slack (Socket Mode).")
            self.opened.set()

    async def close(self) -> None:
        """Disconnect; envelopes go to other replicas, or are sent again later."""
        tasks = [*self._opening, *([self._watchdog] if self._watchdog else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(client.close() for client in self._clients), return_exceptions=True)

    async def _watch(self) -> None:
        while not self.lost.is_set():
            await asyncio.sleep(self._watch_seconds)
            for position, client in enumerate(self._clients):
                alive = await client.is_connected()
                self._misses[position] = 0 if alive else self._misses[position] + 1
                if not alive and self._misses[position] % FORGET_TICKET_AFTER == 0:
                    log.warning("Socket %d is down; asking Slack for a new address.", position)
                    client.wss_uri = None
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


def _frame(raw: str) -> Frame:
    """A frame's JSON; of one that cannot be read (too deep, for example) the envelope's id, so that it is acked."""
    try:
        frame = json.loads(raw)
    except (ValueError, RecursionError) as error:
        log.warning("A frame from Slack cannot be read: %s", type(error).__name__)
        found = ENVELOPE.search(raw)
        return {"envelope_id": found.group(1)} if found else {}
    return frame if isinstance(frame, dict) else {}


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
