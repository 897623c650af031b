"""The port for whoever runs the bot: alive, ready, and what is counted, with the real bot."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.world import MENTION, World

CHANNEL = "C0SALES001"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as made:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            made.settings = {"HEALTH_PORT": str(free.getsockname()[1]), "HOST": "127.0.0.1", "LOG_FORMAT": "json"}
        await made.start_bot()
        yield made


async def told(world: World, path: str) -> tuple[int, str]:
    address = f"http://127.0.0.1:{world.settings['HEALTH_PORT']}{path}"
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        return response.status, await response.text()


async def test_it_tells_that_it_lives_and_takes_questions_and_what_it_did(world: World) -> None:
    assert (await told(world, "/healthz"))[0] == 200
    status, body = await told(world, "/readyz")
    assert (status, json.loads(body)) == (200, {"database": True, "slack": True, "draining": False})
    ts = await world.slack.human.post(CHANNEL, f"{MENTION} [[say done]]")
    await world.slack.wait(lambda slack: any("done" in str(one) for one in slack.bot_messages(CHANNEL, ts)), 30)
    metrics = ""
    async with asyncio.timeout(15):
        while 'outcome="answered"} 1.0' not in metrics:
            _, metrics = await told(world, "/metrics")
    for line in (
        'analyst_turns_total{outcome="answered"} 1.0',
        'analyst_turn_seconds_count{until="first_text"} 1.0',
        'analyst_turn_seconds_count{until="done"} 1.0',
        'analyst_calls_total{method="POST responses",service="model",status="200"} 1.0',
        'analyst_calls_total{method="auth.test",service="slack",status="ok"}',
        'analyst_open_turns{state="running"} 0.0',
        "analyst_slack_connected 1.0",
    ):
        assert line in metrics, line
    lines = [json.loads(line) for line in world.log.splitlines() if line.startswith("{")]
    (answered,) = [line for line in lines if "answered" in line["message"]]
    assert answered["turn"].endswith(f":{CHANNEL}:{ts}")
