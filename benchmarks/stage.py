"""The local Slack and Azure on one core, and one bot after another on the other."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from benchmarks.model import END, TimedModel
from benchmarks.process import Usage, usage
from playground.azure.model.scripted import ScriptedInterpreter
from playground.ports import Interpreter
from tests.support.in_bot import loop_watchdog
from tests.support.processes import BotProcess
from tests.support.proof import outcomes
from tests.support.world import ROOT, World, words_of

Kind = Literal["bot", "floor", "naive"]
PROGRAMS: dict[Kind, Path] = {
    "bot": ROOT / "bot.py",
    "floor": ROOT / "benchmarks" / "floor.py",
    "naive": ROOT / "benchmarks" / "naive.py",
}
SOCKETS: dict[Kind, int] = {"bot": 2, "floor": 1, "naive": 1}
BOT_CORE, FAKES_CORE = 0, 1
UNPACED = "1000"
"""``SLACK_RATE_SHARE`` for figures that are about the bot and not about Slack's limits."""


@dataclass
class Asked:
    """One question. Times are epoch seconds; ``sent`` is when its first envelope left."""

    text: str
    channel: str
    ts: str
    sent: float = 0.0
    sign: float = 0.0
    spoke: float = 0.0
    done: float = 0.0
    answered: bool = True


@dataclass
class Round:
    """What one round of questions has shown.

    Args:
        asked: The questions.
        acks: Seconds from sending an envelope to its ack.
        calls: Slack's methods, and how often each was called.
        requests: Azure's ``METHOD path``, and how often.
        before: Usage of the bot before.
        after: ... and when all was done.
        elapsed: Seconds between these two.
        idle: Part of a core that the bot uses when nothing happens.
        first: When the model began to speak, by question.
        doubled: How many questions have not exactly one outcome, where that was looked for.
    """

    asked: list[Asked]
    acks: list[float]
    calls: Counter[str]
    requests: Counter[str]
    before: Usage
    after: Usage
    elapsed: float
    idle: float
    first: dict[str, float] = field(default_factory=dict)
    doubled: int = 0

    def times(self, when: Callable[[Asked], float]) -> list[float]:
        """Seconds from the sending of each question's envelope to something; what never came is left out."""
        return [when(one) - one.sent for one in self.asked if when(one)]

    @property
    def lost(self) -> int:
        """How many questions have no answer."""
        return sum(not one.answered for one in self.asked)

    @property
    def seconds(self) -> float:
        """From the first question to the last answer."""
        return max(one.done for one in self.asked) - min(one.sent for one in self.asked)

    @property
    def cpu(self) -> float:
        """CPU milliseconds of the bot a question, without what it uses when nothing happens."""
        used = self.after.cpu - self.before.cpu - self.idle * self.elapsed
        return used / len(self.asked) * 1000


