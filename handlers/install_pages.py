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


_LONGEST = 512
_BESIDE_LETTERS = frozenset("_.-")


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
        query = {name: value for name, value in request.query.items() if _is_plain(value)}
        asked = AsyncBoltRequest(body="", query=query, headers=dict(request.headers))
        try:
            answer = await to_aiohttp_response(await self._pages[request.path](asked))
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("An installation failed: %s", type(error).__name__)
            answer = web.Response(status=502, text="Slack does not answer as it should. Please try again.")
        answer.headers.update(_HEADERS)
        return answer


def _is_plain(value: str) -> bool:
    """Whether something in an address may be an id, a state, a code or an error of Slack's.

    Bolt writes it into the page, and into the address that the page leads to.
    """
    is_short = len(value) <= _LONGEST and value.isascii()
    return is_short and all(letter.isalnum() or letter in _BESIDE_LETTERS for letter in value)
