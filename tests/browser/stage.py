"""A stage for the page: a real server that speaks the human API with canned state and keeps every POST."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, WSMsgType, web
from playwright.async_api import FilePayload

import playground.slack

PAGE = Path(playground.slack.__file__).parent / "server" / "page"
ANN, KENJI, BOB, BOT = "U0ANN00001", "U0KENJI0001", "U0BOB00001", "U0ANALYST01"
SALES, GENERAL, DM = "C0SALES001", "C0GENERAL1", "D0ANN00001"
Json = dict[str, Any]


def csv(name: str, data: bytes) -> FilePayload:
    """A file as Playwright's file chooser takes it."""
    return {"name": name, "mimeType": "text/csv", "buffer": data}


def user(user_id: str, name: str, real_name: str, locale: str, tz: str) -> Json:
    """A users.info shape."""
    profile = {"display_name": name, "real_name": real_name}
    return {"id": user_id, "name": name, "real_name": real_name, "locale": locale, "tz": tz, "profile": profile}


def default_state() -> Json:
    """What GET /human/state says."""
    everybody = [ANN, KENJI, BOB, BOT]
    return {
        "team": {"id": "T0PLAYGRND", "name": "Playground"},
        "bot": {"user_id": BOT, "name": "analyst", "app_id": "A0ANALYST01"},
        "users": [
            user(ANN, "ann", "Ann Archer", "en-US", "America/New_York"),
            user(KENJI, "健二", "佐藤 健二", "ja-JP", "Asia/Tokyo"),
            user(BOB, "bob", "Bob Field", "en-GB", "Europe/London"),
        ],
        "channels": [
            {
                "id": SALES,
                "name": "sales",
                "kind": "channel",
                "members": everybody,
                "topic": {"value": "Orders and money"},
            },
            {"id": GENERAL, "name": "general", "kind": "channel", "members": everybody},
            {"id": "C0NOBOT0001", "name": "random", "kind": "channel", "members": [ANN, KENJI, BOB]},
            {"id": "G0BOARD0001", "name": "board", "kind": "group", "members": [ANN, BOT]},
            {"id": DM, "kind": "im", "user": ANN, "members": [ANN, BOT]},
            {"id": "D0KENJI001", "kind": "im", "user": KENJI, "members": [KENJI, BOT]},
        ],
        "bot_connected": True,
    }


@dataclass
class Stage:
    """The server. `posts` holds (path, parsed body) of every POST in order; `push` sends a live frame to all pages."""

    state: Json = field(default_factory=default_state)
    messages: dict[str, list[Json]] = field(default_factory=dict)
    threads: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    samples: list[Json] | None = None
    answers: dict[str, Json] = field(default_factory=dict)
    posts: list[tuple[str, Json]] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self._sockets: set[web.WebSocketResponse] = set()
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    def clear(self) -> None:
        """As a new one, at the same address."""
        new = Stage(url=self.url)
        for one in fields(self):
            setattr(self, one.name, getattr(new, one.name))

    async def start(self, port: int = 0) -> None:
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_static("/static", PAGE)
        app.router.add_get("/human/state", self._state)
        app.router.add_get("/human/messages", self._messages)
        app.router.add_get("/human/thread", self._thread)
        app.router.add_get("/human/samples", self._samples)
        app.router.add_get("/human/samples/{name}", self._sample)
        app.router.add_get("/human/live", self._live)
        app.router.add_get("/human/file/{id}", self._file)
        app.router.add_get("/human/file/{id}/{name}", self._file)
        app.router.add_post("/human/{verb}", self._post)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        for socket in list(self._sockets):
            await socket.close()
        if self._runner:
            await self._runner.cleanup()

    async def push(self, **frame: Any) -> None:
        """Sends one frame to every open page."""
        for socket in list(self._sockets):
            await socket.send_json(frame)

    async def posted(self, path: str, count: int = 1, timeout: float = 10) -> list[Json]:
        """Waits until `path` was posted to `count` times; returns the bodies."""

        def bodies() -> list[Json]:
            return [body for known, body in self.posts if known == path]

        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(lambda: len(bodies()) >= count)
        return bodies()

    async def connected(self, test: Callable[[int], bool], timeout: float = 10) -> None:
        """Waits until the number of open pages passes the test."""
        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(lambda: test(len(self._sockets)))

    async def _page(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE / "index.html")

    async def _state(self, _: web.Request) -> web.Response:
        return web.json_response(self.state)

    async def _messages(self, request: web.Request) -> web.Response:
        return web.json_response({"messages": self.messages.get(request.query["channel"], [])})

    async def _thread(self, request: web.Request) -> web.Response:
        return web.json_response({"messages": self.threads.get((request.query["channel"], request.query["ts"]), [])})

    async def _samples(self, _: web.Request) -> web.Response:
        if self.samples is None:
            raise web.HTTPNotFound
        return web.json_response({"samples": self.samples})

    async def _sample(self, request: web.Request) -> web.Response:
        return web.Response(body=f"sample,{request.match_info['name']}\n".encode(), content_type="text/csv")

    async def _file(self, request: web.Request) -> web.Response:
        if request.match_info["id"] not in self.files:
            raise web.HTTPNotFound
        kind, data = self.files[request.match_info["id"]]
        return web.Response(body=data, content_type=kind)

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await self._mark(lambda: self._sockets.add(socket))
        async for message in socket:
            if message.type is WSMsgType.ERROR:
                break
        await self._mark(lambda: self._sockets.discard(socket))
        return socket

    async def _post(self, request: web.Request) -> web.Response:
        body = (
            await _form(request) if request.content_type.startswith("multipart/") else json.loads(await request.text())
        )
        await self._mark(lambda: self.posts.append((request.path, body)))
        return web.json_response({"ok": True, **self.answers.get(request.path, {})})

    async def _mark(self, change: Callable[[], None]) -> None:
        async with self._changed:
            change()
            self._changed.notify_all()


async def _form(request: web.Request) -> Json:
    body: Json = {"files": []}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read())
        if part.filename:
            body["files"].append((part.filename, data))
        else:
            body[part.name or ""] = data.decode().replace("\r\n", "\n")  # how forms write line ends
    return body
