"""The bytes of files: uploads, downloads with the token, the login page for those without."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from aiohttp import BodyPartReader, web

from playground.slack import filestore
from playground.slack.api.front import Reply, cut, meet
from playground.slack.core import Core
from playground.slack.faults import Rule
from playground.slack.filestore import StoredFile
from playground.slack.ledger import Call

LOGIN = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body><h1>Sign in to Slack</h1></body></html>"
CHUNK = 262_144
_INLINE = {"image/png", "image/jpeg", "image/gif", "image/webp"}


class FileHost:
    """Serves ``/upload/v1/``, ``/files-pri/``, ``/login`` and, for the page, ``/human/file/``."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def routes(self) -> list[web.RouteDef]:
        """Its routes."""
        return [
            web.post("/upload/v1/{file}", self.upload),
            web.get("/files-pri/{key}/download/{name:.*}", self.download),
            web.get("/files-pri/{key}/{name:.*}", self.download),
            web.get("/files-tmb/{key}/{name:.*}", self.download),
            web.get("/login", self.login),
            web.get("/human/file/{file}", self.show),
            web.get("/human/file/{file}/{name:.*}", self.show),
        ]

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Take the bytes of a file that ``files.getUploadURLExternal`` announced."""
        call = self._enter("upload", request)
        early = await meet(self._core.faults.take("upload", call.args, "before"), call)
        if early is not None:
            return self._forced(request, call, early)
        data = await _body(request)
        file = self._core.workspace.files.get(request.match_info["file"])
        if file is None or file.state not in {"pending", "uploaded"}:
            return self._done(call, web.Response(status=404, text="not found"))
        file.data, file.size, file.state = data, len(data), "uploaded"
        call.processed = True
        late = await meet(self._core.faults.take("upload", call.args, "after"), call)
        if late is not None:
            return self._forced(request, call, late)
        return self._done(call, web.Response(text=f"OK - {len(data)}"))

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Give a file to the app."""
        call = self._enter("download", request)
        rules = self._core.faults.take("download", call.args, "before")
        early = await meet(rules, call)
        if early is not None:
            return self._forced(request, call, early)
        if any(rule.kind == "login" for rule in rules):
            return self._done(call, _page(LOGIN))
        workspace = self._core.workspace
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        file = workspace.files.get(request.match_info["key"].partition("-")[2])
        allowed = token == workspace.options.bot_token and not workspace.revoked and "files:read" in workspace.scopes
        if not allowed or (file is not None and not filestore.visible_to_bot(workspace, file)):
            login = f"/login?redir={quote(request.path, safe='')}"
            return self._done(call, web.Response(status=302, headers={"Location": login}))
        if file is None or file.state != "complete" or file.external_type:
            return self._done(call, _page("<!DOCTYPE html><html><body>File not found</body></html>", 404))
        call.processed = True
        return await self._send(request, call, file, rules)

    async def login(self, request: web.Request) -> web.StreamResponse:
        """Slack's page for those who are not signed in."""
        del request
        return _page(LOGIN)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Give a file to the page in the browser; anything but an image is a download and can run nothing."""
        file = self._core.workspace.files.get(request.match_info["file"])
        if file is None or file.state != "complete":
            return web.Response(status=404, text="This file was deleted.")
        inline = file.mimetype in _INLINE
        headers = {
            "Content-Type": file.mimetype if inline else "application/octet-stream",
            "Content-Disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(file.name)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        }
        if isinstance(file.data, Path):
            return web.FileResponse(file.data, headers=headers)
        return web.Response(body=file.data, headers=headers)

    async def _send(self, request: web.Request, call: Call, file: StoredFile, rules: list[Rule]) -> web.StreamResponse:
        ascii_name = re.sub(r'[^\x20-\x7e]|["\\]', "_", file.name)
        response = web.StreamResponse(
            headers={
                "Content-Type": file.mimetype,
                "Content-Disposition": f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(file.name)}",
            }
        )
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


def _page(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html")


async def _body(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.filename:
            return bytes(await part.read())
    return b""


async def _chunks(file: StoredFile, size: int) -> AsyncIterator[bytes]:
    if isinstance(file.data, bytes):
        for start in range(0, len(file.data), size):
            yield file.data[start : start + size]
        return
    stream: BinaryIO = await asyncio.to_thread(file.data.open, "rb")
    with stream:
        while chunk := await asyncio.to_thread(stream.read, size):
            yield chunk
