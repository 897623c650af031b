"""Socket Mode: tickets, WebSockets, envelopes at random over them, acknowledgements."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aiohttp import WSMsgType, web

from playground.slack.delivery.faults import Faults
from playground.slack.delivery.outbox import Outbox
from playground.slack.state.ledger import Attempt, Envelope
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace


@dataclass(eq=False)
class Socket:
    """One connection of the app."""

    id: str
    ws: web.WebSocketResponse
    request: web.Request


class SocketServer:
    """The app's Socket Mode connections, at most ``max_sockets``."""

    def __init__(self, workspace: Workspace, faults: Faults, outbox: Outbox) -> None:
        self._workspace = workspace
        self._faults = faults
        self._outbox = outbox
        self._tickets: dict[str, float] = {}
        self._pings: set[asyncio.Task[None]] = set()
        self.sockets: list[Socket] = []
        faults.sockets.disconnect = self.disconnect
        faults.sockets.kill = self.kill

    def open_url(self) -> str:
        """An address for one connection, good for ``ticket_seconds``."""
        ticket = self._workspace.clock.new_id("")
        lifetime = self._workspace.options.patience(self._workspace.options.ticket_seconds)
        self._tickets[ticket] = self._workspace.clock.monotonic() + lifetime
        base = self._workspace.url.replace("http", "ws", 1)
        return f"{base}/link/?ticket={quote(ticket)}&app_id={self._workspace.app_id}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection."""
        expires = self._tickets.pop(request.query.get("ticket", ""), 0.0)
        if self._faults.sockets.refusals > 0:
            self._faults.sockets.refusals -= 1
            return web.Response(status=503)
        if self._workspace.clock.monotonic() > expires:
            return web.Response(status=403)
        ws = web.WebSocketResponse(autoping=False, timeout=1.0)
        try:
            await ws.prepare(request)
        except ConnectionError:
            return ws  # whoever asked is gone already
        if len(self.sockets) >= self._workspace.options.max_sockets:
            await ws.send_json(self._disconnect_frame("too_many_websockets"))
            await ws.close()
            return ws
        socket = Socket(self._workspace.clock.new_id("S"), ws, request)
        await self._serve(socket)
        return ws

    async def send(self, envelope: Envelope, attempt: Attempt) -> str:
        """Send on any connection. Without one the delivery has failed already."""
        if not self.sockets:
            return "timeout"
        socket = self._workspace.clock.random.choice(self.sockets)
        attempt.socket = socket.id
        frame: Json = {"envelope_id": attempt.envelope_id, "payload": envelope.payload, "type": envelope.kind}
        frame["accepts_response_payload"] = envelope.accepts_response
        if envelope.kind == "events_api":
            frame |= {"retry_attempt": attempt.number, "retry_reason": attempt.reason}
        try:
            await socket.ws.send_json(frame)
        except (ConnectionError, RuntimeError):
            return "timeout"
        return ""

    async def send_frame(self, frame: bytes) -> None:
        """Send a text frame as it is, on any connection. Raises ``LookupError`` without one."""
        if not self.sockets:
            raise LookupError("the app has no connection")
        await self._workspace.clock.random.choice(self.sockets).ws.send_frame(frame, WSMsgType.TEXT)

    def disconnect(self, reason: str) -> None:
        """Send a disconnect frame everywhere; after a ``warning`` the sockets close a little later, else at once."""
        options = self._workspace.options
        for socket in list(self.sockets):
            later = options.seconds(options.warning_seconds) if reason == "warning" else 0.0
            self._spawn(self._say_goodbye(socket, reason, later))

    def kill(self) -> None:
        """Cut all connections."""
        for socket in list(self.sockets):
            if socket.request.transport is not None:
                socket.request.transport.abort()

    async def close(self) -> None:
        """End all connections in order."""
        for task in self._pings:
            task.cancel()
        await asyncio.gather(*self._pings, return_exceptions=True)
        await asyncio.gather(*(socket.ws.close() for socket in list(self.sockets)), return_exceptions=True)

    async def _serve(self, socket: Socket) -> None:
        self.sockets.append(socket)
        self._presence()
        ping = self._spawn(self._ping(socket))
        try:
            await socket.ws.send_json(self._hello())
            await self._listen(socket)
        except ConnectionError:
            return
        finally:
            ping.cancel()
            self.sockets.remove(socket)
            self._presence()

    async def _listen(self, socket: Socket) -> None:
        async for message in socket.ws:
            if message.type == WSMsgType.PING and not self._faults.sockets.silent:
                await socket.ws.pong(message.data)
            elif message.type == WSMsgType.TEXT:
                self._take(message.data)

    def _take(self, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            return
        if isinstance(frame, dict) and isinstance(frame.get("envelope_id"), str):
            self._outbox.acknowledge(frame["envelope_id"], frame.get("payload"))

    async def _ping(self, socket: Socket) -> None:
        while True:
            await asyncio.sleep(self._workspace.options.ping_seconds)
            await socket.ws.ping(b"Ping from the playground")

    async def _say_goodbye(self, socket: Socket, reason: str, later: float) -> None:
        try:
            await socket.ws.send_json(self._disconnect_frame(reason))
            await asyncio.sleep(later)
            await socket.ws.close()
        except (ConnectionError, RuntimeError):
            return

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._pings.add(task)
        task.add_done_callback(self._pings.discard)
        return task

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.sockets),
            "debug_info": {"host": "applink-playground", "build_number": 1, "approximate_connection_time": 18_060},
            "connection_info": {"app_id": self._workspace.app_id},
        }

    def _disconnect_frame(self, reason: str) -> Json:
        return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-playground"}}

    def _presence(self) -> None:
        self._workspace.changes.publish({"type": "presence", "bot_connected": bool(self.sockets)})
