"""Alive is who answers; ready is who takes questions."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest

from errors import CannotStart
from telemetry.server import Signs, TelemetryServer

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


async def counts() -> tuple[int, int]:
    return 1, 2


async def broken() -> tuple[int, int]:
    raise ConnectionError


def signs(
    *, connected: bool = True, draining: bool = False, turns: Callable[[], Awaitable[tuple[int, int]]] = counts
) -> Signs:
    return Signs(turns, lambda: connected, lambda: draining)


@asynccontextmanager
async def serving(of: Signs) -> AsyncIterator[Callable[[str], Awaitable[int]]]:
    port = free_port()
    server = TelemetryServer(of, HOST, port)
    await server.open()
    async with aiohttp.ClientSession() as session:

        async def get(path: str) -> int:
            async with session.get(f"http://{HOST}:{port}{path}") as response:
                return response.status

        yield get
    await server.close()


@pytest.mark.parametrize(
    ("of", "ready"),
    [
        (signs(), 200),
        (signs(connected=False), 503),
        (signs(draining=True), 503),
        (signs(turns=broken), 503),
    ],
    ids=["all is well", "without Slack", "being ended", "without its database"],
)
async def test_ready_is_who_takes_questions(of: Signs, ready: int) -> None:
    async with serving(of) as get:
        assert [await get(path) for path in ("/readyz", "/healthz", "/metrics", "/else")] == [ready, 200, 200, 404]


async def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        with pytest.raises(CannotStart, match="HEALTH_PORT"):
            await TelemetryServer(signs(), HOST, taken.getsockname()[1]).open()


async def test_without_a_port_nothing_is_served() -> None:
    server = TelemetryServer(signs(), HOST, 0)
    await server.open()
    await server.close()
