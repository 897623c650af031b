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
from typing import Any, TypeAlias

from playground.azure.service import errors
from playground.azure.service.changes import Changes
from playground.azure.service.fault_kinds import KINDS, Body, Stage, catalogue
from playground.latencies import latencies

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
        refuse = KINDS[self.name].refuse
        if refuse is not None and refuse(body, self.options) is None:
            return False
        return self.where is None or self.where(body)

    def error(self, *, azure: bool, body: Body = None) -> errors.ApiError:
        """The answer that a fault of the stages ``request``, ``body`` and ``state`` gives."""
        kind = KINDS[self.name]
        refused = kind.refuse(body, self.options) if kind.refuse is not None else None
        assert refused or kind.build is not None, f"{self.name} has no answer of its own"
        return refused or kind.build(azure, self.options)  # type: ignore[misc]

    def latency(self, method: str, path: str) -> float:
        """Seconds that a ``latency`` lets a request wait."""
        if "seconds" in self.options:
            return float(self.options["seconds"])
        return latencies(self.options["profile"], self.options.get("factor", 1.0)).of_azure(method, path)

    async def call(self) -> None:
        """Call the callback."""
        if self.callback is not None and (waiting := self.callback()) is not None:
            await waiting


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
            **options: ``retry_after``, ``status``, ``message``, ``code``, ``flat``, ``reason``; of ``http`` also
                ``headers`` and ``body`` (any JSON) or ``text`` (a page); of refusals ``parameter`` and ``spelling``
                (see ``errors.refused_parameter``) or ``extensions``; of ``latency`` ``seconds``, or a ``profile`` of
                ``playground/latencies.py`` and a ``factor``; of streams ``event`` (a glob on the event's type) with
                ``changes`` and ``without`` (dotted paths), ``data`` or ``raw``.

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
        """Those that strike a request at a stage, counted as used. At most one refusal."""
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
            if stage in ("request", "body"):
                break
        if taken:
            self._changes.notify()
        return taken


__all__ = ["Fault", "Faults", "catalogue"]
