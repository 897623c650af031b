"""A Slack workspace on this machine: Web API, Socket Mode, files, people, and a page to look at it."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from aiohttp import web

from playground.slack.api.front import Front
from playground.slack.delivery.app import App
from playground.slack.delivery.core import Core
from playground.slack.delivery.events import Events
from playground.slack.delivery.faults import Faults
from playground.slack.delivery.http_events import HttpEvents
from playground.slack.delivery.outbox import Outbox
from playground.slack.delivery.sockets import SocketServer
from playground.slack.people import people
from playground.slack.people.human import Human
from playground.slack.people.outsiders import Outsiders
from playground.slack.people.response_urls import ResponseUrls
from playground.slack.server import site
from playground.slack.server.authorize import Authorize
from playground.slack.server.control import Control
from playground.slack.server.downloads import Downloads
from playground.slack.server.filehost import FileHost
from playground.slack.server.human_http import HumanHttp
from playground.slack.server.live import Live
from playground.slack.server.questions import Question, questions
from playground.slack.state import messages
from playground.slack.state.entities import Channel, StoredFile
from playground.slack.state.errors import Refused
from playground.slack.state.ledger import ANYWHERE, Act, Call, Changes, Envelope, Ledger
from playground.slack.state.options import Json, Options
from playground.slack.state.workspace import Workspace

T = TypeVar("T")
LARGEST_BODY = 2**31


class LocalSlack:
    """A local Slack, with the app installed and the people of ``people.py`` in it. State lives in memory only.

    ``human`` acts as people do, ``outsiders`` adds guests, strangers and bots, ``faults`` has the switches.

    Args:
        options: what can be chosen; see ``Options``.
        routes: further routes of the web server.
        beside: the server that this one is only a further workspace of; see ``add_workspace``.
        team: the workspace's id, name and domain.
        changes: single fields of ``Options``, such as ``time_scale=0.01`` or ``limits=True``.
    """

    def __init__(
        self,
        options: Options | None = None,
        *,
        routes: Sequence[web.RouteDef] = (),
        beside: LocalSlack | None = None,
        team: Json | None = None,
        **changes: Any,
    ) -> None:
        self.options = dataclasses.replace(options or Options(), **changes)
        self.faults = Faults()
        self.workspace = Workspace(self.options, Ledger(self.options.ledger_limit), Changes(), team)
        self.app: App = beside.app if beside else App(self.options)
        self.app.join(self.workspace)
        self._others: dict[str, LocalSlack] = {}
        self._outbox = Outbox(self.workspace, self.faults)
        self._sockets = SocketServer(self.workspace, self.faults, self._outbox)
        self._http: HttpEvents | None = None
        self._outbox.transport = self._sockets
        if self.options.http_events_url:
            self.workspace.socket_mode = False
            self._http = HttpEvents(self.workspace, self._outbox, self.options.http_events_url)
            self._outbox.transport = self._http
        self.faults.sockets.retry_now = self._outbox.retry_now
        self.faults.sockets.redeliver = self._outbox.redeliver
        self._core = Core(self.workspace, self.faults, self._outbox, self._events(), self._sockets, self.app)
        self.human = Human(self._core)
        self.outsiders = Outsiders(self.workspace)
        self._live = Live(self.workspace.changes)
        self._routes = routes
        self._doors = self._all_routes()
        self._runner: web.AppRunner | None = None
        people.populate(self.workspace)

    # --- running

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one."""
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[site.own_pages_only(host)])
        app.add_routes(self._routes_by_owner())
        app.add_routes(Authorize(self.app).routes())
        if site.PAGE.is_dir():
            app.router.add_static("/static/", site.PAGE)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host
        await web.TCPSite(self._runner, host, port).start()
        self.workspace.url = f"http://{shown}:{self._runner.addresses[0][1]}"
        # Another address of the same, as files have at Slack: what ``Faults.download_redirect`` leads to.
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.workspace.origin_url = f"http://127.0.0.1:{self._runner.addresses[-1][1]}"
        for other in self._others.values():
            other.workspace.url, other.workspace.origin_url = self.workspace.url, self.workspace.origin_url

    async def stop(self) -> None:
        """End everything."""
        for other in self._others.values():
            await other.stop()
        self.faults.clear()
        self.workspace.clock.close()
        await self._outbox.close()
        await self._sockets.close()
        await self._live.close()
        if self._http is not None:
            await self._http.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> LocalSlack:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def verify_url(self) -> bool:
        """In HTTP mode: do the ``url_verification`` handshake."""
        return self._http is not None and await self._http.verify_url()

    # --- addresses and names

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return self.workspace.url

    @property
    def api_url(self) -> str:
        """``base_url`` for the SDK."""
        return f"{self.url}/api/"

    @property
    def bot_token(self) -> str:
        """The app's bot token."""
        return self.workspace.bot_token

    @property
    def app_token(self) -> str:
        """The app's token for Socket Mode."""
        return self.options.app_token

    @property
    def signing_secret(self) -> str:
        """The app's signing secret, for HTTP mode."""
        return self.options.signing_secret

    @property
    def team(self) -> str:
        """The workspace's id."""
        return self.workspace.team_id

    @property
    def bot_user(self) -> str:
        """The bot's user id."""
        return self.workspace.bot_user

    def direct(self, user: str) -> str:
        """The direct message channel of a person with the bot."""
        return self.workspace.direct(user)

    # --- looking

    @property
    def channels(self) -> dict[str, Channel]:
        """The channels; their attributes may be changed (``is_archived``, ``restriction``, ``locked_threads``…)."""
        return self.workspace.channels

    @property
    def files(self) -> dict[str, StoredFile]:
        """The files, with their bytes in ``data``."""
        return self.workspace.files

    @property
    def calls(self) -> deque[Call]:
        """Every Web API call, upload and download."""
        return self.workspace.ledger.calls

    @property
    def envelopes(self) -> deque[Envelope]:
        """Everything sent to the app, with attempts and acknowledgement times."""
        return self.workspace.ledger.envelopes

    @property
    def acts(self) -> deque[Act]:
        """Every change of a message, in order."""
        return self.workspace.ledger.acts

    @property
    def ephemerals(self) -> list[Json]:
        """What was shown to one person only: ``{"channel", "user", "message"}``."""
        return self.workspace.ephemerals

    @property
    def connections(self) -> int:
        """How many sockets the app has open."""
        return len(self._sockets.sockets)

    @property
    def bot_connected(self) -> bool:
        """Whether the app can be reached."""
        return self._http is not None or self.connections > 0

    def messages(self, channel: str, thread: str | None = None) -> list[Json]:
        """Messages with metadata, oldest first: a thread with its root, or the channel's top level (no replies)."""
        place = self.workspace.channel(channel)
        records = messages.top_level(place) if thread is None else messages.thread(place, thread)
        return [messages.render(self.workspace, record, metadata=True) for record in records]

    def message(self, channel: str, ts: str) -> Json | None:
        """One message with metadata, wherever it stands; None when it is gone."""
        record = self.workspace.channel(channel).records.get(ts)
        return None if record is None else messages.render(self.workspace, record, metadata=True)

    def bot_messages(self, channel: str, thread: str) -> list[Json]:
        """The app's messages in a thread, oldest first, with metadata."""
        return [m for m in self.messages(channel, thread) if m.get("bot_id") == self.workspace.bot_id]

    def status(self, channel: str, thread: str) -> str:
        """The status line of a thread; "" when there is none."""
        found = self.workspace.statuses.get((channel, thread))
        return found.text if found else ""

    def called(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self.calls if call.method == method]

    def questions(self) -> list[Question]:
        """Every message of a person, with the app's messages in its thread."""
        return questions(self.workspace)

    async def wait(
        self,
        predicate: Callable[[LocalSlack], T],
        timeout: float = 10,
        *,
        channel: str | None = None,
        thread: str | None = None,
    ) -> T:
        """Wait until ``predicate`` gives something true, and return that. Raises ``TimeoutError`` with the last calls.

        Args:
            predicate: asked now and after every change.
            timeout: seconds.
            channel: look again only when messages or statuses of this channel change (for thousands of waiters)…
            thread: …or only those of this thread in it.
        """
        place = ANYWHERE if channel is None else channel if thread is None else (channel, thread)
        try:
            async with asyncio.timeout(timeout):
                while not (found := predicate(self)):
                    await self.workspace.changes.wait(place)
        except TimeoutError:
            last = [f"{call.method} {call.status} {call.error}".strip() for call in list(self.calls)[-8:]]
            raise TimeoutError(f"nothing of the kind within {timeout} s; last calls: {last}") from None
        return found

    async def wait_connected(self, count: int = 1, timeout: float = 10) -> None:
        """Wait until the app has so many sockets open."""
        await self.wait(lambda slack: slack.connections >= count, timeout)

    # --- changing what people cannot

    def add_workspace(self, team_id: str, name: str) -> LocalSlack:
        """Add a workspace beside this one, behind the same addresses, in which the app is not installed yet.

        Its people, channels and the bot have the same ids as here. The app is reached by HTTP.
        """
        options = dataclasses.replace(self.options, bot_token="")
        team = {"id": team_id, "name": name, "domain": name.lower()}
        other = LocalSlack(options, beside=self, team=team)
        other.workspace.revoked = True
        other.workspace.url, other.workspace.origin_url = self.workspace.url, self.workspace.origin_url
        self._others[team_id] = other
        return other

    @property
    def scopes(self) -> set[str]:
        """What the bot token may do; may be changed."""
        return self.workspace.scopes

    def add_user(self, user_id: str, name: str, *, team: str = "", locale: str = "en-US", **fields: object) -> str:
        """Add a person (``is_restricted=True``…). Returns their direct message channel with the bot."""
        person = people.user(team or self.team, user_id, name, name, locale, ("UTC", 0)) | fields
        return people.add_user(self.workspace, person)

    def add_group(self, group_id: str, handle: str, members: Sequence[str] = ()) -> str:
        """Add a user group; ``@handle`` mentions it. Returns its id."""
        return people.add_group(self.workspace, group_id, handle, list(members))

    def add_channel(self, channel_id: str, name: str, members: Sequence[str], *, private: bool = False) -> Channel:
        """Add a channel. The bot is in it if it is among the members."""
        return people.add_channel(self.workspace, channel_id, name, "group" if private else "channel", list(members))

    def _events(self) -> Events:
        return Events(self.workspace, self._outbox)

    def _routes_by_owner(self) -> list[web.RouteDef]:
        """All routes; what is another workspace's by its token or address goes there."""
        return [web.route(route.method, route.path, self._to_owner(number)) for number, route in enumerate(self._doors)]

    def _to_owner(self, number: int) -> site.Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            handler: Any = (await self._owner(request))._doors[number].handler
            return cast(web.StreamResponse, await handler(request))

        return handle

    async def _owner(self, request: web.Request) -> LocalSlack:
        """The workspace that a request is for."""
        if not self._others:
            return self
        told = request.match_info.get("team") or request.match_info.get("key", "").partition("-")[0]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if "method" in request.match_info and (found := self.app.owner(token, await _team_of(request))):
            told = found.team_id
        return self._others.get(told, self)

    def _all_routes(self) -> list[web.RouteDef]:
        front = Front(self._core)
        human = HumanHttp(self._core, self.human, lambda: self.bot_connected)
        control = Control(self.workspace, self.faults, self.human)
        return [
            web.get("/", site.index),
            web.route("*", "/api/{method}", front.handle),
            web.get("/link/", self._sockets.handle),
            web.post("/hooks/actions/{team}/{key}", ResponseUrls(self._core).handle),
            *FileHost(self._core).routes(),
            *Downloads(self._core).routes(),
            web.get("/human/live", self._live.handle),
            *human.routes(),
            *control.routes(),
            *self._routes,
        ]


async def _team_of(request: web.Request) -> str:
    """The argument ``team_id`` of a call."""
    if "team_id" in request.query or request.content_type != "application/json":
        return request.query.get("team_id", "")
    try:
        return str(json.loads(await request.text() or "{}").get("team_id", ""))
    except (ValueError, AttributeError):
        return ""


__all__ = ["LocalSlack", "Options", "Refused"]
