"""``LocalAzure``: an Azure OpenAI resource on this machine, over real HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Self, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler

from playground.altering import altered
from playground.azure.assistants.assistants import Assistants
from playground.azure.assistants.runs import Runs
from playground.azure.assistants.threads import Threads
from playground.azure.auth import authorize
from playground.azure.containers.containers import Containers
from playground.azure.containers.files import Files
from playground.azure.containers.sandbox import Sandbox
from playground.azure.control import Control
from playground.azure.responses.conversations import Conversations
from playground.azure.responses.responses import Responses
from playground.azure.service import errors, ids
from playground.azure.service.changes import Changes
from playground.azure.service.events import Dropped
from playground.azure.service.faults import Fault, Faults
from playground.azure.service.ledger import Entry, Ledger
from playground.azure.service.settings import Settings
from playground.azure.service.wire import ENTRY, FAULTS, MOUNT, Mount, Route
from playground.ports import Interpreter, Model

logger = logging.getLogger(__name__)
T = TypeVar("T")

MOUNTS = (
    Mount("/openai/v1"),
    Mount("/v1", azure=False),
    Mount("/openai", needs_version=True),
    Mount("/api/projects/{project}/openai/v1", project=True),
)
UNSAFE = "ALLOW_UNSAFE_CODE"
SECRET_HEADERS = {"authorization", "api-key", "cookie"}
LARGEST_JSON = 64 * 2**20


class LocalAzure:
    """Responses, Conversations, Containers, Files and Assistants v2.

    Args:
        model: Writes the answers.
        interpreter: Runs the code. It is not closed by ``stop``.
        settings: Habits and limits.
        api_key: The one key that is accepted; made up if empty.

    Attributes:
        endpoint: Root of the resource, without a trailing slash; known after ``start``.
        requests: Everything that was asked, with status.
        faults: Switches for what may go wrong.
        files: Uploads by id; ``.data`` has the bytes.
        containers: Containers by id.
        conversations: Conversations by id.
        responses: Responses by id.
        threads: Threads of the Assistants API by id.
        tokens: Entra ID tokens that are accepted besides the key.
    """

    def __init__(
        self, model: Model, interpreter: Interpreter, settings: Settings | None = None, *, api_key: str = ""
    ) -> None:
        self.settings = settings or Settings()
        self.api_key = api_key or secrets.token_hex(16)
        self.tokens: set[str] = set()
        self.endpoint = ""
        self.changes = Changes()
        self.requests = Ledger(self.changes)
        self.faults = Faults(self.changes)
        self._mounts = [replace(mount, prefix=self.settings.prefix + mount.prefix) for mount in MOUNTS]
        self._trusted = model.trusted or _unsafe()
        self._interpreter = interpreter
        self._runner: web.AppRunner | None = None

        chosen = self.settings
        self.files = Files(chosen)
        self.containers = Containers(chosen, self.files, self._make_sandbox)
        self.conversations = Conversations(chosen)
        self.responses = Responses(
            chosen, model, self.faults, self.files, self.containers, self.conversations, self.changes
        )
        self.assistants = Assistants(chosen, self.files)
        self.threads = Threads(chosen, self.files, self._make_sandbox)
        self.runs = Runs(chosen, model, self.faults, self.files, self.assistants, self.threads, self.changes)

    @property
    def deployment(self) -> str:
        """The one deployment that exists."""
        return self.settings.deployment

    async def start(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        """Listen, over TLS if a context is given. ``port`` 0 takes a free one."""
        app = web.Application(middlewares=[self._middleware], client_max_size=LARGEST_JSON)
        mounts = "|".join(mount.prefix.lstrip("/").replace("{project}", "[^/]+") for mount in MOUNTS)
        for method, path, handler in self._routes():
            app.router.add_route(method, f"{self.settings.prefix}/{{mount:{mounts}}}{path}", handler)
        for method, path, handler in Control(self.faults).routes():
            app.router.add_route(method, path, handler)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, backlog=1024, ssl_context=tls)
        await site.start()
        bound_host, bound_port = self._runner.addresses[0][:2]
        self.endpoint = f"http{'s' if tls else ''}://{bound_host}:{bound_port}{self.settings.prefix}"

    async def stop(self) -> None:
        """End all runs, connections and sandboxes."""
        self.faults.clear()
        await self.responses.close()
        await self.runs.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await self.containers.close()
        await self.threads.close()
        self.files.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def wait(self, predicate: Callable[[LocalAzure], T], timeout: float = 10.0) -> T:
        """The first truthy value of ``predicate(self)``; asked again after every request, answer, fault and run.

        Raises:
            TimeoutError: After ``timeout`` seconds.
        """
        return await self.changes.until(lambda: predicate(self), timeout)

    def _routes(self) -> list[Route]:
        # The first that fits answers: /threads/runs is none of the threads.
        parts = (self.runs, self.files, self.containers, self.conversations, self.responses, self.assistants)
        return [route for part in (*parts, self.threads) for route in part.routes()]

    def _split(self, path: str) -> tuple[Mount | None, str]:
        """The mount of a URL path, and the path below it."""
        for mount in self._mounts:
            if mount.project:
                head, found, tail = path.partition("/openai/v1/")
                if found and head.startswith(f"{self.settings.prefix}/api/projects/"):
                    return mount, "/" + tail
            elif path.startswith(mount.prefix + "/"):
                return mount, path.removeprefix(mount.prefix)
        return None, path

    def _make_sandbox(self, key: str, gigabytes: int = 1) -> Sandbox:
        # Asked anew each time: an interpreter may find out only after its start.
        allowed = self._trusted or self._interpreter.isolated
        seconds = self.settings.code_seconds
        return Sandbox(self._interpreter, key, allowed=allowed, seconds=seconds, gigabytes=gigabytes)

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        mount, path = self._split(request.path)
        if mount is None:
            return await self._unmounted(request, handler)
        request[MOUNT] = mount
        headers = {name.lower(): value for name, value in request.headers.items()}
        for name in SECRET_HEADERS:
            headers.pop(name, None)
        entry = Entry(request.method, path, mount.prefix, dict(request.query), headers)
        request[ENTRY] = entry
        request[FAULTS] = self.faults
        self.requests.open(entry)
        try:
            answer = await self._answer(request, handler, entry)
        except errors.ApiError as failure:
            answer = _refusal(failure)
            entry.error = failure.body
        except Dropped:
            entry.error = "dropped"
            raise asyncio.CancelledError from None
        except (asyncio.CancelledError, ConnectionResetError) as gone:
            entry.error = "client gone"
            raise asyncio.CancelledError from gone
        except Exception:
            logger.exception("%s %s", request.method, path)
            entry.error = errors.server_error().body
            answer = web.json_response(entry.error, status=500)
        finally:
            self.requests.close(entry)
        entry.status = answer.status
        self.changes.notify()
        if not answer.prepared:
            answer.headers.update(self._identity(mount))
        return answer

    async def _unmounted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPNotFound:
            failure = errors.no_such_path(azure=True, method=request.method, path=request.path)
            return web.json_response(failure.body, status=failure.status)

    async def _answer(self, request: web.Request, handler: Handler, entry: Entry) -> web.StreamResponse:
        mount = request[MOUNT]
        authorize(request, self.api_key, self.tokens)
        if mount.needs_version and "api-version" not in request.query:
            raise errors.no_such_path(azure=True, method=entry.method, path=entry.path)
        await self.containers.sweep()
        await self._strike(request, entry)
        try:
            answer = await handler(request)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
            raise errors.no_such_path(azure=mount.azure, method=entry.method, path=request.path) from None
        except web.HTTPRequestEntityTooLarge:
            raise errors.file_too_large(LARGEST_JSON) from None
        for fault in self.faults.take("processed", entry.method, entry.path, entry.body):
            await fault.call()
            if fault.name == "drop_answer":
                _cut(request)
            if fault.name == "alter_answer":
                answer = _altered(answer, fault)
        return answer

    async def _strike(self, request: web.Request, entry: Entry) -> None:
        if request.content_type == "application/json" and self.faults.armed:
            entry.body = await _peek(request)
        for fault in self.faults.take("connection", entry.method, entry.path, entry.body):
            if fault.name == "drop_request":
                _cut(request)
            if fault.name == "latency":
                await asyncio.sleep(fault.latency(entry.method, entry.path))
            else:
                await fault.gate.wait()
        for fault in self.faults.take("request", entry.method, entry.path, entry.body):
            raise fault.error(azure=request[MOUNT].azure)

    def _identity(self, mount: Mount) -> dict[str, str]:
        if mount.azure:
            return {"apim-request-id": ids.hex_id("", 32), "x-ms-region": self.settings.region}
        return {"x-request-id": ids.hex_id("req_", 32)}


def _refusal(failure: errors.ApiError) -> web.Response:
    if isinstance(failure.body, str):
        headers = {"content-type": "text/html; charset=utf-8", **failure.headers}
        return web.Response(body=failure.body.encode(), status=failure.status, headers=headers)
    return web.json_response(failure.body, status=failure.status, headers=failure.headers)


def _altered(answer: web.StreamResponse, fault: Fault) -> web.StreamResponse:
    """A JSON answer with values changed by path; one that has not got the path stays as it is."""
    if not isinstance(answer, web.Response) or answer.content_type != "application/json":
        return answer
    changes, without = fault.options.get("changes", {}), fault.options.get("without", ())
    with suppress(LookupError):
        body = altered(json.loads(answer.text or "null"), changes, without)
        return web.json_response(body, status=answer.status)
    return answer


async def _peek(request: web.Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        return None


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
    raise Dropped


def _unsafe() -> bool:
    if os.environ.get(UNSAFE) != "1":
        return False
    logger.warning("%s=1: model-written code may run on this machine without isolation", UNSAFE)
    return True
