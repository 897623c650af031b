"""What the handlers take of all that Slack sends."""

from __future__ import annotations

from functools import cache
from typing import cast

from slack_sdk.web.async_client import AsyncWebClient

from app.composition import bolt
from handlers import Contexts, Envelopes, register
from untrusted.payload import Json


class Anywhere:
    """Contexts that nothing needs."""

    async def of(self, _body: Json) -> str:
        return "somewhere"


def bare_envelopes() -> Envelopes:
    """Without handlers, and without anything that they work with."""
    return Envelopes(cast(Contexts, Anywhere()), bolt(AsyncWebClient("xoxb-", "http://127.0.0.1:9/api/")))


@cache
def handler_names(*, recorded: bool = False) -> frozenset[tuple[str, str]]:
    """Everything that has a handler, or only what is recorded before its ack: by kind and name."""
    envelopes = bare_envelopes()
    register(envelopes)
    return frozenset(envelopes.recorded if recorded else envelopes.recorded | envelopes.followed)


def taken(kind: str) -> set[str]:
    """The names of one kind."""
    return {name for found, name in handler_names() if found == kind}
