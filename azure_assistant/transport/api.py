"""Requests to the service: JSON in, JSON out, sent again while that may help.

The SDK signs and sends them. Its models are not used: each is built at its first use, which holds up the event loop for
a tenth of a second, and reading an event into one costs several times as much as all else of it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote

import httpx2
from openai import AsyncOpenAI, AsyncStream

from azure_assistant.assistant import Json
from azure_assistant.config import AssistantConfig
from azure_assistant.errors import AssistantError, LostError, NotFound, ParameterRefused, RateLimited
from azure_assistant.retries import RetryPolicy
from azure_assistant.transport.download import download
from azure_assistant.transport.error_mapping import SDK_ERRORS, from_sdk, from_wire
from azure_assistant.transport.optional_parameters import OptionalParameters
from azure_assistant.transport.wire_json import WireObject, as_objects, each, text, thing
from telemetry.metrics import waited

T = TypeVar("T")
log = logging.getLogger(__name__)

PAGE = 100
"""The most objects that a page of most lists has."""
AT_ONCE = 8
_WIRE_OPTIONS: Mapping[str, dict[str, Any]] = {
    "responses": {},
    "assistants": {"headers": {"OpenAI-Beta": "assistants=v2"}, "synthesize_event_and_data": True},
}


class ServiceApi:
    """The REST interface of one service, and what it has refused so far.

    A path is given in parts: ``get("threads", thread)`` is ``GET /threads/{thread}``. Every method raises
    ``AssistantError``: what the last attempt failed with.
    """

    def __init__(self, client: AsyncOpenAI, config: AssistantConfig) -> None:
        self.config = config
        self.parameters = OptionalParameters()
        self.base_url = str(client.base_url)
        self._client = client
        self._options: Any = _WIRE_OPTIONS[config.api]

    async def get(self, *path: str, retried: bool = True, **query: Json) -> WireObject:
        """An object, or a page of a list. ``query``: its parameters; lists become ``name[]=…``."""
        options = self._options | {"params": query}
        return await self._send(lambda: self._client.get(_url(path), cast_to=object, options=options), retried=retried)

    async def post(self, *path: str, body: Mapping[str, Json], retried: bool = True) -> WireObject:
        """What the service answers to a body. ``retried``: whether it is sent again after a failure that may pass."""
        return await self._send(lambda: self._post(path, body), retried=retried)

    async def delete(self, *path: str) -> None:
        """Delete an object. Raises ``LostError`` when it was gone already."""
        await self._send(lambda: self._client.delete(_url(path), cast_to=object, options=self._options))

    async def remove(self, *path: str) -> None:
        """Delete an object; that it is gone already is fine."""
        try:
            await self.delete(*path)
        except LostError as error:
            log.info("%s was gone already: %s", "/".join(path), error.detail)

    async def create(
        self, *path: str, body: Mapping[str, Json] | None = None, optional: Mapping[str, Json] | None = None
    ) -> WireObject:
        """Make an object.

        Args:
            path: Its first part is the kind of request for ``OptionalParameters``.
            body: What must be sent.
            optional: What is left out once the service has refused it.

        Raises:
            AssistantError: Also when the answer is a success without an id, as of some gateways.
        """
        wanted = optional or {}
        while True:
            sent = {**(body or {}), **self.parameters.of(path[0], wanted)}
            try:
                return await self._made(lambda: self._post(path, sent))  # noqa: B023 - awaited here
            except ParameterRefused as error:
                if not self.parameters.leave_out(path[0], wanted, error.names):
                    raise

    async def upload(self, name: str, stream: BinaryIO, media_type: str, **parameters: Json) -> str:
        """Upload a file for assistants; returns its id. ``stream`` is seekable, and read anew by each attempt."""
        form = {"purpose": "assistants", **parameters}
        return text((await self.put_file("files", name=name, stream=stream, media_type=media_type, form=form)).id)

    async def put_file(
        self, *path: str, name: str, stream: BinaryIO, media_type: str, form: Mapping[str, Json] | None = None
    ) -> WireObject:
        """Make an object of a file, in a form. ``stream`` is seekable, and read anew by each attempt."""
        options: Any = {"headers": {"Content-Type": "multipart/form-data"}}

        def send() -> Awaitable[object]:
            stream.seek(0)
            files = {"file": (name, stream, media_type)}
            return self._client.post(_url(path), cast_to=object, body=form or {}, files=files, options=options)

        return await self._made(send)

    async def stream(self, *path: str, body: Mapping[str, Json]) -> AsyncStream[object]:
        """The events of a run that the body begins, as plain JSON. It is sent once."""
        try:
            return await self._client.post(
                _url(path),
                cast_to=object,
                body={**body, "stream": True},
                options=self._options,
                stream=True,
                stream_cls=AsyncStream[object],
            )
        except SDK_ERRORS as raw:
            raise from_sdk(raw, deployment=self.config.deployment) from raw

    def download(self, *path: str, name: str = "") -> AsyncGenerator[bytes, None]:
        """The bytes of a file; see ``download``."""

        @asynccontextmanager
        async def opened() -> AsyncGenerator[httpx2.Response, None]:
            stream = await self._client.get(
                _url(path),
                cast_to=object,
                options={"headers": {"Accept": "application/binary"}},
                stream=True,
                stream_cls=AsyncStream[object],
            )
            try:
                yield stream.response
            finally:
                await stream.close()

        return download(opened, self.config.retries, name)

    async def all_ids(self, *path: str) -> list[str]:
        """The ids of all members of a list."""
        found: list[str] = []
        after: dict[str, Json] = {}
        while True:
            page = await self.get(*path, limit=PAGE, **after)
            ids = [text(item.id) for item in each(page.data)]
            found += ids
            if not ids or page.has_more is False or not text(page.last_id):
                return found
            after = {"after": text(page.last_id)}

    def _post(self, path: tuple[str, ...], body: Mapping[str, Json]) -> Awaitable[object]:
        return self._client.post(_url(path), cast_to=object, body=body, options=self._options)

    async def _made(self, request: Callable[[], Awaitable[object]]) -> WireObject:
        async def checked() -> WireObject:
            answer = _read(await request())
            made = thing(as_objects(answer))
            if not text(made.id):
                raise from_wire(answer, status=200, deployment=self.config.deployment)
            return made

        return await with_retries(checked, self.config.retries, deployment=self.config.deployment)

    async def _send(self, request: Callable[[], Awaitable[object]], *, retried: bool = True) -> WireObject:
        policy = self.config.retries if retried else RetryPolicy(attempts=1, patience=0.0)
        answer = await with_retries(request, policy, deployment=self.config.deployment)
        return thing(as_objects(_read(answer)))


async def with_retries(request: Callable[[], Awaitable[T]], policy: RetryPolicy, *, deployment: str = "") -> T:
    """The result of ``request``, which is called for each attempt, as often as the policy allows it.

    Raises:
        AssistantError: What the last attempt failed with.
    """
    backoff = policy.start()
    while True:
        try:
            return await request()
        except (*SDK_ERRORS, AssistantError) as raw:
            error = raw if isinstance(raw, AssistantError) else from_sdk(raw, deployment=deployment)
            delay = backoff.after(error)
            if delay is None:
                raise error from (None if error is raw else raw)
            log.info("%s: again in %.1f s", type(error).__name__, delay)
            if isinstance(error, RateLimited):
                waited("model", delay)
            await asyncio.sleep(delay)


async def all_done(*work: Awaitable[T]) -> list[T]:
    """The results of work that is done side by side; what the first failure was is raised when all has ended."""
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]


async def each_done(work: Callable[[str], Awaitable[T]], items: Iterable[str], at_once: int = AT_ONCE) -> list[T]:
    """The same for some work on each item, so many at a time."""
    gate = asyncio.Semaphore(at_once)

    async def one(item: str) -> T:
        async with gate:
            return await work(item)

    return await all_done(*map(one, items))


def _url(path: tuple[str, ...]) -> str:
    """The path of a request. An id that would lead elsewhere is one that no object has."""
    if not {"", ".", ".."}.isdisjoint(path):
        raise NotFound("an empty id")
    return "".join(f"/{quote(part, safe='')}" for part in path)


def _read(answer: object) -> object:
    """An answer whose JSON is read, although not every server says that it is some."""
    if isinstance(answer, str):
        try:
            return json.loads(answer)
        except ValueError:
            return answer
    return answer
