"""The page's HTTP API: reading the workspace, and acting as one of its people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import BodyPartReader, web

from playground.slack.delivery.core import Core
from playground.slack.people.human import Human
from playground.slack.people.people import ANN
from playground.slack.state import messages, status
from playground.slack.state.errors import Refused
from playground.slack.state.ledger import Envelope
from playground.slack.state.options import Json

Act = Callable[[Json], Awaitable[object]]


class HumanHttp:
    """Serves ``/human/*``."""

    def __init__(self, core: Core, human: Human, connected: Callable[[], bool]) -> None:
        self._core = core
        self._workspace = core.workspace
        self._human = human
        self._connected = connected

    def routes(self) -> list[web.RouteDef]:
        """Its routes."""
        acts: dict[str, Act] = {
            "action": self._press,
            "view": lambda a: self._human.submit_view(a["view_id"], a.get("values"), user=_user(a)),
            "view_close": lambda a: self._human.close_view(a["view_id"], user=_user(a)),
            "slash": lambda a: self._human.slash(a["command"], a.get("text", ""), user=_user(a), channel=a["channel"]),
            "shortcut": lambda a: self._human.shortcut(
                a["callback_id"], a.get("message_ts", ""), user=_user(a), channel=a.get("channel")
            ),
            "stop": lambda a: self._human.stop(a["channel"], a["thread_ts"], user=_user(a)),
            "edit": lambda a: self._human.edit(a["channel"], _ts(a), a["text"], user=_user(a)),
            "forward": lambda a: self._human.forward(a["to"], a["channel"], _ts(a), a.get("text", ""), user=_user(a)),
            "delete": lambda a: self._human.delete(a["channel"], _ts(a), user=_user(a)),
            "home": self._home,
            "react": self._react,
            "invite": lambda a: self._human.invite(a["channel"], a.get("guest"), by=_user(a)),
            "look": lambda a: self._human.look_at(a["channel"], user=_user(a)),
        }
        return [
            web.get("/human/state", self.state),
            web.get("/human/messages", self.messages),
            web.get("/human/thread", self.thread),
            web.post("/human/post", self.post),
            *(web.post(f"/human/{name}", self._handler(act)) for name, act in acts.items()),
        ]

    async def state(self, request: web.Request) -> web.Response:
        """Everything but messages."""
        del request
        workspace = self._workspace
        bot = workspace.bot_user
        channels = [
            channel.as_json(bot)
            | {"kind": channel.kind, "members": channel.members, "prompts": workspace.prompts.get(channel.id)}
            for channel in workspace.channels.values()
        ]
        homes = {user: workspace.views[view].body for user, view in workspace.homes.items()}
        body: Json = {
            "team": workspace.team,
            "bot": {"user_id": bot, "name": workspace.users[bot]["name"], "app_id": workspace.app_id},
            "users": list(workspace.users.values()),
            "channels": channels,
            "bot_connected": self._connected(),
            "homes": homes,
            "agent": workspace.options.agent,
            "answers": workspace.options.answers,
        }
        return web.json_response(body)

    async def messages(self, request: web.Request) -> web.Response:
        """What a channel shows, oldest first."""
        channel = self._workspace.channels.get(request.query.get("channel", ""))
        if channel is None:
            return _no("channel_not_found")
        shown = [messages.render(self._workspace, record) for record in messages.top_level(channel)]
        statuses = [
            status.as_json(self._workspace, place, thread)
            for place, thread in self._workspace.statuses
            if place == channel.id
        ]
        return web.json_response({"messages": shown, "statuses": statuses})

    async def thread(self, request: web.Request) -> web.Response:
        """A thread, root first."""
        channel = self._workspace.channels.get(request.query.get("channel", ""))
        if channel is None:
            return _no("channel_not_found")
        ts = request.query.get("ts", "")
        shown = [messages.render(self._workspace, record) for record in messages.thread(channel, ts)]
        line = status.as_json(self._workspace, channel.id, ts)
        title = self._workspace.titles.get((channel.id, ts), "")
        return web.json_response({"messages": shown, "status": line, "title": title})

    async def post(self, request: web.Request) -> web.Response:
        """Write a message, with files."""
        fields: dict[str, str] = {}
        files: list[tuple[str, bytes]] = []
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            if part.filename:
                files.append((part.filename, bytes(await part.read())))
            elif part.name:
                fields[part.name] = (await part.text()).replace("\r\n", "\n")  # as browsers send line ends
        if not files and not fields.get("text", "").strip():
            return _no("no_text")
        return await run(
            self._human.post(
                fields.get("channel", ""),
                fields.get("text", ""),
                user=fields.get("user", ANN),
                thread=fields.get("thread_ts") or None,
                files=files,
                broadcast=fields.get("broadcast") in {"1", "true", "on"},
            )
        )

    async def _press(self, act: Json) -> Envelope:
        named = {key: value for key, value in act.items() if key.startswith("selected_")}
        return await self._human.press(
            act.get("message_ts") or "",
            act["action_id"],
            user=_user(act),
            channel=act.get("channel"),
            block_id=act.get("block_id"),
            value=act.get("value"),
            selected=named or act.get("selected"),
            view_id=act.get("view_id"),
            values=act.get("values"),
        )

    async def _home(self, act: Json) -> Json:
        view = await self._human.open_home(_user(act), tab=act.get("tab", "home"))
        return {"view": view} if view else {}

    async def _react(self, act: Json) -> None:
        name = act.get("name") or act["reaction"]
        await self._human.react(act["channel"], _ts(act), name, user=_user(act), remove=bool(act.get("remove")))

    def _handler(self, act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            try:
                fields = await request.json()
                work = act(fields)
            except (ValueError, KeyError, TypeError) as error:
                return _no(f"invalid request: {error!r}")
            return await run(work)

        return handle


def outcome(result: object) -> Json:
    """What an act brought, as JSON."""
    if isinstance(result, Envelope):
        if not result.acked:
            return {"ok": False, "error": "the app did not answer in time"}
        told: Json = {key: result.response[key] for key in ("response_action", "errors") if key in result.response}
        return {"ok": True, "response": result.response, **told}
    if isinstance(result, str):
        return {"ok": True, "ts": result}
    return {"ok": True, **result} if isinstance(result, dict) else {"ok": True, "result": result}


async def run(work: Awaitable[object]) -> web.Response:
    """Do an act; answer with what it brought, or why not."""
    try:
        return web.json_response(outcome(await work))
    except Refused as refused:
        return web.json_response(refused.answer())
    except (LookupError, ValueError, TypeError) as error:
        return _no(str(error))


def _no(error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error})


def _user(act: Json) -> str:
    return str(act.get("user") or ANN)


def _ts(act: Json) -> str:
    return str(act.get("message_ts") or act["ts"])
