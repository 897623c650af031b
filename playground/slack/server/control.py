"""Fault switches, ledger and people over HTTP (``/_ctl/``), for tests that run elsewhere."""

from __future__ import annotations

import base64
import inspect

from aiohttp import web

from playground.slack.delivery.faults import Faults, Gate
from playground.slack.people.human import Human
from playground.slack.server.human_http import run
from playground.slack.server.questions import questions
from playground.slack.state.ledger import Ledger
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace
from playground.words import names

FAULTS = names(
    """
    clear answer rate_limit http_error html slack_error reset delay latency hold download_login download_redirect
    download_cut download_slow upload_unshared disconnect kill_sockets stop_pongs refuse_upgrades duplicate
    reorder drop_acks retry_now redeliver
    """
)


class Control:
    """Serves ``/_ctl/*``.

    ``POST /_ctl/fault {"fault": "rate_limit", "method": "chat.postMessage", "times": 2}``: a switch and its arguments.
    A ``hold`` answers ``{"gate": id}``; ``GET /_ctl/gate/{id}`` returns once a call waits there, and
    ``POST /_ctl/gate/{id}`` lets it go. ``POST /_ctl/human {"act": "post", …}``: an act of ``Human`` and its
    arguments, files as ``[[name, base64], …]``.
    """

    def __init__(self, workspace: Workspace, faults: Faults, human: Human) -> None:
        self._workspace = workspace
        self._faults = faults
        self._human = human

    def routes(self) -> list[web.RouteDef]:
        """Its routes."""
        return [
            web.post("/_ctl/fault", self.fault),
            web.get("/_ctl/gate/{gate}", self.reached),
            web.post("/_ctl/gate/{gate}", self.release),
            web.get("/_ctl/ledger", self.ledger),
            web.get("/_ctl/questions", self.questions),
            web.post("/_ctl/human", self.human),
        ]

    async def fault(self, request: web.Request) -> web.Response:
        """Turn a switch."""
        fields: Json = await request.json()
        name = str(fields.pop("fault", ""))
        if name not in FAULTS:
            return web.json_response({"ok": False, "error": f"no such fault: {name}"}, status=400)
        try:
            result = getattr(self._faults, name)(**fields)
        except (TypeError, KeyError) as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)
        if isinstance(result, Gate):
            key = self._workspace.clock.new_id("G")
            self._faults.gates[key] = result
            return web.json_response({"ok": True, "gate": key})
        return web.json_response({"ok": True, "result": result})

    async def reached(self, request: web.Request) -> web.Response:
        """Return once a call waits at the gate."""
        gate = self._faults.gates.get(request.match_info["gate"])
        if gate is None:
            return web.json_response({"ok": False, "error": "no such gate"}, status=404)
        await gate.reached.wait()
        return web.json_response({"ok": True})

    async def release(self, request: web.Request) -> web.Response:
        """Open the gate."""
        gate = self._faults.gates.pop(request.match_info["gate"], None)
        if gate is not None:
            gate.release()
        return web.json_response({"ok": gate is not None})

    async def ledger(self, request: web.Request) -> web.Response:
        """All of the ledger, or one part: ``?part=calls``."""
        everything = self._ledger.as_json()
        part = request.query.get("part")
        return web.json_response({part: everything[part]} if part in everything else everything)

    async def questions(self, request: web.Request) -> web.Response:
        """Each question of a person with the app's messages in its thread."""
        del request
        return web.json_response({"questions": [question.as_json() for question in questions(self._workspace)]})

    async def human(self, request: web.Request) -> web.Response:
        """Act as a person."""
        fields: Json = await request.json()
        act = getattr(self._human, str(fields.pop("act", "")), None)
        if not inspect.iscoroutinefunction(act) or act.__name__.startswith("_"):
            return web.json_response({"ok": False, "error": "no such act"}, status=400)
        if "files" in fields:
            fields["files"] = [(name, base64.b64decode(data)) for name, data in fields["files"]]
        try:
            work = act(**fields)
        except TypeError as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)
        return await run(work)

    @property
    def _ledger(self) -> Ledger:
        return self._workspace.ledger
