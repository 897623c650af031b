"""Tells when a request has left this process, which is long before its answer is here."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

import aiohttp

_left: ContextVar[asyncio.Event | None] = ContextVar("left", default=None)


def tell_when_it_leaves(event: asyncio.Event) -> None:
    """Set an event once a request of this task is on its way."""
    _left.set(event)


def tracing() -> aiohttp.TraceConfig:
    """What a session needs for that."""
    config = aiohttp.TraceConfig()
    config.on_request_headers_sent.append(_sent)
    return config


async def _sent(*_: object) -> None:
    if event := _left.get():
        event.set()
