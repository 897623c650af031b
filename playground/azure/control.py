"""``/_ctl``: the fault switches over HTTP, for people and for tests in other processes."""

from __future__ import annotations

from aiohttp import web

from playground.azure.service.faults import Fault, Faults, catalogue
from playground.azure.service.wire import Json, Route

MEMBERS = ("path", "method", "times", "rate", "after")


class Control:
    """Arms, lists, releases and disarms faults.

    ``POST /_ctl/fault {"name": "rate_limit", "times": 2, "path": "/responses", "retry_after": 3}`` answers
    ``{"id": n}``; ``POST /_ctl/release {"id": n}`` opens the gate of a held one; ``DELETE /_ctl/fault`` disarms all.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._given: list[Fault] = []

    def routes(self) -> list[Route]:
        return [
            ("GET", "/_ctl/fault", self._list),
            ("POST", "/_ctl/fault", self._arm),
            ("DELETE", "/_ctl/fault", self._clear),
            ("POST", "/_ctl/release", self._release),
        ]

    async def _list(self, _request: web.Request) -> web.Response:
        armed: list[Json] = [
            {"name": fault.name, "times": fault.times, "hits": fault.hits, "after": fault.after}
            for fault in self._faults.armed
        ]
        return web.json_response({"catalogue": catalogue(), "armed": armed})

    async def _arm(self, request: web.Request) -> web.Response:
        options = await request.json()
        name = options.pop("name", None)
        if name not in catalogue():
            return web.json_response({"error": f"no fault named {name!r}", "known": sorted(catalogue())}, status=400)
        known = {key: options.pop(key) for key in MEMBERS if key in options}
        self._given.append(self._faults.add(name, **known, **options))
        return web.json_response({"id": len(self._given) - 1})

    async def _release(self, request: web.Request) -> web.Response:
        self._given[(await request.json())["id"]].gate.set()
        return web.json_response({"ok": True})

    async def _clear(self, _request: web.Request) -> web.Response:
        self._faults.clear()
        self._given.clear()
        return web.json_response({"ok": True})
