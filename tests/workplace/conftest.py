from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.server.server import LocalSlack
from slack_api.identity import Identity
from workplace import SlackWorkplace

Connect = Callable[[LocalSlack], SlackWorkplace]

FILE_LIMIT = 3_000_000


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slack_api.reading.FIRST_WAIT", 0.01)


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as server:
        yield server


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Makes a ``SlackWorkplace`` for a local Slack."""
    async with aiohttp.ClientSession() as session:

        def make(slack: LocalSlack) -> SlackWorkplace:
            client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session)
            client.retry_handlers = []
            return SlackWorkplace(
                client,
                session,
                identity=Identity(slack.team, slack.bot_user, slack.workspace.bot_id),
                token=slack.bot_token,
                file_limit=FILE_LIMIT,
            )

        yield make


@pytest.fixture
def workplace(slack: LocalSlack, connect: Connect) -> SlackWorkplace:
    return connect(slack)
