"""Downloads by the app: with the token, over redirects, or the login page instead."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import BinaryIO
from urllib.parse import quote, urlencode

from aiohttp import web

from playground.slack.api.front import Reply, cut, meet
from playground.slack.delivery.core import Core
from playground.slack.delivery.faults import Rule
from playground.slack.state import filestore
from playground.slack.state.entities import StoredFile
from playground.slack.state.ledger import Call

LOGIN = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body><h1>Sign in to Slack</h1></body></html>"
MISSING = "<!DOCTYPE html><html><body>File not found</body></html>"
CHUNK = 262_144


class Metered:
    """What serves bytes and writes into the ledger."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def _enter(self, name: str, request: web.Request) -> Call:
        call = Call(name, dict(request.match_info), self._core.workspace.clock.now())
        self._core.workspace.ledger.calls.append(call)
        return call

    def _done(self, call: Call, response: web.StreamResponse) -> web.StreamResponse:
        call.status = response.status
        call.error = "" if response.status == 200 else f"http_{response.status}"
        self._core.workspace.changes.notify()
        return response

    def _forced(self, request: web.Request, call: Call, reply: Reply) -> web.StreamResponse:
        if reply.cut:
            call.error = "cut"
            self._core.workspace.changes.notify()
            return cut(request)
        return self._done(call, web.Response(status=reply.status, text=str(reply.body), headers=reply.headers))


class Downloads(Metered):
    """Serves ``/files-pri/``, ``/files-tmb/`` and ``/files-email-priv/``."""

    def routes(self) -> list[web.RouteDef]:
        """Its routes."""
        return [
            web.get("/files-pri/{key}/download/{name:.*}", self.handle),
            web.get("/files-pri/{key}/{name:.*}", self.handle),
            web.get("/files-tmb/{key}/{name:.*}", self.handle),
            web.get("/files-email-priv/{key}/{name:.*}", self.handle),
        ]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Give the app a file, or a file that is attached to an email."""
        call = self._enter("download", request)
        call.args |= {"host": request.host, "authorized": bool(_token(request)), **request.query}
        rules = self._core.faults.take("download", call.args, "before")
        early = await meet(rules, call)
        if early is not None:
            return self._forced(request, call, early)
        instead = self._redirect(request, rules) or self._refusal(request, rules)
        if instead is not None:
            return self._done(call, instead)
        file = self._file(request)
        if file is None or file.state != "complete" or file.external_type:
            return self._done(call, page(MISSING, 404))
        call.processed = True
        return await self._send(request, call, file, rules)

    def _redirect(self, request: web.Request, rules: list[Rule]) -> web.Response | None:
        """The redirect that this request meets: the first, or one of a chain that ``hop`` counts (-1: for ever)."""
        workspace, query = self._core.workspace, dict(request.query)
        rule = next((rule.values for rule in rules if rule.kind == "redirect"), None)
        hop, origin, status = int(query.get("hop", "0")), workspace.origin_url, 302
        if rule is not None:
            hop = -1 if rule["to"] == "itself" else rule["hops"]
            origin = origin if rule["to"] == "origin" else rule["to"]
            status = rule["status"]
            query |= {} if rule["needs_token"] else {"open": "1"}
        if hop == 0:
            return None
        base = workspace.url if hop < 0 else origin
        query["hop"] = str(hop - 1 if hop > 0 else hop)
        location = f"{base}{request.raw_path.partition('?')[0]}?{urlencode(query)}"
        return web.Response(status=status, headers={"Location": location})

    def _refusal(self, request: web.Request, rules: list[Rule]) -> web.Response | None:
        """The login page, or the way to it, for whoever may not have the file."""
        if any(rule.kind == "login" for rule in rules):
            return page(LOGIN)
        workspace, token = self._core.workspace, _token(request)
        known = token == workspace.bot_token and not workspace.revoked and "files:read" in workspace.scopes
        file = self._stored(request)
        seen = file is None or filestore.visible_to_bot(workspace, file)
        if seen and (known or request.query.get("open") == "1"):
            return None
        return web.Response(status=302, headers={"Location": f"/login?redir={quote(request.path, safe='')}"})

    def _stored(self, request: web.Request) -> StoredFile | None:
        return self._core.workspace.files.get(request.match_info["key"].partition("-")[2])

    def _file(self, request: web.Request) -> StoredFile | None:
        file, name = self._stored(request), request.match_info["name"]
        if file is None or not request.path.startswith("/files-email-priv/"):
            return file
        data = file.parts.get(name)
        if data is None:
            return None
        return replace(file, name=name, data=data, size=len(data), mimetype=filestore.media_type(name))

    async def _send(self, request: web.Request, call: Call, file: StoredFile, rules: list[Rule]) -> web.StreamResponse:
        ascii_name = re.sub(r'[^\x20-\x7e]|["\\]', "_", file.name)
        disposition = f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{filestore.quoted(file.name)}"
        headers = {"Content-Type": file.mimetype, "Content-Disposition": disposition}
        response = web.StreamResponse(headers=headers)
        response.content_length = file.size
        slow = next((rule.values for rule in rules if rule.kind == "slow"), None)
        cut_after = next((int(rule.values["after"]) for rule in rules if rule.kind == "cut"), None)
        await response.prepare(request)
        sent = 0
        async for chunk in _chunks(file, int(slow["chunk"]) if slow else CHUNK):
            if slow:
                await asyncio.sleep(slow["seconds"])
            if cut_after is not None and sent + len(chunk) > cut_after:
                await response.write(chunk[: cut_after - sent])
                return self._forced(request, call, Reply("", cut=True))
            await response.write(chunk)
            sent += len(chunk)
        await response.write_eof()
        return self._done(call, response)


def page(text: str, status: int = 200) -> web.Response:
    """An HTML page."""
    return web.Response(text=text, status=status, content_type="text/html")


def _token(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ").strip()


async def _chunks(file: StoredFile, size: int) -> AsyncIterator[bytes]:
    if isinstance(file.data, bytes):
        for start in range(0, len(file.data), size):
            yield file.data[start : start + size]
        return
    stream: BinaryIO = await asyncio.to_thread(file.data.open, "rb")
    with stream:
        while chunk := await asyncio.to_thread(stream.read, size):
            yield chunk
