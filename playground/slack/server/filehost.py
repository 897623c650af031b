"""The bytes of files: uploads, the login page for those without the token, and what the page shows."""

from __future__ import annotations

from pathlib import Path

from aiohttp import BodyPartReader, web

from playground.slack.api.front import meet
from playground.slack.server.downloads import LOGIN, Metered, page
from playground.slack.state import filestore

_INLINE = {"image/png", "image/jpeg", "image/gif", "image/webp"}


class FileHost(Metered):
    """Serves ``/upload/v1/``, ``/login`` and, for the page, ``/human/file/``."""

    def routes(self) -> list[web.RouteDef]:
        """Its routes."""
        return [
            web.post("/upload/v1/{team}/{file}", self.upload),
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

    async def login(self, request: web.Request) -> web.StreamResponse:
        """Slack's page for those who are not signed in."""
        del request
        return page(LOGIN)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Give a file to the page in the browser; anything but an image is a download and can run nothing."""
        file = self._core.workspace.files.get(request.match_info["file"])
        if file is None or file.state != "complete":
            return web.Response(status=404, text="This file was deleted.")
        inline = file.mimetype in _INLINE
        shown = "inline" if inline else "attachment"
        headers = {
            "Content-Type": file.mimetype if inline else "application/octet-stream",
            "Content-Disposition": f"{shown}; filename*=UTF-8''{filestore.quoted(file.name)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        }
        if isinstance(file.data, Path):
            return web.FileResponse(file.data, headers=headers)
        return web.Response(body=file.data, headers=headers)


async def _body(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.filename:
            return bytes(await part.read())
    return b""
