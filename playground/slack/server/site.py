"""The page's files, and the door that keeps other web sites out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PAGE = Path(__file__).parent / "page"
CONTENT_POLICY = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'"


async def index(request: web.Request) -> web.StreamResponse:
    """The page itself."""
    del request
    if not (PAGE / "index.html").exists():
        return web.Response(text="The page is not built yet.", status=404)
    return web.FileResponse(PAGE / "index.html", headers={"Content-Security-Policy": CONTENT_POLICY})


def own_pages_only(host: str) -> Any:
    """Keep other web sites out: this server has no passwords, and any page in a browser can reach localhost."""
    known = {"127.0.0.1", "localhost", "::1", host}

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        name = urlsplit(f"//{request.host}").hostname
        origin = request.headers.get("Origin")
        if host not in {"0.0.0.0", "::"} and name not in known:
            return web.Response(status=403, text="unknown host")
        if origin is not None and urlsplit(origin).netloc != request.host:
            return web.Response(status=403, text="unknown origin")
        return await handler(request)

    return check
