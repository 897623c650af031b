"""S15 for what Slack's Web API answers: readers read what is there, or refuse in our own words."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, is_dataclass

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from conversations.ports.workplace import SharedFile
from errors import AnalystError
from playground.altering import altered
from playground.slack.server.server import LocalSlack
from slack_api.api import SlackApi
from slack_api.identity import Identity
from slack_api.rate_budget import WorkspaceBudget
from tests.hostile.test_payloads import JUNK, check, places
from tests.support.world import ANN, SALES, Json
from workplace import SlackWorkplace

Read = Callable[[SlackWorkplace, str, SharedFile], Awaitable[object]]
READS: dict[str, Read] = {
    "users.info": lambda workplace, _ts, _file: workplace.account(ANN),
    "conversations.members": lambda workplace, _ts, _file: workplace.is_member(SALES, ANN),
    "conversations.history": lambda workplace, ts, _file: workplace.message(SALES, ts),
    "conversations.replies": lambda workplace, ts, _file: workplace.thread(SALES, ts),
    "files.info": lambda workplace, _ts, file: workplace.resolve(SALES, file),
    "files.list": lambda workplace, _ts, _file: workplace.recent_files(SALES),
}
TIMES = 300
TIMES_QUICK = 30


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack(seed=1) as running:
        yield running


@pytest.mark.parametrize("method", READS)
async def test_s15_broken_answers_are_read_too(
    slack: LocalSlack, method: str, quick: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slack_api.patience.FIRST_WAIT", 0.0)
    monkeypatch.setattr("workplace.download.FRESH_TRIES", 1)
    ts = await slack.human.post(SALES, "numbers", files=[("sales.csv", b"a,b\n1,2\n")])
    await slack.human.post(SALES, "and more", thread=ts)
    [file] = [SharedFile(key, shared_at=ts) for key in slack.files]
    dice = random.Random(15)
    async with aiohttp.ClientSession() as session:
        api = SlackApi(slack.bot_token, slack.api_url, session, budget=WorkspaceBudget(rates={}))
        whole = await _answer(api.client, method, ts, file)
        choices = [place for place in places(whole) if place != "ok"]
        for _ in range(TIMES_QUICK if quick else TIMES):
            slack.faults.answer(method, altered(whole, {dice.choice(choices): dice.choice(JUNK)}))
            workplace = SlackWorkplace(api, Identity(slack.team, slack.bot_user, slack.workspace.bot_id), 1000)
            try:
                found = await READS[method](workplace, ts, file)
            except AnalystError as refusal:
                check(refusal.fields)
            else:
                check(
                    [asdict(one) if is_dataclass(one) and not isinstance(one, type) else one for one in listed(found)]
                )
            slack.faults.clear()


def listed(found: object) -> list[object]:
    return list(found) if isinstance(found, list | tuple) else [found]


async def _answer(client: AsyncWebClient, method: str, ts: str, file: SharedFile) -> Json:
    arguments = {"channel": SALES, "ts": ts, "user": ANN, "file": file.id, "include_locale": "1"}
    answer = await client.api_call(method, http_verb="GET", params=arguments)
    assert isinstance(answer.data, dict)
    return answer.data
