"""The world with what tests of faults need: bots that are killed and started again, and the proof of one outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.azure.service.faults import Fault
from playground.slack.delivery.faults import Gate
from playground.slack.server.server import LocalSlack
from playground.slack.state.ledger import Call, Envelope
from tests.support import proof
from tests.support.processes import BotProcess
from tests.support.world import ANN, BOB, KENJI, SALES, Files, Json, World, part_of, turn_of, words_of


class Bench(World):
    """A world whose model does what the question says."""

    def __init__(
        self, folder: Path, model: ScriptedModel, interpreter: ScriptedInterpreter, **slack_options: Any
    ) -> None:
        super().__init__(folder, model, interpreter, **slack_options)
        self.model = model
        self._gates = count(1)
        self._started_with: dict[str, str] | None = None
        self._channels = count(1)
        self.channel = SALES

    async def __aenter__(self) -> Bench:
        await super().__aenter__()
        return self

    # --- bots

    @property
    def bot(self) -> BotProcess:
        """The bot that runs (the first of several)."""
        return self.alive[0]

    async def ready(self) -> None:
        """One bot runs, with the usual settings; ``channel`` is new: Slack allows one post a second in each."""
        self.channel = self.new_channel()
        if self.settings or len(self.alive) != 1 or self._started_with:
            self.settings = {}
            await self.kill_all()
            await self.start_bot()

    def new_channel(self) -> str:
        """A channel with everybody in it."""
        number = next(self._channels)
        key = f"C0BENCH{number:04d}"
        self.slack.add_channel(key, f"bench-{number}", [ANN, BOB, KENJI, self.slack.bot_user])
        return key

    def new_person(self, channel: str) -> str:
        """Somebody whom the bot does not know yet, in a channel."""
        number = next(self._channels)
        key = f"U0GUEST{number:04d}"
        self.slack.add_user(key, f"guest{number}")
        self.slack.channels[channel].members.append(key)
        return key

    async def ask(
        self, text: str, *, channel: str = "", thread: str | None = None, user: str = ANN, files: Files = ()
    ) -> str:
        """See ``World``; in the test's own channel."""
        return await super().ask(text, channel=channel or self.channel, thread=thread, user=user, files=files)

    async def ask_in_line(self, gate: str, number: int) -> list[str]:
        """Ask some questions in one thread; the first waits at a gate, and the others behind it."""
        first = await self.ask(f"[[wait {gate}]] [[say number 0]]")
        await self.running(gate)
        asked = [first]
        for position in range(1, number):
            asked.append(await self.ask(f"[[say number {position}]]", thread=first, user=(KENJI, BOB)[position % 2]))
            await self.acked(asked[-1])
        return asked

    async def tidy(self) -> None:
        """No fault is left, nothing is held, and bots are started as usual."""
        self.forks = True
        self.slack.faults.clear()
        self.azure.faults.clear()
        self.slack.workspace.options = self.slack.options
        for gate in self.model.gates.values():
            gate.set()

    async def start_bot(self, *, wait: bool = True) -> BotProcess:
        """See ``World``."""
        self._started_with = dict(self.settings)
        return await super().start_bot(wait=wait)

    async def start_bots(self, number: int) -> None:
        """Start several at once."""
        for _ in range(number - 1):
            await self.start_bot(wait=False)
        await self.start_bot(wait=False)
        await self.slack.wait_connected(2 * number, timeout=60)

    async def kill_all(self) -> None:
        """kill -9 for all."""
        for bot in self.alive:
            bot.kill()
        for bot in self.bots:
            await bot.wait()
        await self.slack.wait(lambda slack: slack.connections == 0)

    async def restart(self) -> None:
        """Wait for the end of a bot that is being killed, and start another."""
        await self.kill_all()
        self.azure.faults.clear()
        self.slack.faults.clear()
        await self.start_bot()

    def kill_now(self, *_: object) -> None:
        """kill -9 for all, from within a fault."""
        for bot in self.alive:
            bot.kill()

    # --- waiting for things

    def gate(self) -> str:
        """A new name for ``[[wait NAME]]``; the run waits there until ``open`` is called."""
        name = f"gate{next(self._gates)}"
        self.model.gate(name)
        return name

    def open(self, name: str) -> None:
        """Let a waiting run go on."""
        self.model.gate(name).set()

    async def struck(self, fault: Fault, timeout: float = 15) -> None:
        """Wait until a fault of Azure's has struck."""
        await self.azure.wait(lambda _: fault.hits, timeout)

    async def reached(self, gate: Gate, timeout: float = 15) -> None:
        """Wait until a call to Slack is held."""
        await asyncio.wait_for(gate.reached.wait(), timeout)

    async def running(self, gate: str, timeout: float = 30) -> None:
        """Wait until a run waits at a gate."""
        await asyncio.wait_for(self.model.reached(gate), timeout)

    async def acked(self, ts: str, timeout: float = 15) -> None:
        """Wait until all events of a message have their ack."""

        def all_acked(_: LocalSlack) -> bool:
            found = self.deliveries(ts)
            return bool(found) and all(envelope.acked for envelope in found)

        await self.slack.wait(all_acked, timeout)

    async def delivered(self, ts: str) -> None:
        """Let Slack send a message again and again until it has its ack."""
        async with asyncio.timeout(60):
            while True:
                try:
                    await self.acked(ts, 2)
                except TimeoutError:
                    for envelope in self.deliveries(ts):
                        self.slack.faults.redeliver(envelope.event_id)
                else:
                    return

    def deliveries(self, ts: str) -> list[Envelope]:
        """What was sent to the bot about a message."""
        return [
            envelope
            for envelope in self.slack.envelopes
            if envelope.event.get("ts") == ts and envelope.event.get("type") in {"message", "app_mention"}
        ]

    def calls_in(self, thread: str) -> list[Call]:
        """What the bot has asked Slack for about a thread."""
        return [call for call in self.slack.calls if call.args.get("thread_ts") == thread]

    async def live(self, channel: str, thread: str, timeout: float = 30) -> None:
        """Wait for the first message in a thread."""
        await self.slack.wait(lambda slack: slack.bot_messages(channel, thread), timeout)

    async def without_button(self, channel: str, thread: str) -> None:
        """Wait until the Stop button is taken away; Slack's limits may delay that."""
        await self.slack.wait(lambda slack: "control" not in map(part_of, slack.bot_messages(channel, thread)), 60)

    async def streaming(self, thread: str, text: str = "", timeout: float = 15) -> Json:
        """Wait until a message with some text is being streamed in a thread."""

        def live(slack: LocalSlack) -> Json | None:
            for message in slack.bot_messages(self.channel, thread):
                if message.get("streaming_state") == "in_progress" and text in words_of(message):
                    return message
            return None

        found = await self.slack.wait(live, timeout)
        assert found is not None
        return found

    async def settled_log(self, text: str, timeout: float = 30) -> None:
        """Wait until the bot has written something to its log: there is no event for that, so the file is read."""
        async with asyncio.timeout(timeout):
            while text not in self.log:  # noqa: ASYNC110 - see above
                await asyncio.sleep(0.1)

    # --- the proof

    def turn(self, ts: str, channel: str = "") -> str:
        """The id of a question's turn."""
        return f"{self.slack.team}:{channel or self.channel}:{ts}"

    async def settled(self, thread: str, turns: int, files: int = 0, timeout: float = 40) -> None:
        """Wait for outcomes, then for one more question of the same thread: whatever was still to come has come."""
        await self.outcomes(self.channel, thread, turns, timeout, files)
        await self.ask(f"[[say settled]] {next(self._gates)}", thread=thread)
        await self.outcomes(self.channel, thread, turns + 1, timeout, files)

    def one_outcome(
        self, ts: str, *, thread: str = "", charts: int | None = None, channel: str = "", stopped_by_slack: bool = False
    ) -> str:
        """Prove that a question has exactly one outcome, with no debris; returns its words.

        A stream that Slack itself has ended, at its own Stop button, stays as it stood.
        """
        messages = self.slack.bot_messages(channel or self.channel, thread or ts)
        mine = proof.of_turn(messages, self.turn(ts, channel))
        shown = proof.described(messages)
        assert len(proof.outcomes(mine)) == 1, f"outcomes: {shown}"
        assert not proof.repeated_parts(mine), f"a part is there twice: {shown}"
        assert not proof.buttons_left(mine), f"a Stop button is left: {shown}"
        assert stopped_by_slack or not proof.orphans(messages), f"nobody's messages: {shown}"
        assert not proof.open_streams(messages), f"a stream is open: {shown}"
        names = proof.file_names(messages)
        assert charts is None or sum(names.values()) == charts, f"charts: {names}"
        assert not names or max(names.values()) == 1, f"a chart is there twice: {names}"
        return "\n".join(words_of(message) for message in mine)

    def in_order(self, channel: str, thread: str, asked: Sequence[str]) -> None:
        """Prove that the outcomes of a thread came in the order of its questions, and none amid another."""
        turns = [self.turn(ts, channel) for ts in asked]
        shown = [turn_of(message) for message in self.slack.bot_messages(channel, thread)]
        assert proof.in_order(shown, turns), f"not in order, or one amid another: {shown}"

    async def proven_again(self, ts: str, turns: int) -> None:
        """After ``turns`` turns in its thread a question still has its one outcome."""
        await self.settled(ts, turns)
        self.one_outcome(ts)

    async def proven(self, ts: str, *, charts: int = 0, timeout: float = 40) -> str:
        """Wait until a top-level question is done with, and prove its one outcome."""
        await self.settled(ts, 1, charts, timeout)
        return self.one_outcome(ts, charts=charts)

    def habits(self, **options: Any) -> None:
        """Let Slack behave in another way, until the end of the test."""
        self.slack.workspace.options = replace(self.slack.options, **options)
