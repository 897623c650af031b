"""The bot's life: put together, it takes events until SIGTERM or Ctrl-C; then what runs is finished."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from contextlib import AsyncExitStack

from app.composition import Bot, compose
from app.settings import Settings
from app.watchdog import Watchdog
from errors import CannotStart
from telemetry.server import Signs, TelemetryServer
from telemetry.traces import PACKAGES, PackagesMissing, open_traces

log = logging.getLogger(__name__)


async def run_until_signal(settings: Settings) -> None:
    """Run the bot until SIGTERM or Ctrl-C; raises what ``run`` raises."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await run(settings, stop)


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Run the bot until ``stop`` is set, then drain: no new events, running turns finish.

    Raises:
        CannotStart: Something that a person must put right.
    """
    async with AsyncExitStack() as stack:
        _trace(settings.traces, stack)
        bot = await compose(settings, stack)
        heard = await bot.conversations.last_accepted()  # before connecting; after that it is now
        stack.enter_context(Watchdog())
        source, removed = bot.source, bot.removed
        ended = (stop, source.lost, removed)
        signs = Signs(bot.conversations.open_turns, lambda: source.is_connected, lambda: any(e.is_set() for e in ended))
        telemetry = TelemetryServer(signs, settings.host, settings.health_port)
        stack.push_async_callback(telemetry.close)
        await telemetry.open()
        await source.open()
        settling = asyncio.create_task(_settle(bot, heard))
        await _first(*ended)
        await source.close()
        settling.cancel()
        await asyncio.wait([settling])  # before the database closes under it
        if left := await bot.conversations.drain(settings.drain_seconds):
            log.warning("%d turns are left for the next start.", left)
        if removed.is_set():
            raise CannotStart("The app was removed from the workspace; install it again, and copy its new token.")
        if not stop.is_set():
            raise CannotStart("The connection to Slack is lost; start the bot again.")


def _trace(endpoint: str, stack: AsyncExitStack) -> None:
    if endpoint:
        try:
            end = open_traces(endpoint)
        except PackagesMissing:
            log.warning("OTEL_EXPORTER_OTLP_ENDPOINT: nothing is traced; pip install -r %s first.", PACKAGES)
        else:
            stack.push_async_callback(asyncio.to_thread, end)


async def _settle(bot: Bot, heard: float) -> None:
    """Do what can wait until Slack is listened to; ``heard``: since when something may have been missed."""
    try:
        await bot.source.opened.wait()
        await asyncio.gather(bot.assistant.load(), bot.backfill.run(heard))
        gc.freeze()  # a full collection walks all modules (a fifth of a second without an ack); these stay anyway
    except Exception:
        log.exception("The start could not be completed")


async def _first(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
