"""The watchdog of the Socket Mode connections, with its times shortened: the bot's own are minutes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient

from conversations.database.database import Database
from conversations.service import Conversations
from conversations.store.heard import HeardEvents
from handlers import Contexts, Envelopes
from handlers.sockets import Sockets
from playground.slack.server.server import LocalSlack
from tests.faults.bench import Bench

WATCH = 0.15
PING = 0.1
NOTHING: Any = None


class Watched:
    """Sockets against a local Slack, and what their watchdog has told."""

    def __init__(self, slack: LocalSlack) -> None:
        self.slack = slack
        self.gaps: list[float] = []
        self.gap_over = asyncio.Event()
        self.heard = HeardEvents(Database("sqlite:///unused.db"))
        contexts = Contexts(cast("Conversations", SimpleNamespace(heard=self.heard)), NOTHING, NOTHING)
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        self.sockets = Sockets(
            client,
            Envelopes(contexts, NOTHING),
            slack.app_token,
            self.after_gap,
            watch_seconds=WATCH,
            ping_seconds=PING,
        )

    async def after_gap(self, since: float) -> None:
        self.gaps.append(since)
        self.gap_over.set()


@pytest_asyncio.fixture(loop_scope="session")
async def watched() -> AsyncIterator[Watched]:
    async with LocalSlack() as slack:
        made = Watched(slack)
        await made.sockets.open()
        await slack.wait_connected(2)
        yield made
        await made.sockets.close()


async def test_a_ticket_that_is_burnt_at_the_start_is_forgotten() -> None:
    async with LocalSlack() as slack:
        slack.faults.refuse_upgrades(1)
        made = Watched(slack)
        await made.sockets.open()
        await slack.wait_connected(2, 20)
        await made.sockets.close()


async def test_promise_2_sigterm_while_slack_takes_no_socket(fresh: Bench) -> None:
    """A bot that has not come up yet can be ended, too."""
    fresh.slack.faults.refuse_upgrades(1000)
    bot = await fresh.start_bot(wait=False)
    await fresh.log_says("Failed to connect")
    assert await asyncio.wait_for(fresh.terminate(bot), 30) == 0


async def test_burnt_tickets_are_forgotten(watched: Watched) -> None:
    """A refused upgrade burns the ticket, and the SDK would use it for ever."""
    watched.slack.faults.refuse_upgrades(2)
    watched.slack.faults.kill_sockets()
    await watched.slack.wait(lambda slack: slack.connections == 0)
    await watched.slack.wait_connected(2, 20)
    assert not watched.sockets.lost.is_set()


async def test_a_gap_is_read_again_from_its_beginning(watched: Watched) -> None:
    watched.gaps.clear()  # a machine that was busy may have made one before
    watched.gap_over.clear()
    began = time.time()
    watched.slack.faults.refuse_upgrades(9)
    watched.slack.faults.kill_sockets()
    await asyncio.wait_for(watched.gap_over.wait(), 20)
    assert abs(watched.gaps[0] - began) < 1.0


async def test_without_any_connection_the_bot_gives_up(watched: Watched) -> None:
    """The supervisor starts it again."""
    watched.slack.faults.http_error("apps.connections.open", times=1000)
    watched.slack.faults.kill_sockets()
    await asyncio.wait_for(watched.sockets.lost.wait(), 20)
