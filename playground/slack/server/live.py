"""The pages in browsers: a WebSocket each, fed by every change."""

from __future__ import annotations

import asyncio
import json

from aiohttp import WSMsgType, web

from playground.slack.state.ledger import Changes
from playground.slack.state.options import Json

BACKLOG = 10_000


class Live:
    """Serves ``/human/live``. A page that falls too far behind is disconnected and loads anew."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._open: set[web.WebSocketResponse] = set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one page."""
        ws = web.WebSocketResponse(heartbeat=30.0, timeout=1.0)
        await ws.prepare(request)
        frames: asyncio.Queue[Json] = asyncio.Queue(BACKLOG)
        gone = asyncio.Event()

        def listen(frame: Json) -> None:
            try:
                frames.put_nowait(frame)
            except asyncio.QueueFull:
                gone.set()

        unlisten = self._changes.listen(listen)
        self._open.add(ws)
        sender = asyncio.create_task(self._feed(ws, frames))
        watcher = asyncio.create_task(gone.wait())
        reader = asyncio.create_task(self._drain(ws))
        try:
            await asyncio.wait({sender, watcher, reader}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            unlisten()
            self._open.discard(ws)
            for task in (sender, watcher, reader):
                task.cancel()
            await asyncio.gather(sender, watcher, reader, return_exceptions=True)
            await ws.close()
        return ws

    async def close(self) -> None:
        """Disconnect all pages."""
        await asyncio.gather(*(ws.close() for ws in list(self._open)), return_exceptions=True)

    async def _feed(self, ws: web.WebSocketResponse, frames: asyncio.Queue[Json]) -> None:
        while True:
            frame = await frames.get()
            await ws.send_str(json.dumps(frame))

    async def _drain(self, ws: web.WebSocketResponse) -> None:
        async for message in ws:
            if message.type == WSMsgType.ERROR:
                return