class Stage(World):
    """A world for measuring: nothing is checked against descriptions here, and nothing is paced unless asked."""

    def __init__(
        self, folder: Path, *, limits: bool = False, interpreter: Interpreter | None = None, **slack: Any
    ) -> None:
        self.model = TimedModel()
        interpreter = interpreter or ScriptedInterpreter()
        super().__init__(folder, self.model, interpreter, limits=limits, ledger_limit=200_000, **slack)
        self.settings = {"LOG_LEVEL": "WARNING", "MAX_FILE_MB": "512", loop_watchdog.REPORT: ""}
        if not limits:
            self.settings["SLACK_RATE_SHARE"] = UNPACED
        self.idle = 0.0
        self._number = 0

    async def __aenter__(self) -> Stage:
        await super().__aenter__()
        return self

    async def __aexit__(self, failure: type[BaseException] | None, *rest: object) -> None:
        self.azure.requests.clear()
        await super().__aexit__(failure, *rest)

    async def start(self, kind: Kind, *, wait: bool = True) -> BotProcess:
        """Start a bot on its core; returns when it listens."""
        if kind == "bot" and self.forks:
            return await self.start_bot(wait=wait)
        connections = self.slack.connections
        bot: BotProcess = await self.program(PROGRAMS[kind], output=asyncio.subprocess.DEVNULL)
        self.bots.append(bot)
        if wait:
            await self.slack.wait_connected(connections + SOCKETS[kind], timeout=60)
        return bot

    async def program(self, path: Path, *arguments: str, output: int) -> asyncio.subprocess.Process:
        """Start a Python program on the bot's core, with the bot's environment."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            str(path),
            *arguments,
            cwd=self.folder,
            env=self.environment | {"PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=sys.stderr,
            preexec_fn=_on_bot_core,
        )

    async def learn_idle(self, seconds: float) -> None:
        """Measure what the bot uses when nothing happens: later rounds leave it out."""
        self.idle = await idle_cpu([self.alive[0].pid], seconds)

    async def round(
        self, count: int, *, spacing: float = 0.0, thread: str = "", channel: str = "", timeout: float = 300
    ) -> Round:
        """Ask ``count`` questions, each in a channel of its own or all in one thread, and wait for all answers."""
        self.slack.envelopes.clear()
        self.slack.calls.clear()
        self.slack.acts.clear()
        self.azure.requests.clear()
        self.model.first.clear()
        before = usage(self.alive[0].pid)
        channels = [channel or self.new_channel() for _ in range(count)]
        begun = asyncio.get_running_loop().time()

        async def one(position: int) -> Asked:
            await asyncio.sleep(max(0.0, begun + position * spacing - asyncio.get_running_loop().time()))
            self._number += 1
            text = f"what is customer retention {letters(self._number)}"
            ts = await self.ask(text, channel=channels[position], thread=thread or None)
            asked = Asked(text, channels[position], ts)
            asked.answered = await self._answered(asked, thread or ts, timeout)
            return asked

        asked = list(await asyncio.gather(*(one(position) for position in range(count))))
        after = usage(self.alive[0].pid)
        elapsed = asyncio.get_running_loop().time() - begun
        self._fill(asked)
        acks = [envelope.ack_seconds for envelope in self.slack.envelopes if envelope.ack_seconds is not None]
        calls = Counter(call.method for call in self.slack.calls)
        requests = Counter(f"{entry.method} {route(entry.path)}" for entry in self.azure.requests)
        return Round(asked, acks, calls, requests, before, after, elapsed, self.idle, dict(self.model.first))

    async def _answered(self, asked: Asked, thread: str, timeout: float) -> bool:
        def complete(slack: object) -> bool:
            return any(
                END in words_of(message) and message.get("streaming_state") != "in_progress"
                for message in self.slack.bot_messages(asked.channel, thread)
                if message["ts"] > asked.ts
            )

        try:
            await self.slack.wait(complete, timeout, channel=asked.channel, thread=thread)
        except TimeoutError:
            return False
        return True

    def doubled(self, asked: Sequence[Asked]) -> int:
        """How many questions have not exactly one outcome."""
        return sum(len(outcomes(self.slack.bot_messages(one.channel, one.ts))) != 1 for one in asked)

    def _fill(self, asked: Sequence[Asked]) -> None:
        """Read from Slack's ledger when things happened."""
        by_thread = {one.ts: one for one in asked}
        for envelope in self.slack.envelopes:
            one = by_thread.get(str(envelope.event.get("ts")))
            if one and (not one.sent or envelope.attempts[0].sent < one.sent):
                one.sent = envelope.attempts[0].sent
        for call in self.slack.calls:
            one = by_thread.get(str(call.args.get("thread_ts")))
            if one and not one.sign and call.method.endswith((".setStatus", ".postMessage", ".startStream")):
                one.sign = call.time
        for act in self.slack.acts:
            one = by_thread.get(act.thread)
            if one and act.by == self.slack.bot_user and act.kind != "deleted":
                one.done = act.time
                one.spoke = one.spoke or (act.time if act.size else 0.0)


async def idle_cpu(pids: Sequence[int], seconds: float) -> float:
    """Part of a core that processes use together while nothing happens."""
    before, begun = _cpu(pids), time.monotonic()
    await asyncio.sleep(seconds)
    after = _cpu(pids)
    return sum(after[pid] - before[pid] for pid in before.keys() & after.keys()) / max(1e-9, time.monotonic() - begun)


def _cpu(pids: Sequence[int]) -> dict[int, float]:
    """CPU seconds of those that live; a server's helpers come and go."""
    found = {}
    for pid in pids:
        with suppress(OSError, KeyError):
            found[pid] = usage(pid).cpu
    return found


def stand_aside() -> None:
    """Leave the bot's core to the bot."""
    if (os.cpu_count() or 1) > FAKES_CORE:
        os.sched_setaffinity(0, {FAKES_CORE})


def _on_bot_core() -> None:
    if (os.cpu_count() or 1) > FAKES_CORE:
        os.sched_setaffinity(0, {BOT_CORE})


def letters(number: int) -> str:
    """A number in letters: each question is another one, and none is about numbers."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def route(path: str) -> str:
    """A path without its ids."""
    return "/".join("*" if "_" in part or "-" in part else part for part in path.split("/"))
