"""What a person waits for when Slack and Azure take as long as they do: the group "as the services are"."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import product

from benchmarks.bench import Bench
from benchmarks.chains import before_the_model, renewal, until_charts, until_text
from benchmarks.model import END, Tempo
from benchmarks.stage import Kind, Stage, letters, route
from benchmarks.table import Row, in_chain, median
from playground.latencies import AS_THE_SERVICES_ARE, latencies
from playground.slack.server.server import LocalSlack
from tests.support.world import BOB, Files, words_of

Figure = Callable[[Bench], Awaitable[list[Row]]]
BOTS: Mapping[str, tuple[Kind, str]] = {
    "Responses": ("bot", "responses"),
    "Assistants": ("bot", "assistants"),
    "floor": ("floor", ""),
    "naive": ("naive", ""),
}
WIRES = ("Responses", "Assistants")
PLAIN = ("floor", "naive")
"""The floor speaks Responses, the naive bot Assistants."""
MOST_RUNS = 3
"""The latencies are the same each time: more runs show nothing more."""
REST = 1.0
"""Seconds (at full pace) between two questions."""
QUICK = Tempo(silence=0.0, pieces=2, pause=0.0, characters=60)
DRAWING = Tempo(silence=0.5, pieces=20, pause=0.08, characters=400)
SIGNS = ("assistant.threads.", "agents.sessions.")
"""Calls that show that the bot is at work."""
ASKING = ("POST /responses", "POST /threads/*/messages", "POST /threads/*/runs")
"""Requests that ask the model."""


@dataclass
class Waited:
    """Seconds that one question took.

    Args:
        asked: From the mention until the model was asked.
        text: From the end of the run until its text was complete in Slack.
        charts: ... until the last chart was visible.
        thread: Where.
        calls: What was called between the mention and the model, the signs of work apart.
    """

    asked: float
    text: float
    charts: float
    thread: str
    calls: Sequence[str] = field(default_factory=list)


class Services:
    """One bot after the other, with both services at their own pace."""

    def __init__(self, bench: Bench) -> None:
        self.latencies = latencies(AS_THE_SERVICES_ARE, bench.pace)
        self.runs = min(bench.runs, MOST_RUNS)
        self.bots = [name for name in BOTS if name in WIRES or not bench.alone]
        self._bench = bench
        self._number = 0

    @asynccontextmanager
    async def bot(self, name: str) -> AsyncIterator[Stage]:
        """A stage with a warm bot; from then on the services take their time."""
        kind, wire = BOTS[name]
        async with self._bench.stage("sqlite", share_delay=(0.0, 0.0)) as stage:
            if wire:
                stage.settings["AZURE_OPENAI_API"] = wire
            await stage.start(kind)
            await self.ask(stage, Tempo(silence=0.0, pieces=2, pause=0.0, charts=1), files=1)
            stage.slack.faults.latency(AS_THE_SERVICES_ARE, self._bench.pace)
            stage.azure.faults.add("latency", times=None, profile=AS_THE_SERVICES_ARE, factor=self._bench.pace)
            yield stage

    async def ask(self, stage: Stage, tempo: Tempo, *, files: int = 0, channel: str = "", thread: str = "") -> Waited:
        """Ask one question, and wait for all of its answer."""
        stage.model.tempo = tempo
        self._number += 1
        question = f"draw a chart of 17 and 23 times {letters(self._number)}"
        channel = channel or stage.new_channel()
        known = _charts(stage.slack, channel, thread)
        stage.azure.requests.clear()
        stage.slack.calls.clear()
        ts = await stage.ask(question, channel=channel, thread=thread or None, files=_tables(files))
        place = thread or ts
        text, charts = await asyncio.gather(
            _when(stage, channel, place, lambda slack: _complete(slack, channel, place, ts)),
            _when(stage, channel, place, lambda slack: _charts(slack, channel, place) >= known + tempo.charts),
        )
        sent = next(one for one in stage.slack.envelopes if one.event.get("ts") == ts).attempts[0].sent
        asked, ended = stage.model.asked[question], stage.model.ended[question]
        calls = [call.method for call in stage.slack.calls if call.time < asked and not call.method.startswith(SIGNS)]
        routes = [f"{entry.method} {route(entry.path)}" for entry in stage.azure.requests if entry.at < asked]
        calls += [one for one in routes if one not in ASKING]
        await asyncio.sleep(REST * self._bench.pace)
        return Waited(asked - sent, text - ended, charts - ended if tempo.charts else 0.0, place, calls)


async def files(bench: Bench) -> list[Row]:
    """From a mention with 0, 1, 5, 20 files until the model is asked."""
    services = Services(bench)
    counts = [count if count < 2 else bench.sizes(count) for count in (0, 1, 5, 20)]
    taken: dict[tuple[str, int], list[Waited]] = {}
    for name in services.bots:
        async with services.bot(name) as stage:
            for count in counts:
                taken[name, count] = [await services.ask(stage, QUICK, files=count) for _ in range(services.runs)]
    rows = []
    for wire, count in product(WIRES, counts):
        said = f"{count} files" if count > 1 else ("1 file" if count else "no file, computing")
        chain = before_the_model(services.latencies, count, sandbox=wire == "Responses")
        each = {name: _asked(taken[name, count]) for name in services.bots}
        rows.append(_row(f"{said}: mention → model asked", wire, chain, each))
    return rows


async def charts(bench: Bench) -> list[Row]:
    """From the end of a run with 1 and 3 charts until its text is complete, and until its last chart is visible."""
    services = Services(bench)
    taken: dict[tuple[str, int], list[Waited]] = {}
    for name in services.bots:
        async with services.bot(name) as stage:
            for count in (1, 3):
                tempo = replace(DRAWING, charts=count, pause=DRAWING.pause * bench.pace)
                taken[name, count] = [await services.ask(stage, tempo) for _ in range(services.runs)]
    rows = []
    for wire, count in product(WIRES, (1, 3)):
        said = f"{count} chart{'s' * (count > 1)}: run ended →"
        shown = until_charts(services.latencies, count, sandbox=wire == "Responses")
        for what, chain, of in (
            ("text complete", until_text(services.latencies), _text),
            ("last one visible", shown, _shown),
        ):
            each = {name: of(taken[name, count]) for name in services.bots}
            rows.append(_row(f"{said} {what}", wire, chain, each))
    return rows


async def follow_ups(bench: Bench) -> list[Row]:
    """Another question in a thread: at once, after somebody else's words, and when the sandbox is gone unnoticed."""
    services = Services(bench)
    taken: dict[tuple[str, str], list[Waited]] = defaultdict(list)
    for name in services.bots:
        async with services.bot(name) as stage:
            for _ in range(services.runs):
                channel = stage.new_channel()
                thread = (await services.ask(stage, QUICK, files=1, channel=channel)).thread
                taken[name, "at once"].append(await services.ask(stage, QUICK, channel=channel, thread=thread))
                if name not in WIRES:
                    continue
                await stage.slack.human.post(channel, "I wonder, too", user=BOB, thread=thread)
                await asyncio.sleep(REST * bench.pace)
                taken[name, "words"].append(await services.ask(stage, QUICK, channel=channel, thread=thread))
                for container in stage.azure.containers.values():
                    await container.expire()
                taken[name, "expired"].append(await services.ask(stage, QUICK, channel=channel, thread=thread))
    rows = []
    for wire in WIRES:
        slack = services.latencies.slack
        reading = slack["conversations.replies"] + slack["users.info"]  # who it is that has spoken
        for what, key, chain, most in (("", "at once", 0.0, 0), (" after a newcomer's words", "words", reading, 2)):
            asked = taken[wire, key]
            each = {name: _asked(taken[name, key]) for name in services.bots if taken[name, key]}
            row = _row(f"follow-up{what}: mention → model asked", wire, chain, each)
            calls = [call for one in asked for call in one.calls]
            row.goal, row.met = f"≤ {most} calls before", len(calls) <= len(asked) * most
            row.note = ", ".join(dict.fromkeys(calls))
            rows.append(row)
    chain = renewal(services.latencies, [0.0])
    rows.append(
        in_chain("follow-up, sandbox gone: mention → model asked", chain, _asked(taken["Responses", "expired"]))
    )
    return rows


