"""A file's bytes from Slack: authenticated, checked, tried again, and never with the token to a foreign host.

Slack answers a token without ``files:read`` with HTTP 200 and an HTML login page, or a redirect to one:
https://github.com/slackapi/bolt-js/issues/2585, https://github.com/slackapi/deno-slack-sdk/issues/285
"""

from __future__ import annotations

import asyncio
import logging
import time
import zlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from http import HTTPStatus

import aiohttp

from conversations.errors import (
    DownloadFailed,
    FileDeleted,
    FileEmpty,
    FileIsLoginPage,
    FileNotVisible,
    FileTooLarge,
)
from conversations.ports.workplace import SharedFile
from slack_api.failures import Limited, Unclear, limit_seconds
from slack_api.patience import Patience
from untrusted.payload import timestamp
from workplace.addresses import Addresses, joined, parse
from workplace.login_page import LONGEST, SNIFFED, is_login_page, length_of, may_be_login_page

log = logging.getLogger(__name__)

TRIES = 3
_METHOD = "download"
FRESH_SECONDS = 60.0
"""A file younger than this may not have reached all of Slack's servers: some say that there is none."""

FRESH_TRIES = 5
"""How often such a file is asked for; about 7 seconds."""

_CHUNK = 256 * 1024
_HOPS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=15, sock_read=30)
_AS_IT_IS = {"Accept-Encoding": "identity"}


