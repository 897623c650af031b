"""The whole thing for a test: a local Slack, a local Azure OpenAI, and the real bot as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import tempfile
import time
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from playground.azure.server import LocalAzure
from playground.ports import Interpreter, Model
from playground.slack.server.server import LocalSlack
from tests.support.in_bot import loop_watchdog
from tests.support.inside import BotInside
from tests.support.manifest import bot_events, bot_scopes, optional_scopes
from tests.support.openapi import check_requests
from tests.support.processes import BotProcess, execute, fork

ROOT = Path(__file__).resolve().parents[2]
SALES = "C0SALES001"
GENERAL = "C0GENERAL1"
ANN = "U0ANN00001"
KENJI = "U0KENJI0001"
BOB = "U0BOB00001"
MENTION = "<@U0ANALYST01>"

SOONER = {"slack_api.patience.FIRST_WAIT": 0.05}
"""Failed reads are repeated so soon."""

SOCKETS = 2
"""Of each bot."""

PARTS_OF_A_TURN = 3
"""A turn's id is ``{team}:{channel}:{ts}``; a job's goes on with its kind."""

LISTENS = re.compile(r"(Connected to|Listening for) Slack")

Json = dict[str, Any]
Files = Sequence[tuple[str, bytes | Path]]


class World:
    """Local Slack + local Azure + bot processes.

    Args:
        folder: Where the bot's database lies.
        model: Who answers at Azure.
        interpreter: What runs the code there.
        slack_options: Options of ``LocalSlack``.

    Attributes:
        forks: Whether bots are forked from a process that has imported everything, which is quicker.
        project: Where the version lies that is started; another one than this is never forked.
        constants: How long bots wait for something, by module and name; not of those that are executed.
    """

    forks = True
    project = ROOT
    constants: Mapping[str, float] = SOONER

    def __init__(self, folder: Path, model: Model, interpreter: Interpreter, **slack_options: Any) -> None:
        self.folder = folder
        self.slack = LocalSlack(
            **{"scopes": (*bot_scopes(), *optional_scopes()), "events": bot_events()} | slack_options
        )
        self.azure = LocalAzure(model=model, interpreter=interpreter)
        self._interpreter = interpreter
        self.database_url = f"sqlite:///{folder / 'analyst.db'}"
        self.settings: dict[str, str] = {}
        self._stalls = Path(tempfile.mkstemp(prefix="stalls-", suffix=".jsonl")[1])
        self._listening_since: dict[int, float] = {}
        self.bots: list[BotProcess] = []
        self._inside: BotInside | None = None
        self._lines: list[str] = []
        self._written = asyncio.Event()
        self._readers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> World:
        await self.slack.start()
        await self.azure.start()
        return self

    async def __aexit__(self, failure: type[BaseException] | None, *_: object) -> None:
        await self.end_bot()
        for bot in self.bots:
            await self.kill(bot)
        await self.azure.stop()
        await self._interpreter.close()
        await self.slack.stop()
        try:
            if failure is None:
                check_requests(self.azure.requests)
                self.check_stalls()
        finally:
            self._stalls.unlink()

    @property
    def environment(self) -> dict[str, str]:
        """What a bot is told."""
        return {
            "PATH": os.environ["PATH"],
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "AZURE_OPENAI_ENDPOINT": self.azure.endpoint,
            "AZURE_OPENAI_API_KEY": self.azure.api_key,
            "AZURE_OPENAI_DEPLOYMENT": self.azure.deployment,
            "DATABASE_URL": self.database_url,
            "TMPDIR": str(self.folder),
            "PYTHONPATH": str(Path(loop_watchdog.__file__).parent),
            loop_watchdog.REPORT: str(self._stalls),
            "SSL_CERT_DIR": str(self.folder),  # see tests/conftest.py
            "SLACK_RATE_SHARE": "100",  # the local Slack sets no limits unless it is told to
        } | self.settings

    async def spawn(self) -> BotProcess:
        """A new bot."""
        if self.project != ROOT:  # nobody mends what holds up the loop of another version
            others = {name: value for name, value in self.environment.items() if name != loop_watchdog.REPORT}
            return await execute(self.folder, others, self.project)
        if self.forks:
            return await fork(self.folder, self.environment, self.constants)
        return await execute(self.folder, self.environment, self.project)

    @property
    def uploads(self) -> list[bytes]:
        """What people's files at Azure hold, in the order they came; not what charts need."""
        people = [file for file in self.azure.files.values() if file.purpose == "assistants"]
        return [file.data for file in people if not file.filename.startswith("chart-")]

    async def start_bot(self, *, wait: bool = True) -> BotProcess:
        """Start a bot and wait until it listens."""
        before = self.slack.connections
        bot = await self.spawn()
        self.bots.append(bot)
        self._readers.append(asyncio.create_task(self._read(bot)))
        if wait and not await is_first(self._listening(before + SOCKETS), bot.wait()):
            await self._readers[-1]
            raise AssertionError(f"the bot ended with {bot.returncode}:\n{self.log}")
        return bot

    async def run_bot(self) -> None:
        """Let a bot run in this process, and wait until it listens."""
        loop = asyncio.get_running_loop()

        def write(line: str) -> None:
            loop.call_soon_threadsafe(self._note, line)

        self._inside = BotInside(self.folder, self.environment, self.constants, write)
        if not await is_first(self._listening(SOCKETS), self._inside.ended()):
            await self._inside.ended()
            raise AssertionError(f"the bot ended:\n{self.log}")

    async def end_bot(self) -> None:
        """End the bot in this process, as SIGTERM does; the world's end does the same."""
        ending, self._inside = self._inside, None
        if ending:
            await ending.stop()

    async def _listening(self, sockets: int) -> None:
        """Wait until bots hold so many connections; without an app token, until one serves HTTP."""
        if self.environment["SLACK_APP_TOKEN"]:
            await self.slack.wait_connected(sockets, timeout=60)
        else:
            await self.log_says("Listening for Slack")

    async def _read(self, bot: BotProcess) -> None:
        assert bot.stdout
        async for line in bot.stdout:
            self._note(line.decode(errors="replace"))
            if LISTENS.search(self._lines[-1]):
                self._listening_since.setdefault(bot.pid, time.time())

    def _note(self, line: str) -> None:
        self._lines.append(line)
        self._written.set()
        self._written.clear()  # who waits at present has been woken

    def check_stalls(self) -> None:
        """Fail when a callback has kept a bot's loop busy since it listened; each is told once."""
        stalls = [json.loads(line) for line in self._stalls.read_text().splitlines()]
        self._stalls.write_text("")
        late = [stall for stall in stalls if stall["time"] > self._listening_since.get(stall["pid"], stall["time"])]
        shown = "\n".join(f"{stall['seconds']} s of CPU in {stall['callback']}\n{stall['stack']}" for stall in late)
        assert not late, f"the loop was held up:\n{shown}"

    @property
    def log(self) -> str:
        """What the bots wrote."""
        return "".join(self._lines)

    async def log_says(self, words: str, timeout: float = 30) -> None:
        """Wait until a bot has written some words."""
        async with asyncio.timeout(timeout):
            while words not in self.log:
                await self._written.wait()

    async def kill(self, bot: BotProcess) -> None:
        """kill -9."""
        if bot.returncode is None:
            with suppress(ProcessLookupError):
                bot.kill()
            await bot.wait()
        await self.slack.wait(lambda slack: slack.connections == 0 or len(self.alive) > 0)

    @property
    def alive(self) -> list[BotProcess]:
        """Bots that run."""
        return [bot for bot in self.bots if bot.returncode is None]

    async def terminate(self, bot: BotProcess) -> int:
        """SIGTERM; returns the exit code."""
        bot.send_signal(signal.SIGTERM)
        return await bot.wait()

    def new_channel(self) -> str:
        """A channel of its own for a test, with everybody in it."""
        channel = f"C0NEW{len(self.slack.channels):05d}"
        self.slack.add_channel(channel, channel.lower(), [ANN, KENJI, BOB, self.slack.bot_user])
        return channel

    async def ask(
        self, text: str, *, channel: str = SALES, thread: str | None = None, user: str = ANN, files: Files = ()
    ) -> str:
        """Write a message with a mention; returns its ts."""
        said = f"{MENTION} {text}".strip()
        return await self.slack.human.post(channel, said, user=user, thread=thread, files=files)

    async def outcomes(
        self, channel: str, thread: str, count: int = 1, timeout: float = 60, files: int = 0
    ) -> list[Json]:
        """Wait until turns of a thread have their outcome and nothing is in progress; the bot's messages.

        Args:
            channel: Where.
            thread: Where.
            count: How many turns.
            timeout: Seconds.
            files: How many files (charts included) are to be there.
        """

        def settled(slack: LocalSlack) -> list[Json]:
            found = slack.bot_messages(channel, thread)
            turns = {turn_of(message) for message in found if is_outcome(message)}
            live = any(message.get("streaming_state") == "in_progress" for message in found)
            shared = sum(len(message.get("files", [])) for message in found)
            complete = len(turns) >= count and shared >= files
            return found if complete and not live and not slack.status(channel, thread) else []

        try:
            return await self.slack.wait(settled, timeout)
        except TimeoutError as error:
            raise AssertionError(f"{error}\n{self.slack.bot_messages(channel, thread)}\n{self.log[-4000:]}") from None

    async def says(self, channel: str, thread: str, words: str, timeout: float = 30) -> str:
        """Wait until the bot has said ``words`` in a thread; returns all that it says there."""

        def read(slack: LocalSlack) -> str:
            said = "\n".join(map(words_of, slack.bot_messages(channel, thread)))
            return said if words in said else ""

        try:
            return await self.slack.wait(read, timeout)
        except TimeoutError as error:
            raise AssertionError(f"{error}\n{self.slack.bot_messages(channel, thread)}\n{self.log[-4000:]}") from None

    async def answer(self, text: str, *, timeout: float = 60, count: int = 1, **place: Any) -> str:
        """Ask, wait for the outcome, and return what is to be read in the thread (the bot's words, joined)."""
        ts = await self.ask(text, **place)
        thread = place.get("thread") or ts
        found = await self.outcomes(place.get("channel", SALES), thread, count, timeout)
        return "\n".join(map(words_of, found))


