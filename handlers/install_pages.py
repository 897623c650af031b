"""The two pages by which the app is installed. Anybody may ask for them; nothing is kept before Slack has agreed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError

log = logging.getLogger(__name__)

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address of the second page has Slack's code in it
}


class InstallPages:
    """Answers ``GET`` requests by Bolt's flow."""

    def __init__(self, flow: AsyncOAuthFlow) -> None:
        self._pages: Mapping[str, Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]] = {
            flow.install_path: flow.handle_installation,
            flow.redirect_uri_path: flow.handle_callback,
        }

    def has(self, request: web.BaseRequest) -> bool:
        """Whether a request is for one of the pages."""
        return request.method == "GET" and request.path in self._pages

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """The page."""
        asked = AsyncBoltRequest(body="", query=request.query_string, headers=dict(request.headers))
        try:
            answer = await to_aiohttp_response(await self._pages[request.path](asked))
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("An installation failed: %s", type(error).__name__)
            answer = web.Response(status=502, text="Slack does not answer as it should. Please try again.")
        answer.headers.update(_HEADERS)
        return answer