class Downloads:
    """Opens files of one Slack workspace."""

    def __init__(self, session: aiohttp.ClientSession, token: str, api_url: str, limit: int) -> None:
        """Files have ``limit`` bytes at most; the token goes to Slack's hosts and that of ``api_url`` only."""
        self._session = session
        self._with_token = _AS_IT_IS | {"Authorization": f"Bearer {token}"}
        self._addresses = Addresses(api_url)
        self._limit = limit

    @asynccontextmanager
    async def open(self, file: SharedFile) -> AsyncIterator[AsyncIterator[bytes]]:
        """The file's bytes in chunks.

        The first chunk is fetched and checked on entering. When the connection breaks later, the file is fetched again
        from its start, and what was handed out already is compared and left out. What Slack says of a file in its
        first moments is not believed at once.

        Raises:
            FileIsLoginPage: An HTML page that is not the file, or redirects without an end.
            FileDeleted: Slack no longer has it.
            FileNotVisible: Slack refuses it to this token, or its address is not one of Slack's.
            FileEmpty: It has no bytes.
            FileTooLarge: It has more bytes than the limit, whatever Slack said before.
            DownloadFailed: Three tries failed.
        """
        async with aclosing(self._bytes(file)) as chunks:
            try:
                first = await anext(chunks)
            except StopAsyncIteration:
                raise FileEmpty("no bytes", name=file.name) from None
            yield _with_first(first, chunks)

    async def _bytes(self, file: SharedFile) -> AsyncGenerator[bytes, None]:
        """All bytes, over several tries."""
        delivered, patience, youth = _Delivered(), Patience(TRIES), fresh_patience(file)
        while True:
            try:
                async with aclosing(self._attempt(file)) as chunks:
                    async for chunk in delivered.continue_with(chunks, file):
                        yield chunk
            except (FileIsLoginPage, FileDeleted, FileNotVisible):
                wait = None if delivered else youth.after_failure()
                if wait is None:
                    raise
            except (Limited, Unclear, aiohttp.ClientError, TimeoutError, OSError) as error:
                wait = patience.after_limit(error.seconds) if isinstance(error, Limited) else patience.after_failure()
                if wait is None:
                    raise DownloadFailed(f"{type(error).__name__} {error}", name=file.name) from error
            else:
                return
            log.info("Download of %s: again in %.1f s", file.id, wait)
            await asyncio.sleep(wait)

    async def _attempt(self, file: SharedFile) -> AsyncGenerator[bytes, None]:
        """One try from the file's start to its last byte, the length checked."""
        async with self._response(file) as response:
            total = 0
            async with aclosing(_without_login_page(response, file)) as chunks:
                async for chunk in chunks:
                    total += len(chunk)
                    if total > self._limit:
                        limit = megabytes(self._limit)
                        raise FileTooLarge(name=file.name, size=f"> {limit}", limit=limit)
                    yield chunk
        if file.size and total != file.size:
            raise Unclear(_METHOD, f"{total} bytes instead of {file.size}")

    @asynccontextmanager
    async def _response(self, file: SharedFile) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer with status 200. Redirects are followed: with the token between Slack's hosts, else without.

        Slack redirects to other hosts of its own: ``files-origin.slack.com``, ``{domain}.enterprise.slack.com``
        (https://github.com/NousResearch/hermes-agent/pull/114483). A foreign host does not lead the token back.
        """
        url = parse(file.url)
        if url is None or not self._addresses.may_have_token(url):
            raise FileNotVisible("its address is not Slack's", name=file.name)
        trusted = True
        for _ in range(_HOPS):
            headers = self._with_token if trusted else _AS_IT_IS
            async with self._session.get(url, headers=headers, allow_redirects=False, timeout=_TIMEOUT) as response:
                if response.status not in _REDIRECTS:
                    _check_status(response, file)
                    yield response
                    return
                target = joined(url, response.headers.get("Location", ""))
            if target is None or not self._addresses.may_follow(target):
                raise FileNotVisible("redirected to no place of Slack's", name=file.name)
            url, trusted = target, trusted and self._addresses.may_have_token(target)
        raise FileIsLoginPage("redirected in circles", name=file.name)


class _Delivered:
    """What has been handed out: how many bytes, and their checksum (a hash takes as long as the download)."""

    def __init__(self) -> None:
        self._size = 0
        self._checksum = 0

    def __bool__(self) -> bool:
        return self._size > 0

    async def continue_with(self, chunks: AsyncIterator[bytes], file: SharedFile) -> AsyncIterator[bytes]:
        """What is new in the same file, fetched from its start."""
        size, position, again = self._size, 0, 0
        async for chunk in chunks:
            known = chunk[: max(0, size - position)]
            position += len(chunk)
            again = zlib.crc32(known, again)
            if position >= size > position - len(chunk) and again != self._checksum:
                raise DownloadFailed("the file changed meanwhile", name=file.name)
            new = chunk[len(known) :]
            if new:
                self._size += len(new)
                self._checksum = zlib.crc32(new, self._checksum)
                yield new
        if position < size:
            raise DownloadFailed("the file shrank meanwhile", name=file.name)


def fresh_patience(file: SharedFile) -> Patience:
    """Retries of a refusal: some seconds for a file that has just been shared, otherwise none."""
    moments = file.created, float(timestamp(file.shared_at) or 0)
    is_fresh = any(abs(time.time() - moment) < FRESH_SECONDS for moment in moments)
    return Patience(FRESH_TRIES if is_fresh else 1)


def megabytes(size: int) -> str:
    """A size for people: ``850 KB``, ``120 MB``."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1024 / 1024:.1f}".removesuffix(".0") + " MB"


async def _with_first(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


async def _without_login_page(response: aiohttp.ClientResponse, file: SharedFile) -> AsyncGenerator[bytes, None]:
    """The body, in chunks; what may be a login page is held until its length tells. Raises ``FileIsLoginPage``."""
    chunks = response.content.iter_chunked(_CHUNK)
    held = bytearray()
    async for chunk in chunks:
        held += chunk
        if len(held) < SNIFFED:
            continue
        if length_of(response) is not None or not may_be_login_page(response, held, file) or len(held) > LONGEST:
            break
    if held and is_login_page(response, held, file):
        raise FileIsLoginPage(f"content type {response.content_type}", name=file.name)
    if held:
        yield bytes(held)
    held.clear()
    async for chunk in chunks:
        yield chunk


def _check_status(response: aiohttp.ClientResponse, file: SharedFile) -> None:
    status = response.status
    if status == HTTPStatus.OK:
        return
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Limited(_METHOD, limit_seconds(response.headers.get("Retry-After")))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unclear(_METHOD, f"HTTP {status}")
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        raise FileDeleted(f"HTTP {status}", name=file.name)
    raise FileNotVisible(f"HTTP {status}", name=file.name)
