"""What the handlers take of all that Slack sends."""

from __future__ import annotations

from functools import cache
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from handlers import Envelopes, register


@cache
def handler_names() -> frozenset[tuple[str, str]]:
    """Everything that has a handler, by kind and name."""
    nothing: Any = None
    bolt = AsyncApp(client=AsyncWebClient(token="xoxb-"), request_verification_enabled=False)
    envelopes = Envelopes(nothing, bolt)
    register(envelopes)
    return envelopes.names


def taken(kind: str) -> set[str]:
    """The names of one kind."""
    return {name for found, name in handler_names() if found == kind}
