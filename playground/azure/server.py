"""An Azure OpenAI resource on this machine: the doors, the keys, and what lies behind them."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from aiohttp import web

from playground.azure import errors, ids
from playground.azure.changes import Changes
from playground.azure.containers import Containers
from playground.azure.conversations import Conversations
from playground.azure.events import Dropped
from playground.azure.faults import Faults
from playground.azure.files import Files
from playground.azure.ledger import Entry, Ledger
from playground.azure.responses import Responses
from playground.azure.sandbox import Sandbox
from playground.azure.settings import Settings
from playground.azure.wire import ENTRY, MOUNT, Json, Mount, Route
from playground.ports import Interpreter, Model

log = logging.getLogger(__name__)

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
KEY = "playground-key"
MOUNTS = (Mount("/openai/v1"), Mount("/v1", azure=False), Mount("/api/projects/local/openai/v1", project=True))
CREDENTIALS = {"authorization", "api-key"}


class LocalAzure:
    """A resource with one deployment. State lives in memory only.

    Args:
        model: Who answers.
        interpreter: What runs the model's code.
        settings: Habits and limits.
        api_key: The key that opens it.
    """

    def __init__(
        self, model: Model, interpreter: Interpreter, settings: Settings | None = None, api_key: str = KEY
    ) -> None:
        self.settings = settings or Settings()
        self.api_key = api_key
        self._changes = Changes()
        self.faults = Faults(self._changes)
        self.requests = Ledger(self._changes)
        self.files = Files(self.settings)
        allowed = interpreter.isolated or model.trusted or bool(os.environ.get("ALLOW_UNSAFE_CODE"))

        def sandbox(key: str) -> Sandbox:
            return Sandbox(interpreter, key, allowed=allowed, seconds=self.settings.code_seconds)

        self.containers = Containers(self.settings, self.files, sandbox)
        self.conversations = Conversations(self.settings)
        self.responses = Responses(self.settings, model, self.faults, self.files, self.containers, self.conversations)
        self._runner: web.AppRunner | None = None
        self._url = ""

    @property
    def endpoint(self) -> str:
        """The resource's root, without a slash at the end."""
        return self._url

    @property
    def deployment(self) -> str:
        """The name of the deployment."""
        return self.settings.deployment

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one."""
        app = web.Application(client_max_size=self.settings.file_bytes + 2**20, middlewares=[self._front])
        for mount in MOUNTS:
            for route in self._routes():
                app.router.add_route(route[0], mount.prefix + route[1], _at(mount, route))
        app.router.add_post("/_ctl/fault", self._arm)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self._url = f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """End everything."""
        self.faults.clear()
        await self.responses.close()
        await self.containers.close()
        self.files.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> LocalAzure:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def wait(self, predicate: Callable[[LocalAzure], T], timeout: float = 10) -> T:
        """Wait until ``predicate`` gives something true, asked again after every request; returns that."""
        return await self._changes.until(lambda: predicate(self), timeout)

    def _routes(self) -> Sequence[Route]:
        parts = (self.files, self.containers, self.conversations, self.responses)
        return [route for part in parts for route in part.routes()]

    @web.middleware
    async def _front(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/_ctl/"):
            return await handler(request)
        mount = next((mount for mount in MOUNTS if request.path.startswith(mount.prefix + "/")), Mount(""))
        path = request.path.removeprefix(mount.prefix)
        headers = {name.lower(): value for name, value in request.headers.items() if name.lower() not in CREDENTIALS}
        entry = Entry(request.method, path, mount.prefix, dict(request.query), headers)
        request[MOUNT], request[ENTRY] = mount, entry
        self.requests.open(entry)
        try:
            answer = await self._answer(request, handler, mount, entry)
            entry.status = entry.status or answer.status
            return answer
        finally:
            self.requests.close(entry)

    async def _answer(self, request: web.Request, handler: Handler, mount: Mount, entry: Entry) -> web.StreamResponse:
        try:
            self._check_key(request, mount)
            body = await _peek(request)
            for fault in self.faults.take("connection", request.method, entry.path, body):
                if fault.name == "hang":
                    await fault.gate.wait()
                _abort(request)
            for fault in self.faults.take("request", request.method, entry.path, body):
                raise fault.error(azure=mount.azure)
            await self.containers.sweep()
            answer = await handler(request)
        except errors.ApiError as error:
            entry.status, entry.error = error.status, error.body
            return web.json_response(error.body, status=error.status, headers=error.headers | _ids(mount))
        except web.HTTPNotFound:
            unknown = errors.no_such_path(azure=mount.azure, method=request.method, path=request.path)
            entry.status, entry.error = unknown.status, unknown.body
            return web.json_response(unknown.body, status=unknown.status, headers=_ids(mount))
        except Dropped:
            entry.status = 0
            raise asyncio.CancelledError from None
        for fault in self.faults.take("processed", request.method, entry.path, entry.body):
            await fault.call()
            if fault.name == "drop_answer":
                _abort(request)
        if not answer.prepared:
            answer.headers.update(_ids(mount))
        return answer

    def _check_key(self, request: web.Request, mount: Mount) -> None:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        given = {bearer, request.headers.get("api-key", "") if mount.azure else ""}
        if self.api_key not in given:
            raise errors.unauthorized(azure=mount.azure)

    async def _arm(self, request: web.Request) -> web.Response:
        wanted: Json = await request.json()
        self.faults.add(wanted.pop("name"), **wanted)
        return web.json_response({"ok": True})


def _at(mount: Mount, route: Route) -> Handler:
    del mount
    handler = route[2]

    async def handle(request: web.Request) -> web.StreamResponse:
        answer: web.StreamResponse = await handler(request)
        return answer

    return handle


async def _peek(request: web.Request) -> Any:
    """The JSON body, for faults that look at it; the handler reads it again."""
    if request.content_type != "application/json" or not request.can_read_body:
        return None
    try:
        return json.loads(await request.read())
    except ValueError:
        return None


def _abort(request: web.Request) -> None:
    """Cut the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError


def _ids(mount: Mount) -> dict[str, str]:
    if mount.azure:
        return {"apim-request-id": ids.hex_id("", 32), "x-ms-region": "Local"}
    return {"x-request-id": ids.hex_id("req_", 32)}
