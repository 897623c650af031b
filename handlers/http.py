"""HTTP instead of Socket Mode: Slack's signed requests at one path, and the pages by which the app is installed.

Nothing of a signed request is parsed before its signature is known to be Slack's, and nobody can keep a connection for
long: headers, bodies and idle connections have their time, and bodies their size.
https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from errors import CannotStart
from handlers.envelopes import Envelopes
from handlers.install_pages import InstallPages
from untrusted.payload import mapping, string

log = logging.getLogger(__name__)

Answer = Callable[[web.BaseRequest], Awaitable[web.Response]]

PATH = "/slack/events"
MOST_BYTES = 2_000_000
"""Slack's own payloads stay far below a megabyte."""

MOST_FIELDS = 100
HEADER_SECONDS = 10.0
BODY_SECONDS = 10.0
"""Slack waits 3 s for an answer, so whoever takes longer to ask is not Slack."""

IDLE_SECONDS = 75.0
"""How long a connection may wait for its next request: longer than common proxies keep theirs."""

DRAIN_SECONDS = 2.0
CLOSE_SECONDS = 3.0
OLDEST_SECONDS = 300.0
_MOST_DIGITS = 12
_TIMESTAMP, _SIGNATURE = "X-Slack-Request-Timestamp", "X-Slack-Signature"


class HttpServer:
    """Takes Slack's requests at a port of ``host``, or of all addresses of the machine; and people's for ``pages``."""

    def __init__(
        self, envelopes: Envelopes, signing_secret: str, host: str, port: int, pages: InstallPages | None = None
    ) -> None:
        self.opened = asyncio.Event()
        self.lost = asyncio.Event()  # it never is: Slack comes to us
        self._envelopes = envelopes
        self._place = host, port
        self._pages = pages
        self._verifier = SignatureVerifier(signing_secret)
        self._following: set[asyncio.Task[None]] = set()
        self._runner: web.ServerRunner | None = None

    @property
    def is_connected(self) -> bool:
        """Whether Slack can be heard: Slack comes to us."""
        return self.opened.is_set()

    async def open(self) -> None:
        """Listen. Raises ``CannotStart`` when it cannot be listened on there."""
        host, port = self._place
        self._runner = web.ServerRunner(_Server(self._answer), shutdown_timeout=CLOSE_SECONDS)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host or None, port).start()
        except OSError as error:
            raise CannotStart(f"HOST, PORT: cannot listen there ({error.strerror or error}).") from error
        self._envelopes.listens()
        log.info("Listening for Slack on port %d (%s).", port, PATH)
        self.opened.set()

    async def close(self) -> None:
        """Take no more requests, and answer those that are there."""
        if self._runner:
            await self._runner.cleanup()
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        if self._pages and self._pages.has(request):
            return await self._pages.answer(request)
        try:
            body = await self._signed_body(request)
        except _Refused as refused:
            log.info("A request from %s is refused: %s.", request.remote, refused)
            answer = web.Response(status=refused.status)
            answer.force_close()
            return answer
        if request.headers.get("X-Slack-Retry-Num"):
            self._envelopes.listens()
        return await self._take(_payload(body, request.headers.get("Content-Type", "")))

    async def _signed_body(self, request: web.BaseRequest) -> bytes:
        """The body of a request that Slack has signed; of others, as little as possible is read."""
        if request.path != PATH:
            raise _Refused(404, "nothing is there")
        if request.method != "POST":
            raise _Refused(405, "it is no POST")
        timestamp, signature = _signature(request)
        body = await _body(request)
        if not self._is_slacks(body, timestamp, signature):
            raise _Refused(401, "it is not signed by Slack")
        return body

    def _is_slacks(self, body: bytes, timestamp: str, signature: str) -> bool:
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except (ValueError, TypeError):  # no UTF-8, no number, no ASCII: Slack's requests are all that
            return False

    async def _take(self, payload: object) -> web.Response:
        if mapping(payload).get("type") == "url_verification":
            return web.json_response({"challenge": string(mapping(payload).get("challenge"))})
        try:
            await self._envelopes.record(payload)
        except Exception as error:
            log.warning("An event could not be recorded, so Slack sends it again: %s", type(error).__name__)
            return web.Response(status=503)
        task = asyncio.create_task(self._envelopes.follow(payload))
        self._following.add(task)
        task.add_done_callback(self._following.discard)
        return web.Response()


class _Server(web.Server):
    """Cuts connections that do not send the headers of a first request in time; aiohttp cuts idle ones."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(
            self._heard_and_answered,
            keepalive_timeout=IDLE_SECONDS,
            lingering_time=DRAIN_SECONDS,
            access_log=None,
            auto_decompress=False,
            logger=_http_log(),
        )
        self._answer = answer
        self._silent: set[web.RequestHandler] = set()

    def __call__(self) -> web.RequestHandler:
        """A new connection."""
        connection = super().__call__()
        self._silent.add(connection)
        asyncio.get_running_loop().call_later(HEADER_SECONDS, self._cut_silent, connection)
        return connection

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """A connection has ended."""
        self._silent.discard(handler)
        super().connection_lost(handler, exc)

    async def _heard_and_answered(self, request: web.BaseRequest) -> web.Response:
        self._silent.discard(request.protocol)
        return await self._answer(request)

    def _cut_silent(self, connection: web.RequestHandler) -> None:
        if connection in self._silent:
            connection.force_close()


class _Refused(Exception):
    """A request that is not taken."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def _signature(request: web.BaseRequest) -> tuple[str, str]:
    """Timestamp and signature, if there is one of each and the time is now."""
    timestamps, signatures = request.headers.getall(_TIMESTAMP, []), request.headers.getall(_SIGNATURE, [])
    if len(timestamps) == len(signatures) == 1:
        [timestamp], [signature] = timestamps, signatures
        is_number = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < _MOST_DIGITS
        if is_number and abs(time.time() - int(timestamp)) <= OLDEST_SECONDS:
            return timestamp, signature
    raise _Refused(401, "it has no signature of now")


async def _body(request: web.BaseRequest) -> bytes:
    if (request.content_length or 0) > MOST_BYTES:
        raise _Refused(413, "it is too large")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise _Refused(413, "it is too large")
    except TimeoutError:
        raise _Refused(408, "its body does not come") from None
    except (aiohttp.ClientError, web.RequestPayloadError, ConnectionError):
        raise _Refused(400, "its body is broken") from None
    return bytes(body)


def _payload(body: bytes, content_type: str) -> object:
    """What a request of Slack's carries: JSON, a form with JSON in it, or a form. None when it cannot be read."""
    text = body.decode(errors="replace")
    try:
        if content_type.strip().lower().startswith("application/json"):
            return json.loads(text)
        form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
        return json.loads(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError) as error:
        log.warning("A request of Slack's cannot be read: %s", type(error).__name__)
        return None


class _OneLine(logging.Filter):
    """Whoever sends rubbish shall not fill the log with tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the traceback out of a line; what was raised is named."""
        raised = record.exc_info[0] if record.exc_info else None
        record.msg, record.args = f"{record.getMessage()}: {raised.__name__ if raised else ''}", ()
        record.exc_info = record.exc_text = None
        return True


def _http_log() -> logging.Logger:
    made = log.getChild("aiohttp")
    if not made.filters:
        made.addFilter(_OneLine())
    return made
