"""The sample files that the page offers: ``GET /human/samples`` and ``GET /human/samples/{name}``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aiohttp import web


def sample_routes(folder: Path, descriptions: Mapping[str, str]) -> list[web.RouteDef]:
    """Routes for ``LocalSlack(routes=…)``.

    Args:
        folder: Where the files lie.
        descriptions: What each file is, by name; only these are offered.
    """

    async def index(_request: web.Request) -> web.Response:
        found = [
            {"name": name, "size": (folder / name).stat().st_size, "description": text}
            for name, text in descriptions.items()
        ]
        return web.json_response({"samples": found})

    async def sample(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in descriptions:
            return web.Response(status=404, text="no such sample")
        return web.FileResponse(folder / name)

    return [web.get("/human/samples", index), web.get("/human/samples/{name}", sample)]
