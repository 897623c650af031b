"""Fault switches: what may go wrong at Azure, on demand.

``faults.add("rate_limit", path="/responses", retry_after=2)`` arms one; ``catalogue()`` lists them all. Paths are
globs on the path below the mount (``/containers/*/files/*/content``), whatever the base URL was.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias

from playground.azure import errors
from playground.azure.changes import Changes

Stage: TypeAlias = Literal["request", "connection", "processed", "state", "run", "stream"]
Body: TypeAlias = Any
Callback: TypeAlias = Callable[[], Awaitable[None] | None]


@dataclass
class Fault:
    """An armed fault.

    Attributes:
        name: Which one (see ``catalogue``).
        paths: Globs of the request paths that it strikes.
        method: The HTTP method that it strikes, or any.
        times: How often it still strikes; None for always.
        rate: Share of the matching requests that it strikes, 0 to 1.
        after: For faults of a run or a stream: the number of events that come first.
        where: Asked with the parsed JSON body; strikes only on True.
        options: What the particular fault needs (``retry_after``, ``status``, ``message``…).
        callback: For ``kill`` and ``kill_request``: what to call.
        gate: For ``hold`` and ``hang``: set it to let go.
        hits: How often it struck.
    """

    name: str
    paths: Sequence[str]
    method: str | None = None
    times: int | None = 1
    rate: float = 1.0
    after: int = 0
    where: Callable[[Body], bool] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    callback: Callback | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    hits: int = 0

    @property
    def stage(self) -> Stage:
        return KINDS[self.name].stage

    def strikes(self, method: str, path: str, body: Body) -> bool:
        """Whether it is armed for this request (without regard to ``rate``)."""
        if self.times == 0 or (self.method and self.method != method):
            return False
        if not any(fnmatchcase(path, pattern) for pattern in self.paths):
            return False
        return self.where is None or self.where(body)

    def error(self, *, azure: bool) -> errors.ApiError:
        """The answer that a fault of the stage ``request`` gives."""
        build = KINDS[self.name].build
        assert build is not None, f"{self.name} has no answer of its own"
        return build(azure, self.options)

    async def call(self) -> None:
        """Call the callback."""
        if self.callback is not None and (waiting := self.callback()) is not None:
            await waiting


@dataclass(frozen=True)
class Kind:
    """What a fault of some name is: when it acts, on what by default, and the answer that it gives."""

    stage: Stage
    paths: Sequence[str] = ("*",)
    method: str | None = None
    build: Callable[[bool, Mapping[str, Any]], errors.ApiError] | None = None


RUNS = ("/responses", "/threads/*/runs", "/threads/runs", "/threads/*/runs/*/submit_tool_outputs")
CONTENT = ("*/content",)


def _custom(_azure: bool, options: Mapping[str, Any]) -> errors.ApiError:
    body = options.get("body", {"error": {"message": options.get("message", "fault"), "code": options.get("code")}})
    return errors.ApiError(int(options.get("status", 500)), body, options.get("headers"))


def _retired(azure: bool, options: Mapping[str, Any]) -> errors.ApiError:
    if options.get("status") == 410:
        return errors.gateway_error(410, "410", "The Assistants API has been retired.")
    return errors.no_such_path(azure=azure, method="POST", path="/v1/assistants")


def _unsupported(azure: bool, options: Mapping[str, Any]) -> errors.ApiError:
    if options.get("status") == 405:
        return errors.gateway_error(405, "405", "Method Not Allowed")
    return errors.no_such_path(azure=azure, method="POST", path="/v1/conversations")


KINDS: dict[str, Kind] = {
    # Answers instead of the real one; nothing happens on the server.
    "http": Kind("request", build=_custom),
    "rate_limit": Kind("request", build=lambda a, o: errors.rate_limited(azure=a, retry_after=o.get("retry_after", 1))),
    "quota": Kind("request", RUNS, "POST", lambda _a, _o: errors.quota_exceeded()),
    "server_error": Kind("request", build=lambda _a, o: errors.server_error(o.get("status", 500))),
    "timeout": Kind("request", build=lambda _a, o: errors.timeout(o.get("status", 408))),
    "unauthorized": Kind("request", build=lambda a, o: errors.unauthorized(azure=a, flat=o.get("flat", False))),
    "no_deployment": Kind("request", RUNS, "POST", lambda a, _o: errors.no_deployment(azure=a, name="gone")),
    "content_filter_input": Kind("request", RUNS, "POST", lambda _a, _o: errors.content_filtered()),
    "context_too_long": Kind("request", ("/responses",), "POST", lambda _a, _o: errors.context_too_long()),
    "conversation_locked": Kind("request", ("/responses",), "POST", lambda _a, _o: errors.conversation_locked()),
    "conversations_unsupported": Kind("request", ("/conversations", "/conversations/*"), None, _unsupported),
    "assistants_retired": Kind("request", ("/assistants", "/assistants/*", "/threads", "/threads/*"), None, _retired),
    "download_missing": Kind("request", CONTENT, "GET", lambda _a, _o: errors.no_container_file()),
    "download_error": Kind("request", CONTENT, "GET", lambda _a, o: errors.server_error(o.get("status", 500))),
    # The connection, not the answer.
    "hang": Kind("connection"),
    "drop_request": Kind("connection"),
    "drop_answer": Kind("processed"),
    "kill_request": Kind("processed"),
    # The state of the server.
    "container_expired": Kind("state", ("/responses",), "POST"),
    "container_poisoned": Kind("state", ("/responses",), "POST"),
    # The run itself, whoever listens.
    "hold": Kind("run", RUNS, "POST"),
    "run_failed": Kind("run", RUNS, "POST"),
    "run_incomplete": Kind("run", RUNS, "POST"),
    "run_expired": Kind("run", RUNS, "POST"),
    "run_requires_action": Kind("run", RUNS, "POST"),
    "content_filter_output": Kind("run", RUNS, "POST"),
    "stream_error_nested": Kind("run", RUNS, "POST"),
    "stream_error_flat": Kind("run", RUNS, "POST"),
    "stream_error_azure": Kind("run", RUNS, "POST"),
    "cancel_on_drop": Kind("run", RUNS, "POST"),
    "orphan_user_item": Kind("run", RUNS, "POST"),
    "dangling_link": Kind("run", RUNS, "POST"),
    "no_citation": Kind("run", RUNS, "POST"),
    "background_drops_outputs": Kind("run", RUNS, "POST"),
    # What the listener gets; the run goes on.
    "silent_eof": Kind("stream", RUNS, "POST"),
    "drop_socket": Kind("stream", RUNS, "POST"),
    "keepalive": Kind("stream", RUNS, "POST"),
    "comment": Kind("stream", RUNS, "POST"),
    "bad_json": Kind("stream", RUNS, "POST"),
    "kill": Kind("stream", RUNS, "POST"),
}


def catalogue() -> dict[str, Stage]:
    """All names, with the stage at which they act."""
    return {name: kind.stage for name, kind in KINDS.items()}


class Faults:
    """The armed faults of a server."""

    def __init__(self, changes: Changes, seed: int = 0) -> None:
        self.armed: list[Fault] = []
        self._changes = changes
        self._random = random.Random(seed)  # noqa: S311 - reproducible chaos, no secrets

    def add(
        self,
        name: str,
        *,
        path: str | None = None,
        method: str | None = None,
        times: int | None = 1,
        rate: float = 1.0,
        after: int = 0,
        where: Callable[[Body], bool] | None = None,
        callback: Callback | None = None,
        **options: Any,
    ) -> Fault:
        """Arm a fault.

        Args:
            name: A name of the catalogue.
            path: Glob on the path below the mount; by default the fault's own.
            method: HTTP method; by default the fault's own.
            times: How often it strikes; None for always.
            rate: Share of matching requests that it strikes.
            after: Number of events that come before it, for faults of runs and streams.
            where: Asked with the parsed JSON body; strikes only on True.
            callback: For ``kill`` and ``kill_request``.
            **options: ``retry_after``, ``status``, ``message``, ``code``, ``body``, ``headers``, ``flat``, ``reason``.

        Raises:
            KeyError: There is no such fault.
        """
        kind = KINDS[name]
        fault = Fault(
            name,
            (path,) if path else kind.paths,
            method or kind.method,
            times,
            rate,
            after,
            where,
            options,
            callback,
        )
        self.armed.append(fault)
        return fault

    def clear(self) -> None:
        """Disarm all, and let go of what they hold."""
        for fault in self.armed:
            fault.gate.set()
        self.armed.clear()

    def take(self, stage: Stage, method: str, path: str, body: Body = None) -> list[Fault]:
        """Those that strike a request at a stage, counted as used. At most one of the stage ``request``."""
        taken = []
        for fault in self.armed:
            if fault.stage != stage or not fault.strikes(method, path, body):
                continue
            if fault.rate < 1.0 and self._random.random() >= fault.rate:
                continue
            if fault.times is not None:
                fault.times -= 1
            fault.hits += 1
            taken.append(fault)
            if stage == "request":
                break
        if taken:
            self._changes.notify()
        return taken
