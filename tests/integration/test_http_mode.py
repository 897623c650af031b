"""Without an app token the bot takes Slack's signed requests over HTTP."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.world import World


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def http_world(tmp_path: Path) -> AsyncIterator[World]:
    port = free_port()
    address = f"http://127.0.0.1:{port}/slack/events"
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter(), http_events_url=address) as made:
        made.settings |= {
            "SLACK_APP_TOKEN": "",
            "SLACK_SIGNING_SECRET": made.slack.signing_secret,
            "PORT": str(port),
            "AZURE_OPENAI_DEPLOYMENT": made.azure.deployment,
        }
        await made.run_bot()
        yield made


async def test_the_url_is_verified_and_a_question_answered(http_world: World) -> None:
    assert await http_world.slack.verify_url()
    assert "hello over HTTP" in await http_world.answer("[[say hello over HTTP]]")


async def test_a_request_that_slack_did_not_sign_is_refused(http_world: World) -> None:
    url = f"http://127.0.0.1:{http_world.settings['PORT']}/slack/events"
    async with aiohttp.ClientSession() as session, session.post(url, json={"type": "event_callback"}) as answer:
        assert answer.status == 401
