"""The bot: settings → store → assistant → Slack → run, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import OperationalError

from azure_assistant import AssistantConfig, LateAssistant
from azure_assistant.errors import AnalystError, SetupError
from conversations.costs import Prices
from conversations.database import Database, DatabaseBusy
from conversations.limits import Limits
from conversations.ports import Place
from conversations.service import Conversations
from conversations.spool import Spool
from handlers import EventInbox, register
from handlers.backfill import Backfill
from handlers.changes import Removal
from handlers.messages import Messages
from handlers.sockets import Sockets
from replies import SlackReplies, SlackWindows
from replies.budget import WorkspaceBudget
from settings import Settings, SettingsError, read_settings
from workplace import SlackWorkplace
from workplace.reading import ReadCall, read

log = logging.getLogger("bot")

SWITCH_SECONDS = 0.0005
"""How long a transaction's thread waits for a busy loop at each of its statements; by Python's default ten times that,
so that a transaction of eight statements, and the ack that waits for it, can take 40 ms longer than its work.
https://docs.python.org/3/library/sys.html#sys.setswitchinterval
"""

COLLECT_AFTER = (5_000, 20, 20)
"""Python's thresholds (https://docs.python.org/3/library/gc.html#gc.set_threshold). With its own, 1,000 turns in flight
are walked through again and again: a fifth of the CPU, and half a second without an ack at each full collection. A turn
leaves some 10 KB in cycles; with these numbers there are full collections every 2,000 turns or so.
"""


class CannotStart(Exception):
    """A sentence for the person who starts the bot; no traceback."""


@dataclass(frozen=True)
class Identity:
    """Who the bot is in its workspace, by ``auth.test``."""

    team: str
    user: str
    bot: str


async def identify(client: AsyncWebClient) -> Identity:
    """Ask Slack who we are.

    Raises:
        CannotStart: The token is refused, or Slack cannot be reached.
    """
    answer = await _asked(
        client, "SLACK_BOT_TOKEN: Slack refuses it ({reason}). Copy the Bot User OAuth Token again.", client.auth_test
    )
    return Identity(answer["team_id"], answer["user_id"], answer["bot_id"])


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
        reason = error.fields.get("error", "unknown error")
        if reason == "unreachable" or reason.startswith("HTTP 5"):
            raise CannotStart(f"SLACK_API_URL: Slack cannot be reached at {client.base_url} ({reason}).") from error
        raise CannotStart(refusal.format(reason=reason)) from error


def assistant_config(settings: Settings) -> AssistantConfig:
    """The assistant's part of the settings."""
    return AssistantConfig(
        endpoint=settings.azure_endpoint,
        api_key=settings.azure_api_key,
        openai_api_key=settings.openai_api_key,
        deployment=settings.azure_deployment,
        api="assistants" if settings.azure_api == "assistants" else "responses",
        api_version=settings.azure_api_version,
        scope=settings.azure_scope,
        chart_font=settings.chart_font,
        run_seconds=settings.run_minutes * 60,
    )


def limits(settings: Settings) -> Limits:
    """The limits' part of the settings."""
    return Limits(
        run_minutes=settings.run_minutes,
        thread_queue=settings.thread_queue,
        person_per_hour=settings.person_per_hour,
        person_at_once=settings.person_at_once,
    )


def prices(settings: Settings) -> Prices:
    """The prices' part of the settings."""
    return Prices(
        input=settings.price_input,
        cached_input=settings.price_cached_input,
        output=settings.price_output,
        container=settings.price_container,
        currency=settings.price_currency,
    )