def _text(waited: Sequence[Waited]) -> float:
    return median([one.text for one in waited])


def _shown(waited: Sequence[Waited]) -> float:
    return median([one.charts for one in waited])


def _asked(waited: Sequence[Waited]) -> float:
    return median([one.asked for one in waited])


def _row(figure: str, wire: str, chain: float, taken: Mapping[str, float]) -> Row:
    """A row of the bot on one wire, beside the plain bots."""
    row = in_chain(f"{figure}, {wire}", chain, taken[wire])
    row.floor, row.naive = (f"{taken[name]:.2f} s" if name in taken else "" for name in PLAIN)
    return row


def _tables(count: int) -> Files:
    return [(f"sales_{letters(number)}.csv", f"day,amount\n1,{number}\n2,5\n".encode()) for number in range(count)]


def _complete(slack: LocalSlack, channel: str, thread: str, ts: str) -> bool:
    """Whether the text of the answer to a message is all there."""
    return any(END in words_of(one) for one in slack.bot_messages(channel, thread) if one["ts"] > ts)


def _charts(slack: LocalSlack, channel: str, thread: str) -> int:
    """How many charts are to be seen in a thread."""
    return sum(len(one.get("files", [])) for one in slack.bot_messages(channel, thread))


async def _when(stage: Stage, channel: str, thread: str, true: Callable[[LocalSlack], bool]) -> float:
    """When something became true of a thread (epoch seconds)."""
    await stage.slack.wait(true, 60, channel=channel, thread=thread)
    return time.time()


FIGURES: Mapping[str, Figure] = {
    "services_files": files,
    "services_charts": charts,
    "services_follow_ups": follow_ups,
}
