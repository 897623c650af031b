"""A port of its own for whoever runs the bot: ``/healthz``, ``/readyz`` and ``/metrics``.

``/healthz`` says that the process lives: whoever asks may kill it when it does not answer. ``/readyz`` says whether it
takes questions: database, Slack, and that it is not being ended.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from errors import CannotStart
from telemetry.metrics import exposition

log = logging.getLogger(__name__)

SECONDS = 2.0
"""How long the database may take to answer."""


@dataclass(frozen=True)
class Signs:
    """Where the signs of life come from.

    Args:
        open_turns: How many questions wait, and how many run; it asks the database.
        connected: Whether Slack reaches this process.
        draining: Whether it is being ended.
    """

    open_turns: Callable[[], Awaitable[tuple[int, int]]]
    connected: Callable[[], bool]
    draining: Callable[[], bool]


class TelemetryServer:
    """Serves the three paths at a port of ``host``; port 0 is none at all."""

    def __init__(self, signs: Signs, host: str, port: int) -> None:
        self._signs = signs
        self._place = host, port
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen. Raises ``CannotStart`` when it cannot be listened on there."""
        host, port = self._place
        if not port:
            return
        app = web.Application()
        app.add_routes(
            [web.get("/healthz", self._alive), web.get("/readyz", self._ready), web.get("/metrics", self._metrics)]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host or None, port).start()
        except OSError as error:
            raise CannotStart(f"HOST, HEALTH_PORT: cannot listen there ({error.strerror or error}).") from error
        log.info("Health and metrics on port %d.", port)

    async def close(self) -> None:
        """Stop listening."""
        if self._runner:
            await self._runner.cleanup()

    async def _alive(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _ready(self, _: web.Request) -> web.Response:
        parts = {
            "database": await self._turns() is not None,
            "slack": self._signs.connected(),
            "draining": self._signs.draining(),
        }
        is_ready = parts["database"] and parts["slack"] and not parts["draining"]
        return web.json_response(parts, status=200 if is_ready else 503)

    async def _metrics(self, _: web.Request) -> web.Response:
        waiting, running = await self._turns() or (0, 0)
        told = exposition(waiting=waiting, running=running, connected=self._signs.connected())
        return web.Response(body=told, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _turns(self) -> tuple[int, int] | None:
        try:
            async with asyncio.timeout(SECONDS):
                return await self._signs.open_turns()
        except Exception as error:
            log.warning("The database does not answer: %s", type(error).__name__)
            return None