async def is_first(expected: Coroutine[Any, Any, object], end: Coroutine[Any, Any, object]) -> bool:
    """Wait for one of two things, and leave the other; raises what the expected one raises."""
    wanted, other = asyncio.create_task(expected), asyncio.create_task(end)
    await asyncio.wait({wanted, other}, return_when=asyncio.FIRST_COMPLETED)
    if not wanted.done():
        wanted.cancel()
        return False
    other.cancel()
    await wanted
    return True


def turn_of(message: Json) -> str:
    """The turn that a message belongs to, by its metadata; "" for what is not a turn's (a job's file card)."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    turn = str(payload.get("turn", ""))
    return turn if turn.count(":") == PARTS_OF_A_TURN - 1 else ""


def part_of(message: Json) -> str:
    """Which part of its turn a message is."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return str(payload.get("part", ""))


def is_outcome(message: Json) -> bool:
    """Whether a message completes a turn: an answer, an error, a stop, or a notice that stands for one."""
    part = part_of(message)
    return part == "answer" or (part.startswith("notice:") and not part.startswith("notice:asked"))


def words_of(message: Json) -> str:
    """All text of a message, blocks included."""
    parts = [str(message.get("text", ""))]

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key == "text" and isinstance(inner, str):
                    parts.append(inner)
                else:
                    walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(message.get("blocks") or [])
    return "\n".join(dict.fromkeys(parts))
