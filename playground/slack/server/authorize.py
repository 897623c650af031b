"""Slack's page that asks whether an app may come into a workspace: ``/oauth/v2/authorize``."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from aiohttp import web

from playground.slack.delivery.app import ORGANIZATION, App
from playground.slack.people.people import ANN
from playground.slack.state.errors import Refused

_PATH = "/oauth/v2/authorize"
_KEPT = ("client_id", "scope", "redirect_uri", "state")


class Authorize:
    """Serves the page, and what its buttons do."""

    def __init__(self, app: App) -> None:
        self._app = app

    def routes(self) -> list[web.RouteDef]:
        """Its routes."""
        return [web.get(_PATH, self.ask), web.post(_PATH, self.answer)]

    async def ask(self, request: web.Request) -> web.Response:
        """Ask."""
        if problem := self._problem(request.query):
            return _page(problem, 400)
        kept = "".join(_field(name, request.query.get(name, "")) for name in _KEPT)
        offered = [(one.team_id, one.team["name"]) for one in self._app.workspaces.values()]
        chosen = request.query.get("team", offered[0][0])
        options = "".join(
            f'<option value="{escape(key)}"{" selected" * (key == chosen)}>{escape(str(name))}</option>'
            for key, name in [*offered, (ORGANIZATION, "the whole organization")]
        )
        buttons = '<button name="do" value="allow">Allow</button><button name="do" value="cancel">Cancel</button>'
        form = f'<form method="post" action="{_PATH}">{kept}<select name="where">{options}</select>{buttons}</form>'
        return _page(f"analyst is requesting permission to access {form}")

    async def answer(self, request: web.Request) -> web.Response:
        """Go back to the app, with a code or without."""
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        where = form.get("where", "")
        if problem := self._problem(form) or ("" if where in {*self._app.workspaces, ORGANIZATION} else "no_team"):
            return _page(problem, 400)
        back = {"state": form.get("state", "")}
        if form.get("do") == "allow":
            code = self._app.grant(where, form["scope"], form["redirect_uri"], ANN)
            back = {"code": code} | back
        else:
            back = {"error": "access_denied"} | back
        return web.Response(status=302, headers={"Location": f"{form['redirect_uri']}?{urlencode(back)}"})

    def _problem(self, given: Mapping[str, str]) -> str:
        try:
            self._app.check(given.get("client_id", ""), given.get("redirect_uri", ""), given.get("scope", ""))
        except Refused as refused:
            return refused.error
        return ""


def _field(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _page(text: str, status: int = 200) -> web.Response:
    return web.Response(text=f"<!DOCTYPE html><body>{text}</body>", status=status, content_type="text/html")
