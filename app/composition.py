"""The bot, put together: each part gets those above it."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from app.places import InstallationWatch, installed_places, one_place
from app.settings import Settings
from azure_assistant import LazyAssistant
from azure_assistant.errors import SetupError
from conversations.database.database import Database
from conversations.engine.dbos import DbosEngine
from conversations.files.spool import Spool
from conversations.files.spool_folder import user_folder
from conversations.service import Conversations, Ports
from errors import CannotStart
from handlers import Contexts, Envelopes, register
from handlers.backfill import Backfill
from handlers.http import HttpServer
from handlers.sockets import Sockets
from helper.checks import HelperChecks
from helper.pool import HelperPool

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bot:
    """What a running bot consists of, as far as its life is concerned; none of it is opened yet."""

    conversations: Conversations
    source: Sockets | HttpServer
    backfill: Backfill
    assistant: LazyAssistant
    removed: asyncio.Event
    """Set when the app is removed from the one workspace."""


async def compose(settings: Settings, stack: AsyncExitStack) -> Bot:
    """Try the tokens, open database and spool, and connect all parts; ``stack`` closes them again.

    Raises:
        CannotStart: Something that a person must put right.
    """
    if settings.oauth is None:
        places = await one_place(settings, stack)
    database = Database(settings.database_url)
    stack.push_async_callback(database.close)
    await database.open()
    spool = await open_spool(settings)
    stack.push_async_callback(spool.close)
    tempfile.tempdir = str(settings.spool_dir)  # archives for Azure lie there for a moment, too
    helpers = HelperPool()
    stack.push_async_callback(helpers.close)
    try:
        assistant = LazyAssistant(settings.assistant)
    except SetupError as error:
        raise CannotStart(str(error)) from error

    if settings.oauth is not None:
        places = await installed_places(settings, settings.oauth, database, stack)
    ports = Ports(assistant, places.workspaces, helpers, HelperChecks())
    conversations = Conversations(database, DbosEngine(database.engine_url), ports, spool, settings.policy)

    watch = InstallationWatch(places.workspaces, conversations.removal)
    contexts = Contexts(conversations, places.workspaces, watch)
    envelopes = Envelopes(contexts, bolt(places.api.client))
    register(envelopes)
    backfill = Backfill(contexts)
    source = (
        Sockets(places.api.client, envelopes, settings.slack_app_token, backfill.run)
        if settings.slack_app_token
        else HttpServer(envelopes, settings.slack_signing_secret, settings.host, settings.port, places.pages)
    )
    await conversations.open()
    stack.push_async_callback(conversations.close)
    stack.push_async_callback(assistant.close)
    return Bot(conversations, source, backfill, assistant, watch.ended)


async def open_spool(settings: Settings) -> Spool:
    """The spool, tried out; a full disk may pass, so that it only keeps files from being used.

    Raises:
        SpoolFolderUnusable: There is no place for it.
    """
    spool = Spool(settings.spool_bytes, user_folder(settings.spool_dir))
    try:
        await spool.open()
    except OSError as error:
        log.warning("There is no room for files in SPOOL_DIR: %s", error)
    return spool


def bolt(client: AsyncWebClient) -> AsyncApp:
    """Bolt, with an authorization that needs no call per event. What it gets is known to be Slack's.

    It opens nothing: listeners work with the workspace that an envelope comes from.
    """

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=client.token)

    return AsyncApp(
        name="analyst",  # without it Bolt walks through the stack, and reads the source of all that stand in it
        client=client,
        logger=logging.getLogger("slack_bolt"),
        authorize=authorize,
        request_verification_enabled=False,
    )
