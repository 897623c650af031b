"""A bot that is installed by OAuth, and somebody who installs it with a browser."""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.slack.server.server import LocalSlack
from tests.support.world import MENTION, SALES, World, part_of, words_of

KEYS = tuple(base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
SECOND = "T0SECOND01"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Several(World):
    """Two workspaces with equal ids, in which the app is not installed yet; the second one's is ``beside``."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        self.back = f"{self.address}/slack/oauth_redirect"
        urls: Any = {"http_events_url": f"{self.address}/slack/events", "redirect_urls": (self.back,)}
        super().__init__(folder, ScriptedModel(), ScriptedInterpreter(), seed=1, **urls)
        self.slack.workspace.bot_token, self.slack.workspace.revoked = "", True
        self.beside = self.slack.add_workspace(SECOND, "Second")
        self.settings = {
            "SLACK_BOT_TOKEN": "",
            "SLACK_APP_TOKEN": "",
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "SLACK_CLIENT_ID": self.slack.options.client_id,
            "SLACK_CLIENT_SECRET": self.slack.options.client_secret,
            "PUBLIC_URL": self.address,
            "INSTALLATION_KEYS": KEYS[0],
            "PORT": str(port),
        }

    async def __aenter__(self) -> Several:
        await super().__aenter__()
        return self

    async def end_bot(self) -> None:
        await super().end_bot()
        self._lines.clear()  # the next one says again that it listens

    async def install(self, where: str) -> tuple[int, str]:
        """Install the app: the last page's status and text."""
        async with browser() as visitor:
            code, cookies = await visitor.allow(self.address, where)
            return await visitor.get(code, cookies)

    async def install_both(self) -> None:
        for slack in (self.slack, self.beside):
            assert (await self.install(slack.team))[0] == 200


class Visitor:
    """A browser; it keeps cookies only where it is told to."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        async with self._session.get(url, headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def begin(self, address: str) -> tuple[str, Mapping[str, str]]:
        """Open the page; the address of its button, and the cookie."""
        async with self._session.get(f"{address}/slack/install") as answer:
            assert answer.status == 200
            (link,) = re.findall(r'href="([^"]+/oauth/v2/authorize[^"]+)"', await answer.text())
            return unescape(link), {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}

    async def allow(self, address: str, where: str, do: str = "allow") -> tuple[str, Mapping[str, str]]:
        """Press the button, and "Allow"; where that leads, and the cookie."""
        link, cookie = await self.begin(address)
        status, page = await self.get(link)
        assert status == 200, page
        form = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', page)}
        form |= {"where": where, "do": do}
        url = f"{urlsplit(link).scheme}://{urlsplit(link).netloc}/oauth/v2/authorize"
        async with self._session.post(url, data=form, allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
            return answer.headers["Location"], cookie


@asynccontextmanager
async def browser() -> AsyncIterator[Visitor]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Visitor(session)


async def ask(slack: LocalSlack, text: str, *, channel: str = SALES, files: Any = (), thread: str | None = None) -> str:
    return await slack.human.post(channel, f"{MENTION} {text}", files=files, thread=thread)


async def answer(slack: LocalSlack, ts: str, channel: str = SALES) -> str:
    def outcome(slack: LocalSlack) -> str:
        found = slack.bot_messages(channel, ts)
        is_there = any(part_of(message) == "answer" for message in found)
        return "\n".join(map(words_of, found)) if is_there and not slack.status(channel, ts) else ""

    return await slack.wait(outcome, 30)


def rows(world: World, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(world.folder / "analyst.db")) as connection:
        return connection.execute(query).fetchall()


async def until(world: World, query: str) -> None:
    async with asyncio.timeout(20):
        while not rows(world, query):  # noqa: ASYNC110 - no event tells of a row
            await asyncio.sleep(0.05)
