"""A22: the way to Slack, and what stands in it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError

from app.settings import read_settings
from errors import CannotStart
from slack_api.reaching import obstacle, proxy_of
from slack_api.tokens import identify, open_slack

ENVIRONMENT = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com",
    "AZURE_OPENAI_DEPLOYMENT": "d",
}


@pytest.mark.parametrize(
    ("url", "environment", "proxy"),
    [
        ("https://slack.com/api/", {}, None),
        ("https://slack.com/api/", {"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ("https://slack.com/api/", {"https_proxy": "http://p:1"}, "http://p:1"),
        ("wss://wss-primary.slack.com/", {"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ("https://slack.com/api/", {"HTTP_PROXY": "http://p:1"}, None),
        ("https://slack.com/api/", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "slack.com"}, None),
        ("https://slack.com/api/", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".slack.com,x"}, None),
        ("https://slack.com/api/", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ("https://slack.com/api/", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "azure.com"}, "http://p:1"),
        ("http://127.0.0.1:8080/api/", {"HTTP_PROXY": "http://p:1", "HTTPS_PROXY": "http://p:1"}, None),
    ],
)
def test_a22_no_proxy_is_heeded(
    monkeypatch: pytest.MonkeyPatch, url: str, environment: dict[str, str], proxy: str | None
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_of(url) == proxy


async def test_a22_every_client_of_ours_goes_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    for bypassed, proxy in (("", "http://proxy.example:3128"), ("slack.com", None)):
        monkeypatch.setenv("NO_PROXY", bypassed)
        settings = read_settings(ENVIRONMENT, dotenv=None)
        async with open_slack(settings.slack_bot_token, settings.slack_api_url) as api:
            assert api.client.proxy == proxy


@pytest.fixture
async def page() -> AsyncIterator[str]:
    """A proxy's page of its own, in place of Slack."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=403, text="<html>Blocked</html>", content_type="text/html")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    await runner.cleanup()


async def test_a22_what_answers_in_place_of_slack_is_no_wrong_token(page: str) -> None:
    settings = read_settings(ENVIRONMENT | {"SLACK_API_URL": page}, dotenv=None)
    async with open_slack(settings.slack_bot_token, settings.slack_api_url) as api:
        with pytest.raises(CannotStart, match=r"HTTPS_PROXY: something else answers in place of Slack \(HTTP 403\)"):
            await identify(api)


async def test_a22_an_unknown_host_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    async def resolve(_loop: object, host: str, *_: object, **__: object) -> object:
        looked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", resolve)
    settings = read_settings(ENVIRONMENT | {"SLACK_API_URL": "https://slakc.invalid/api/"}, dotenv=None)
    async with open_slack(settings.slack_bot_token, settings.slack_api_url) as api:
        with pytest.raises(CannotStart, match="SLACK_API_URL: there is no such host"):
            await identify(api)
    assert looked == ["slakc.invalid"]


def test_slacks_own_refusals_are_no_obstacle() -> None:
    class Answer:
        def __init__(self, status: int, data: object) -> None:
            self.status_code, self.data = status, data

    def refused(status: int, data: object) -> SlackApiError:
        return SlackApiError("no", Answer(status, data))  # type: ignore[no-untyped-call]

    assert not obstacle(refused(200, {"ok": False, "error": "invalid_auth"}))
    assert not obstacle(refused(503, "<html>"))
    assert not obstacle(aiohttp.ServerDisconnectedError())
    assert not obstacle(None)
    assert obstacle(refused(401, "<html>"))
