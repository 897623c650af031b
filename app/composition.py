"""The bot, put together: each part gets those above it."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from app.settings import Settings
from azure_assistant import LazyAssistant
from azure_assistant.errors import SetupError
from conversations.database.database import Database
from conversations.engine.dbos import DbosEngine
from conversations.files.spool import Spool
from conversations.files.spool_folder import user_folder
from conversations.service import Conversations, Ports
from errors import CannotStart
from handlers import Context, Envelopes, register
from handlers.backfill import Backfill
from handlers.http import HttpServer
from handlers.sockets import Sockets
from helper.pool import HelperPool
from installations.workspace import OneWorkspace, connect
from slack_api.api import SlackApi
from slack_api.identity import Identity
from slack_api.rate_budget import WorkspaceBudget
from slack_api.tokens import check_app_token, identify, open_slack

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bot:
    """What a running bot consists of, as far as its life is concerned; none of it is opened yet."""

    context: Context
    source: Sockets | HttpServer
    backfill: Backfill
    assistant: LazyAssistant
    helpers: HelperPool


async def compose(settings: Settings, stack: AsyncExitStack) -> Bot:
    """Try the tokens, open database and spool, and connect all parts; ``stack`` closes them again.

    Raises:
        CannotStart: Something that a person must put right.
    """
    budget = WorkspaceBudget(share=settings.slack_rate_share)
    api = await stack.enter_async_context(open_slack(settings.slack_bot_token, settings.slack_api_url, budget))
    identity = await identify(api)
    if settings.slack_app_token:
        await check_app_token(api, settings.slack_app_token)
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

    workspace = connect(api, identity, settings.max_file_bytes)
    own_name = asyncio.create_task(workspace.read.person(identity.user))  # most threads mention the bot
    stack.callback(own_name.cancel)
    stack.push_async_callback(workspace.written.close)
    ports = Ports(assistant, OneWorkspace(workspace), helpers)
    conversations = Conversations(database, DbosEngine(database.engine_url), ports, spool, settings.policy)

    context = Context(conversations, identity, shared=workspace.written.shared)
    envelopes = Envelopes(context, bolt(api, identity))
    register(envelopes)
    backfill = Backfill(context, workspace.read)
    source = (
        Sockets(api.client, envelopes, settings.slack_app_token, backfill.run)
        if settings.slack_app_token
        else HttpServer(envelopes, settings.slack_signing_secret, settings.host, settings.port)
    )
    await conversations.open()
    stack.push_async_callback(conversations.close)
    stack.push_async_callback(assistant.close)
    return Bot(context, source, backfill, assistant, helpers)


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


def bolt(api: SlackApi, identity: Identity) -> AsyncApp:
    """Bolt, with an authorization that needs no call per event. What it gets is known to be Slack's."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=identity.team,
            bot_user_id=identity.user,
            bot_id=identity.bot,
            bot_token=api.token,
        )

    return AsyncApp(
        name="analyst",  # without it Bolt walks through the stack, and reads the source of all that stand in it
        client=api.client,
        logger=logging.getLogger("slack_bolt"),
        authorize=authorize,
        request_verification_enabled=False,
    )
