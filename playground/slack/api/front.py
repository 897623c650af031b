"""The Web API's door: arguments, token, scopes, tiers, faults; then the method; then the answer and its headers."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiohttp import web

from playground.slack.api import METHODS
from playground.slack.api.args import Args
from playground.slack.api.method import Limiter, Method
from playground.slack.delivery.core import Core
from playground.slack.delivery.faults import Rule
from playground.slack.state.errors import Refused
from playground.slack.state.ledger import Call
from playground.slack.state.options import Json


@dataclass
class Reply:
    """What goes back: JSON, or raw text; ``cut`` means no answer at all."""

    body: Json | str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


class Front:
    """Serves ``/api/{method}``."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._limiter = Limiter(core.workspace.options)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        name = request.match_info["method"]
        try:
            args = await Args.read(request)
        except Refused as refused:
            args, reply = Args({}), Reply(refused.answer())
            return self._send(request, self._enter(name, args), reply, None)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip() or args.text("token")
        args.values.pop("token", None)
        call = self._enter(name, args)
        reply = await self._answer(name, args, token, call)
        return self._send(request, call, reply, METHODS.get(name))

    async def _answer(self, name: str, args: Args, token: str, call: Call) -> Reply:
        faults = self._core.faults
        early = await meet(faults.take(name, args.values, "before"), call)
        if early is not None:
            return early
        reply = self._process(name, args, token, call)
        late = await meet(faults.take(name, args.values, "after"), call)
        return late or reply

    def _process(self, name: str, args: Args, token: str, call: Call) -> Reply:
        method = METHODS.get(name)
        if method is None:
            return Reply({"ok": False, "error": "unknown_method", "req_method": name})
        try:
            self._admit(method, token)
            workspace = self._core.workspace
            wait = self._limiter.wait(name, method, args.text("channel"), workspace.clock.monotonic())
            if wait:
                return Reply({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(wait)})
            answer = method.run(self._core, args)
        except Refused as refused:
            return Reply(refused.answer())
        call.processed = bool(answer.get("ok"))
        call.ts = str(answer.get("ts") or answer.get("message_ts") or answer.get("file_id") or "")
        return Reply(answer)

    def _admit(self, method: Method, token: str) -> None:
        workspace = self._core.workspace
        if method.caller == "anyone":
            return
        if not token:
            raise Refused("not_authed")
        options = workspace.options
        kinds = {workspace.bot_token: "bot", options.app_token: "app", options.config_token: "config"}
        if token not in kinds:
            raise Refused("invalid_auth")
        if kinds[token] != method.caller:
            raise Refused("not_allowed_token_type")
        if method.caller != "bot":
            return
        if workspace.revoked:
            raise Refused("token_revoked")
        workspace.need(*method.scopes)

    def _enter(self, name: str, args: Args) -> Call:
        call = Call(name, args.values, self._core.workspace.clock.now())
        self._core.workspace.ledger.calls.append(call)
        return call

    def _send(self, request: web.Request, call: Call, reply: Reply, method: Method | None) -> web.StreamResponse:
        call.status = 0 if reply.cut else reply.status
        if isinstance(reply.body, dict):
            call.error = str(reply.body.get("error", ""))
        elif reply.status != 200 or reply.body:
            call.error = f"http_{reply.status}"
        self._core.workspace.changes.notify()
        if reply.cut:
            return cut(request)
        if isinstance(reply.body, str):
            return web.Response(text=reply.body, status=reply.status, content_type="text/html", headers=reply.headers)
        headers = {
            "x-oauth-scopes": ",".join(sorted(self._core.workspace.scopes)),
            "x-accepted-oauth-scopes": ",".join(method.scopes if method else ()),
            "x-slack-req-id": self._core.workspace.clock.new_id(""),
            **reply.headers,
        }
        text = json.dumps(reply.body)  # as ASCII: whatever stands in it, lone surrogates too, can be sent
        return web.Response(text=text, status=reply.status, content_type="application/json", headers=headers)


async def meet(rules: Iterable[Rule], call: Call) -> Reply | None:
    """Let a call meet its faults. Returns the answer that one of them forces, or None."""
    forced: Reply | None = None
    for rule in rules:
        if rule.kind == "delay":
            await asyncio.sleep(rule.values["seconds"])
        elif rule.kind == "hold":
            await rule.values["gate"].pass_through()
        elif rule.kind == "hook":
            outcome = rule.values["callback"](call)
            if inspect.isawaitable(outcome):
                await outcome
        elif rule.kind == "reset":
            forced = Reply("", cut=True)
        elif rule.kind in {"http", "error"}:
            values = rule.values
            forced = Reply(values["body"], values["status"], dict(values.get("headers", {})))
    return forced


def cut(request: web.Request) -> web.Response:
    """Cut the connection of a request; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
