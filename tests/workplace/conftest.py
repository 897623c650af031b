from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest

from playground.slack.server.server import LocalSlack
from slack_api.api import SlackApi
from slack_api.identity import Identity
from slack_api.rate_budget import WorkspaceBudget
from workplace import SlackWorkplace

Connect = Callable[[LocalSlack], SlackWorkplace]

FILE_LIMIT = 3_000_000


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slack_api.patience.FIRST_WAIT", 0.01)


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as server:
        yield server


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Makes a ``SlackWorkplace`` for a local Slack."""
    async with aiohttp.ClientSession() as session:

        def make(slack: LocalSlack) -> SlackWorkplace:
            api = SlackApi(slack.bot_token, slack.api_url, session, budget=WorkspaceBudget(share=100))
            identity = Identity(slack.team, slack.bot_user, slack.workspace.bot_id)
            return SlackWorkplace(api, identity, FILE_LIMIT)

        yield make


@pytest.fixture
def workplace(slack: LocalSlack, connect: Connect) -> SlackWorkplace:
    return connect(slack)
