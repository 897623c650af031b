"""H9: requests over HTTP that Slack did not send, or not like this."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import socket
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from errors import CannotStart
from handlers import Envelopes
from handlers.http import MOST_BYTES, PATH, HttpServer

pytestmark = pytest.mark.thorough

SECRET = "signing-secret"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
DEEP = b"[" * 5000 + b"]" * 5000
MANY = 60
NOTHING: Any = None


class Taken(Envelopes):
    """Notes what gets in."""

    def __init__(self) -> None:
        super().__init__(NOTHING, NOTHING)
        self.payloads: list[object] = []
        self.broken = False

    def listens(self) -> None:
        """Nobody is told."""

    async def record(self, body: object) -> None:
        if self.broken:
            raise OSError("disk full")
        self.payloads.append(body)
        await super().record(body)


class Door:
    """A server, and how to knock."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.envelopes = Taken()
        with socket.socket() as probe:
            probe.bind((host, 0))
            self.port = int(probe.getsockname()[1])
        self.server = HttpServer(self.envelopes, SECRET, host, self.port)

    async def post(self, body: bytes, headers: Any = None, *, method: str = "POST", path: str = PATH) -> int:
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(method, f"http://127.0.0.1:{self.port}{path}", data=body, headers=headers) as answer,
        ):
            await answer.read()
            return answer.status

    async def half(self, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Send something, and no more."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        return reader, writer


def signed(body: bytes, content_type: str = JSON, *, at: str = "", secret: str = SECRET) -> dict[str, str]:
    stamp = at or str(int(time.time()))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"Content-Type": content_type, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    made = Door()
    await made.server.open()
    yield made
    await made.server.close()


def silent(caplog: pytest.LogCaptureFixture, lines: int = 1) -> bool:
    """Whether there are few lines in the log, and no traceback."""
    ours = [record for record in caplog.records if record.name.startswith(("handlers", "aiohttp"))]
    return len(ours) <= lines and not any(record.exc_info for record in ours)


# ── without a signature of Slack's ──────────────────────────────────────────────────────────────────────────────────

BODIES = [b"{not json", b"[1]", b"payload=%7Bx", b"\xff\xfe", DEEP, b"", b'{"type":"url_verification","challenge":"x"}']
STAMPS = ["abc", "1.5", "", "-1", "9" * 400, "１７９５", "0x10", "1e9", " "]
NOW = object()


@pytest.mark.parametrize("body", BODIES, ids=[str(body[:12]) for body in BODIES])
async def test_h9_what_is_not_signed_is_not_looked_at(
    door: Door, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    caplog.set_level(logging.INFO)
    now = str(int(time.time()))
    headers: list[dict[str, str]] = [
        {"Content-Type": JSON},
        {"Content-Type": FORM},
        {"Content-Type": "application/json; charset=foo"},
        {"Content-Type": "text/html", "Content-Encoding": "gzip"},
        signed(body, secret="another"),
        signed(b"another body"),
        signed(body, at=str(int(time.time()) - 3600)),
        signed(body) | {"X-Slack-Signature": "v0=ünicode"},
        signed(body) | {"X-Slack-Signature": ""},
        *({"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=00"} for stamp in STAMPS),
        {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": "v0=" + "0" * 64},
    ]
    for sent in headers:
        caplog.clear()
        assert await door.post(body, sent) in {400, 401}
        assert silent(caplog)
    assert door.envelopes.payloads == []


async def test_h9_a_second_signature_is_one_too_many(door: Door) -> None:
    body = b"{}"
    for name in ("X-Slack-Signature", "X-Slack-Request-Timestamp"):
        doubled = [*signed(body).items(), (name, "v0=00")]
        assert await door.post(body, doubled) == 401
    assert door.envelopes.payloads == []


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", b"POST\r\n\r\n", b"\x00" * 99])
async def test_h9_what_is_not_even_http_is_one_line(door: Door, caplog: pytest.LogCaptureFixture, sent: bytes) -> None:
    reader, writer = await door.half(sent + b"\r\n\r\n")
    assert b" 400 " in (await asyncio.wait_for(reader.read(), 10)).split(b"\r\n")[0] + b" "
    writer.close()
    assert silent(caplog)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", PATH, 405), ("PUT", PATH, 405), ("POST", "/", 404)])
async def test_h9_only_posts_to_one_path_are_taken(door: Door, method: str, path: str, status: int) -> None:
    assert await door.post(b"{}", signed(b"{}"), method=method, path=path) == status
    assert door.envelopes.payloads == []


# ── too much, too slow ──────────────────────────────────────────────────────────────────────────────────────────────


def head(length: int, *, fresh: bool = True) -> bytes:
    """The headers of a request that may be Slack's."""
    stamp = int(time.time()) if fresh else 0
    lines = [f"POST {PATH} HTTP/1.1", "Host: bot", f"Content-Length: {length}", f"X-Slack-Request-Timestamp: {stamp}"]
    return "\r\n".join([*lines, "X-Slack-Signature: v0=00", "", ""]).encode()


async def test_h9_large_bodies_are_not_read(door: Door) -> None:
    assert await door.post(b"x" * (MOST_BYTES + 1), signed(b"x")) == 413
    reader, writer = await door.half(head(0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked"))
    with suppress(ConnectionError):
        for _ in range(MOST_BYTES // 65536 + 2):
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            await writer.drain()
    assert b" 413 " in await reader.readline()
    writer.close()


@pytest.mark.parametrize(
    "sent",
    [head(1000) + b"half a", head(1000, fresh=False) + b"half a", b"POST /slack", head(5)[:-2], b""],
    ids=["half a body", "half a body without a signature", "half a line", "half the headers", "nothing"],
)
async def test_h9_half_sent_requests_are_cut(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr("handlers.http.HEADER_SECONDS", 0.3)
    monkeypatch.setattr("handlers.http.BODY_SECONDS", 0.3)
    monkeypatch.setattr("handlers.http.DRAIN_SECONDS", 0.1)
    door = Door()
    await door.server.open()
    halves = await asyncio.gather(*(door.half(sent) for _ in range(MANY)))
    async with asyncio.timeout(20):
        for reader, writer in halves:
            with suppress(ConnectionError):
                await reader.read()
            writer.close()
    assert await door.post(b"{}", signed(b"{}")) == 200
    await door.server.close()


async def test_h9_the_end_does_not_wait_for_half_sent_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.http.CLOSE_SECONDS", 0.5)
    door = Door()
    await door.server.open()
    waiting = [await door.half(sent) for sent in (head(1000) + b"half a", b"POST /slack", b"")]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(5):
        await door.server.close()
    for _, writer in waiting:
        writer.close()


# ── signed by Slack ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{not json", JSON),
        (b"[1]", JSON),
        (b"null", JSON),
        (DEEP, JSON),
        (b"9" * 5000, JSON),
        (b'{"type": "event_callback", "event": "x"}', JSON),
        (b"payload=%7Bx", FORM),
        (b"payload=[]", FORM),
        (b"&".join([b"a=b"] * 1000), FORM),
        (b"{}", "application/json; charset=foo"),
        (b"{}", ""),
        (b"", FORM),
    ],
)
async def test_h9_what_slack_signed_is_acked_whatever_it_is(
    door: Door, caplog: pytest.LogCaptureFixture, body: bytes, content_type: str
) -> None:
    assert await door.post(body, signed(body, content_type)) == 200
    assert silent(caplog)


async def test_h9_the_three_forms_of_slack_are_read(door: Door) -> None:
    event, press = {"type": "event_callback", "event": {"type": "x"}}, {"type": "block_actions", "actions": []}
    command = {"command": "/analyst", "text": "größer & 合計"}
    for sent, content_type in (
        (json.dumps(event), JSON),
        (urlencode({"payload": json.dumps(press)}), FORM),
        (urlencode(command), f"{FORM}; charset=utf-8"),
    ):
        assert await door.post(sent.encode(), signed(sent.encode(), content_type)) == 200
    assert door.envelopes.payloads == [event, press, command]


async def test_h9_what_cannot_be_recorded_is_not_acked(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    door.envelopes.broken = True
    assert await door.post(b"{}", signed(b"{}")) == 503
    assert silent(caplog)


async def test_h9_it_listens_where_it_is_told_to() -> None:
    door = Door("127.0.0.2")
    await door.server.open()
    with pytest.raises(aiohttp.ClientConnectorError):
        await door.post(b"{}", signed(b"{}"))
    with pytest.raises(CannotStart, match=r"HOST, PORT: .* in use"):
        await HttpServer(door.envelopes, SECRET, "127.0.0.2", door.port).open()
    await door.server.close()
