"""Installing an app by OAuth, and removing it: as strict as Slack."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.delivery.app import ORGANIZATION
from playground.slack.people.people import SALES
from playground.slack.server.server import LocalSlack
from tests.playground.slack_client import client_of, refusal, running

pytestmark = pytest.mark.thorough

BACK = "https://bot.example/slack/oauth_redirect"
ASKED = {"client_id": "1111.2222", "scope": "chat:write,files:read", "redirect_uri": BACK, "state": "a&b=<c>"}
OTHER = "T0OTHER001"


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with running(redirect_urls=(BACK,)) as made:
        made.add_workspace(OTHER, "Other")
        yield made


async def answer(slack: LocalSlack, where: str, **form: str) -> str:
    """Press a button of Slack's page; where that leads."""
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{slack.url}/oauth/v2/authorize?{urlencode(ASKED)}") as page:
            given = dict(re.findall(r'name="(\w+)" value="([^"]*)"', await page.text()))
        sent = {name: unescape(value) for name, value in given.items()} | {"where": where, "do": "allow"} | form
        async with session.post(f"{slack.url}/oauth/v2/authorize", data=sent, allow_redirects=False) as led:
            return led.headers.get("Location", f"{led.status} {await led.text()}")


async def code(slack: LocalSlack, where: str = OTHER) -> str:
    told = parse_qs(urlsplit(await answer(slack, where)).query)
    assert told["state"] == [ASKED["state"]]
    return told["code"][0]


async def exchange(slack: LocalSlack, code: str, **changes: str) -> Any:
    given = {"client_id": "1111.2222", "client_secret": slack.options.client_secret, "redirect_uri": BACK} | changes
    return await client_of(slack, "").oauth_v2_access(code=code, **given)


async def test_a_code_becomes_a_token_of_the_workspace_once(slack: LocalSlack) -> None:
    given = await code(slack)
    told = await exchange(slack, given)
    assert (told["team"]["id"], told["scope"], told["token_type"]) == (OTHER, "chat:write,files:read", "bot")
    assert not told["is_enterprise_install"]
    client = client_of(slack, told["access_token"])
    assert (await client.auth_test())["team_id"] == OTHER
    assert await refusal(exchange(slack, given)) == "invalid_code"
    assert await refusal(client.users_info(user="U0ANN00001")) == "missing_scope", "it has what was asked for"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_secret": "x"}, "bad_client_secret"),
        ({"client_id": "9"}, "invalid_client_id"),
        ({"redirect_uri": "https://elsewhere.example/"}, "bad_redirect_uri"),
    ],
)
async def test_who_is_not_the_app_gets_no_token(slack: LocalSlack, changes: dict[str, str], error: str) -> None:
    assert await refusal(exchange(slack, await code(slack), **changes)) == error


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"redirect_uri": "https://elsewhere.example/"}, "400 .*bad_redirect_uri"),
        ({"client_id": "9"}, "400 .*invalid_client_id"),
        ({"scope": "admin"}, "400 .*invalid_scope"),
        ({"scope": ""}, "400 .*invalid_scope"),
        ({"where": "T0NOWHERE1"}, "400 .*no_team"),
        ({"do": "cancel"}, re.escape(f"{BACK}?error=access_denied&state=")),
    ],
)
async def test_the_page_sends_nobody_with_a_code_elsewhere(slack: LocalSlack, form: dict[str, str], told: str) -> None:
    assert re.match(told, await answer(slack, **{"where": OTHER} | form))


async def test_an_organizations_token_opens_all_its_workspaces(slack: LocalSlack) -> None:
    told = await exchange(slack, await code(slack, ORGANIZATION))
    assert (told["team"], told["is_enterprise_install"], told["enterprise"]["id"]) == (None, True, "E0PLAYGRND")
    client = client_of(slack, told["access_token"])
    for team in (slack.team, OTHER):
        assert (await client.api_call("auth.test", params={"team_id": team}))["team_id"] == team
        posted = await client.chat_postMessage(channel=SALES, text="hello", team_id=team)
        assert [owner for owner in (slack, slack._others[OTHER]) if owner.message(SALES, posted["ts"])] == [
            slack if team == slack.team else slack._others[OTHER]
        ]


async def test_a_token_dies_by_revocation_or_removal(slack: LocalSlack) -> None:
    other = slack._others[OTHER]

    async def installed() -> AsyncWebClient:
        return client_of(slack, (await exchange(slack, await code(slack)))["access_token"])

    first = await installed()
    assert (await first.auth_revoke(test=True))["revoked"] is False
    assert (await first.auth_revoke())["revoked"] is True
    assert await refusal(first.auth_test()) == "token_revoked"
    second = await installed()
    assert await refusal(first.auth_test()) == "invalid_auth"
    secret = {"client_id": "1111.2222", "client_secret": slack.options.client_secret}
    assert await refusal(second.apps_uninstall(**secret | {"client_secret": "x"})) == "bad_client_secret"
    assert (await second.apps_uninstall(**secret))["ok"]
    assert await refusal(second.auth_test()) == "token_revoked"
    assert [one.payload["event"]["type"] for one in other.envelopes] == [*["tokens_revoked"] * 2, "app_uninstalled"]
    assert (await client_of(slack).auth_test())["ok"], "the first workspace's is another"


async def test_where_the_app_is_not_nothing_is_told_to_it(slack: LocalSlack) -> None:
    other = slack._others[OTHER]
    await other.human.post(SALES, "@analyst hello")
    assert not other.envelopes
