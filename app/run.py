"""The bot's life: store → assistant → Slack → run, until SIGTERM or Ctrl-C; then what runs is finished."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import tempfile
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from app.parts import assistant_config, policy
from app.settings import Settings
from app.stalls import StallWatch
from azure_assistant import LazyAssistant
from azure_assistant.errors import SetupError
from conversations.database.database import Database
from conversations.files.spool import Spool
from conversations.files.spool_folder import SpoolFolderUnusable, user_folder
from conversations.service import Conversations, Ports
from handlers import Context, Envelopes, register
from handlers.backfill import Backfill
from handlers.http import PATH, HttpServer
from handlers.sockets import Sockets
from helper.pool import HelperPool
from replies import SlackReplies, SlackWindows
from slack_api.client import CannotStart, check_app_token, identify, open_slack
from slack_api.identity import Identity
from slack_api.rate_budget import WorkspaceBudget
from workplace import SlackWorkplace

log = logging.getLogger("bot")


async def run_until_signal(settings: Settings) -> None:
    """Run the bot until SIGTERM or Ctrl-C; raises what ``run`` raises."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await run(settings, stop)


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Run the bot until ``stop`` is set.

    Raises:
        CannotStart: Something that a person must put right.
        DatabaseUnusable: The same of the database.
    """
    async with AsyncExitStack() as stack:
        budget = WorkspaceBudget(share=settings.slack_rate_share)
        api = await stack.enter_async_context(open_slack(settings.slack_bot_token, settings.slack_api_url, budget))
        identity = await identify(api)
        api.team = identity.team
        if settings.slack_app_token:
            await check_app_token(api, settings.slack_app_token)
        database = Database(settings.database_url)
        stack.push_async_callback(database.close)
        await database.open()
        spool = await open_spool(settings)
        tempfile.tempdir = str(settings.spool_dir)  # archives for Azure lie there for a moment, too
        stack.push_async_callback(spool.close)
        try:
            assistant = LazyAssistant(assistant_config(settings))
        except SetupError as error:
            raise CannotStart(str(error)) from error
        workplace = SlackWorkplace(api, identity, settings.max_file_bytes)

        helpers = HelperPool()
        stack.push_async_callback(helpers.close)
        replies = SlackReplies(api, bot_user=identity.user)
        stack.push_async_callback(replies.close)
        ports = Ports(assistant, workplace, replies, SlackWindows(api), helpers)
        conversations = Conversations(database, ports, spool, policy(settings))
        context = Context(conversations, identity)
        envelopes = Envelopes(context, slack_app(settings, api.client, identity))
        register(envelopes)
        await conversations.open()
        stack.push_async_callback(conversations.close)
        stack.push_async_callback(assistant.close)
        backfill = Backfill(context, workplace)
        heard = await backfill.last_heard()

        async def prepare() -> None:
            await assistant.load()
            helpers.open()

        async def settle() -> None:
            await asyncio.gather(prepare(), backfill.run(heard))
            gc.freeze()  # a full collection walks all modules (a fifth of a second without an ack); these stay anyway

        stack.enter_context(StallWatch())
        await serve(settings, api.client, envelopes, conversations, backfill, settle, stop, context.removed)


async def open_spool(settings: Settings) -> Spool:
    """The spool, tried out; a full disk may pass, so that it only keeps files from being used."""
    spool = Spool(settings.spool_bytes, user_folder(settings.spool_dir))
    try:
        await spool.open()
    except SpoolFolderUnusable as error:
        raise CannotStart(str(error)) from error
    except OSError as error:
        log.warning("There is no room for files in SPOOL_DIR: %s", error)
    return spool


def slack_app(settings: Settings, client: AsyncWebClient, identity: Identity) -> AsyncApp:
    """Bolt, with an authorization that needs no call per event. What it gets is known to be Slack's."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=identity.team,
            bot_user_id=identity.user,
            bot_id=identity.bot,
            bot_token=settings.slack_bot_token,
        )

    return AsyncApp(
        client=client,
        logger=logging.getLogger("slack_bolt"),
        authorize=authorize,
        request_verification_enabled=False,
    )


async def serve(
    settings: Settings,
    client: AsyncWebClient,
    envelopes: Envelopes,
    conversations: Conversations,
    backfill: Backfill,
    settle: Callable[[], Coroutine[Any, Any, None]],
    stop: asyncio.Event,
    removed: asyncio.Event,
) -> None:
    """Take events until ``stop``, then drain: no new events, running turns finish. ``settle`` comes first."""
    if settings.slack_app_token:
        sockets = Sockets(client, envelopes, settings.slack_app_token, backfill.run)
        sockets.open()
        settling = asyncio.create_task(_quietly(_connected(sockets, settle)))
        await _first(stop, sockets.lost, removed)
        await sockets.close()
    else:
        server = HttpServer(envelopes, settings.slack_signing_secret)
        try:
            await server.open(settings.host, settings.port)
        except OSError as error:
            raise CannotStart(f"HOST, PORT: cannot listen there ({error.strerror or error}).") from error
        log.info("Listening for Slack on port %d (%s).", settings.port, PATH)
        settling = asyncio.create_task(_quietly(settle()))
        await _first(stop, removed)
        await server.close()
    settling.cancel()
    await asyncio.wait([settling])  # before the database closes under it
    left = await conversations.drain(settings.drain_seconds)
    if left:
        log.warning("%d turns are left for the next start.", left)
    if removed.is_set():
        raise CannotStart("The app was removed from the workspace; install it again, and copy its new token.")
    if not stop.is_set():
        raise CannotStart("The connection to Slack is lost; start the bot again.")


async def _connected(sockets: Sockets, settle: Callable[[], Coroutine[Any, Any, None]]) -> None:
    await sockets.opened.wait()
    log.info("Connected to Slack (Socket Mode).")
    await settle()


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("The start could not be completed")


async def _first(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
