"""Row H4: while the bot reads a text that was made to hold it up, somebody else's mention is acked as ever."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from benchmarks.process import usage
from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.hostile.beside import ack_seconds, acks, nobody_waits
from tests.hostile.texts import ROW_H4, SHAPES
from tests.integration.test_http_mode import free_port
from tests.support.world import ANN, MENTION, World

LARGE = 900_000
OWN_ACK = 0.3
"""Seconds of the bot's CPU between a text and its ack, whatever else it does meanwhile."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def socket_world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with World(tmp_path_factory.mktemp("bot"), ScriptedModel(), ScriptedInterpreter()) as made:
        await made.start_bot()
        await acks(made)
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def http_world(tmp_path: Path) -> AsyncIterator[World]:
    port = free_port()
    address = f"http://127.0.0.1:{port}/slack/events"
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter(), http_events_url=address) as made:
        made.settings |= {
            "SLACK_APP_TOKEN": "",
            "SLACK_SIGNING_SECRET": made.slack.signing_secret,
            "PORT": str(port),
        }
        await made.start_bot()
        await acks(made)
        yield made


async def answered_beside(world: World, text: str, *, over_http: bool = False) -> None:
    """Let somebody send a text: nobody waits longer for it, and it is answered itself."""
    channel = world.new_channel()
    asked: list[str] = []
    sending: list[asyncio.Future[float]] = []

    async def send() -> None:
        said = f"[[say I have read it]] {text}"
        begun = usage(world.bots[-1].pid).cpu
        if over_http:
            asked.append(await world.slack.human.post(channel, "What is this?"))
            acked: Awaitable[object] = deliver(world, channel, asked[-1], f"{MENTION} {said}")
        else:
            asked.append(await world.ask(said, channel=channel))
            acked = ack_seconds(world, asked[-1])
        sending.append(asyncio.ensure_future(spent(world, begun, acked)))

    await nobody_waits(world, send)
    assert min(await asyncio.gather(*sending)) <= OWN_ACK
    await world.says(channel, asked[-1], "I have read it")


async def spent(world: World, begun: float, acked: Awaitable[object]) -> float:
    """How much CPU the bot has used beyond ``begun`` when a text has its ack."""
    await acked
    return usage(world.bots[-1].pid).cpu - begun


async def deliver(world: World, channel: str, ts: str, text: str) -> None:
    """Deliver a mention of any size, as Slack signs it; returns when it has its ack."""
    event = {"type": "app_mention", "user": ANN, "text": text, "ts": ts, "channel": channel, "event_ts": ts}
    team = world.slack.team
    authorization = {"team_id": team, "user_id": world.slack.bot_user, "is_bot": True}
    said = {"type": "event_callback", "team_id": team, "event_id": "Ev1", "event": event}
    body = json.dumps(said | {"authorizations": [authorization]})
    stamp = str(int(time.time()))
    digest = hmac.new(world.slack.signing_secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }
    url = f"http://127.0.0.1:{world.settings['PORT']}/slack/events"
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        assert answer.status == 200, await answer.text()


@pytest.mark.parametrize("row", ROW_H4)
async def test_h4_others_are_acked_while_a_nasty_text_is_read(socket_world: World, row: str) -> None:
    await answered_beside(socket_world, ROW_H4[row])


async def test_h4_a_heap_of_names_that_are_nowhere_stops_nobody(socket_world: World) -> None:
    """Each is compared with each file of the channel, all of whose names are long."""
    channel = socket_world.new_channel()
    heap = [(f"{n} {'ab ' * 70}.csv", b"a\n1\n") for n in range(60)]
    await socket_world.slack.human.post(channel, "", files=heap)
    asked: list[str] = []

    async def send() -> None:
        asked.append(await socket_world.ask(" ".join(f"n{n}.csv" for n in range(4000)), channel=channel))

    await nobody_waits(socket_world, send)
    await socket_world.says(channel, asked[-1], "I know no file called")


async def test_h4_a_huge_text_over_http_stops_nobody(http_world: World) -> None:
    for shape in ("open brackets", "numbers", "mentions without end", "spaces between two words"):
        await answered_beside(http_world, SHAPES[shape](LARGE), over_http=True)