@asynccontextmanager
async def slack_client(settings: Settings) -> AsyncIterator[tuple[AsyncWebClient, aiohttp.ClientSession]]:
    """A Web API client on one long-lived session; without it the SDK makes a TLS handshake for every call."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=settings.slack_bot_token, base_url=settings.slack_api_url, session=session)
        client.retry_handlers = []  # its silent retry of a post may post twice; replies/ looks first
        yield client, session


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Run the bot until ``stop`` is set.

    Raises:
        CannotStart: Something that a person must put right.
    """
    async with AsyncExitStack() as stack:
        client, session = await stack.enter_async_context(slack_client(settings))
        identity = await identify(client)
        if settings.slack_app_token:
            await check_app_token(client, settings.slack_app_token)
        database = Database(settings.database_url)
        stack.push_async_callback(database.close)
        try:
            await database.open()
        except OperationalError as error:
            raise CannotStart("DATABASE_URL: the database cannot be reached, or refuses the sign-in.") from error
        try:
            assistant = LateAssistant(assistant_config(settings))
        except SetupError as error:
            raise CannotStart(str(error)) from error
        workplace = SlackWorkplace(
            client,
            session,
            bot_user=identity.user,
            bot_id=identity.bot,
            token=settings.slack_bot_token,
            file_limit=settings.max_file_bytes,
        )

        async def stopped_at_slack(place: Place) -> None:
            await conversations.stop_turn(place.turn, place.asker)

        budget = WorkspaceBudget(share=settings.slack_rate_share)
        replies = SlackReplies(
            client, bot_user=identity.user, team=identity.team, budget=budget, on_stop=stopped_at_slack
        )
        stack.push_async_callback(replies.close)
        conversations = Conversations(
            database,
            assistant,
            workplace,
            replies,
            SlackWindows(replies.calls),
            Spool(settings.spool_bytes),
            limits(settings),
            settings.retention_days,
            settings.file_card,
            prices(settings),
        )
        removal = Removal(identity.user)
        inbox = EventInbox()
        app = slack_app(settings, client, identity, conversations, removal, inbox)
        await conversations.open()
        stack.push_async_callback(conversations.close)
        stack.push_async_callback(assistant.close)
        backfill = Backfill(
            conversations, workplace, Messages(conversations, identity.user), identity.team, identity.user
        )
        heard = await backfill.last_heard()

        async def settle() -> None:
            await asyncio.gather(assistant.load(), backfill.run(heard))
            gc.freeze()  # a full collection walks all modules (a fifth of a second without an ack); these stay anyway

        await serve(settings, app, inbox, conversations, backfill, settle, stop, removal.happened)


def slack_app(
    settings: Settings,
    client: AsyncWebClient,
    identity: Identity,
    conversations: Conversations,
    removal: Removal,
    inbox: EventInbox,
) -> AsyncApp:
    """Bolt, with our handlers and an authorization that needs no call per event."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=identity.team,
            bot_user_id=identity.user,
            bot_id=identity.bot,
            bot_token=settings.slack_bot_token,
        )

    app = AsyncApp(
        client=client,
        logger=logging.getLogger("slack_bolt"),
        signing_secret=settings.slack_signing_secret or None,
        before_authorize=inbox.middleware,
        authorize=authorize,
        request_verification_enabled=not settings.slack_app_token,
    )
    register(app, inbox, conversations, identity.user, identity.team, removal)
    return app


async def serve(
    settings: Settings,
    app: AsyncApp,
    inbox: EventInbox,
    conversations: Conversations,
    backfill: Backfill,
    settle: Callable[[], Coroutine[Any, Any, None]],
    stop: asyncio.Event,
    removed: asyncio.Event,
) -> None:
    """Take events until ``stop``, then drain: no new events, running turns finish. ``settle`` comes first."""
    if settings.slack_app_token:
        sockets = Sockets(app, inbox.record, settings.slack_app_token, backfill.run)
        sockets.open()
        settling = asyncio.create_task(_quietly(_connected(sockets, settle)))
        await _first(stop, sockets.lost, removed)
        await sockets.close()
    else:
        runner = await start_http(app, settings.port)
        log.info("Listening for Slack on port %d (/slack/events).", settings.port)
        settling = asyncio.create_task(_quietly(settle()))
        await _first(stop, removed)
        await runner.cleanup()
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


async def start_http(app: AsyncApp, port: int) -> aiohttp.web.AppRunner:
    """Serve Slack's signed requests at ``/slack/events``."""
    runner = aiohttp.web.AppRunner(app.web_app(path="/slack/events", port=port))
    await runner.setup()
    await aiohttp.web.TCPSite(runner, port=port).start()
    return runner


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


async def _until_signal(settings: Settings) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await run(settings, stop)


def start_logging(level: str) -> None:
    """Log to stderr: our own words at ``level``, those of libraries only from WARNING on.

    At DEBUG libraries write what they send and store: tokens, questions, cells of files.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    for ours in (log.name, "azure_assistant", "conversations", "handlers", "replies", "workplace"):
        logging.getLogger(ours).setLevel(level)
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)  # a connection given back by a cancelled task
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)  # it warns of arguments that we give on purpose


def main() -> int:
    """Read the settings and run.

    With the argument ``doctor``: only look whether everything is there; with ``usage``: tell what turns have used.

    Returns:
        0 after a clean end, 1 when something outside refuses us, 2 when a setting is missing or wrong.
    """
    if sys.argv[1:] == ["doctor"]:
        import doctor  # the bot itself needs none of it

        return doctor.main(assistant_config)
    if sys.argv[1:2] == ["usage"]:
        import usage

        return usage.main(sys.argv[2:], prices)
    try:
        settings = read_settings()
    except SettingsError as error:
        for problem in error.problems:
            sys.stderr.write(f"{problem}\n")
        return 2
    start_logging(settings.log_level)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(*COLLECT_AFTER)
    try:
        asyncio.run(_until_signal(settings))
    except (CannotStart, DatabaseBusy) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
