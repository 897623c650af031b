"""The people: they write what the plan says, when it says so, and what became of it is read from the local Slack."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from playground.slack.server.server import LocalSlack
from tests.faults.bench import Bench
from tests.soak.checker import Asked, Evidence, Place, check
from tests.soak.plan import CSV, WITHDRAWN_AFTER, Line, Talk
from tests.support.world import MENTION, Files

Deliveries = dict[tuple[str, str], tuple[float | None, float | None]]
"""When a message (channel, ts) was first sent to the bot, and when Slack first had an ack."""


@dataclass(frozen=True)
class Written:
    """A line that has been written; ``ts`` is "" for a pressed button."""

    line: Line
    place: Place
    ts: str
    at: float
    user: str


class Traffic:
    """Everything that people do.

    Args:
        bench: Where.
        talks: What.
        people: How many persons there are.
        channels: How many channels.
    """

    def __init__(self, bench: Bench, talks: Sequence[Talk], people: int, channels: int) -> None:
        self._bench = bench
        self._slack = bench.slack
        self._talks = talks
        self._channels = [bench.new_channel() for _ in range(channels)]
        self._people = [self._new_person(number) for number in range(people)]
        self._ended_by_slack: set[str] = set()
        self.written: dict[Place, list[Written]] = {}
        self.places: dict[Place, Talk] = {}

    def _new_person(self, number: int) -> str:
        user = f"U0SOAK{number:05d}"
        self._slack.add_user(user, f"person{number}")
        for channel in self._channels:
            self._slack.channels[channel].members.append(user)
        return user

    async def run(self) -> None:
        """Do it all; returns when the last line has been written."""
        async with asyncio.TaskGroup() as group:
            for talk in self._talks:
                group.create_task(self._talk(talk, asyncio.get_running_loop().time()))

    async def _talk(self, talk: Talk, begun: float) -> None:
        place: Place | None = None
        for line in talk.lines:
            await asyncio.sleep(max(0.0, begun + line.at - asyncio.get_running_loop().time()))
            place = await self._do(talk, line, place)

    async def _do(self, talk: Talk, line: Line, place: Place | None) -> Place:
        user = self._people[line.who]
        if place is None:
            channel = self._slack.direct(user) if talk.is_direct else self._channels[talk.channel]
            ts = await self._write(line, channel, None, user)
            place = (channel, ts)
            self.places[place] = talk
            self._note(line, place, ts, user)
        elif line.act == "stop button":
            self._ended_by_slack.update(await self._slack.human.stop(*place, user=user))
            self._note(line, place, "", user)
        else:
            ts = await self._write(line, *place, user)
            self._note(line, place, ts, user)
            if line.act == "withdrawn":
                await asyncio.sleep(WITHDRAWN_AFTER)
                await self._slack.human.delete(place[0], ts)
        return place

    async def _write(self, line: Line, channel: str, thread: str | None, user: str) -> str:
        mentions = thread is None or line.mentions or not self._takes_part(channel, thread, user)
        text = line.text if channel.startswith("D") or not mentions else f"{MENTION} {line.text}"
        files: Files = [("data.csv", CSV)] if line.has_csv else ()
        return await self._slack.human.post(channel, text, user=user, thread=thread, files=files)

    def _takes_part(self, channel: str, thread: str, user: str) -> bool:
        """Whether the bot knows that somebody has asked in a thread: only then it hears them without a mention."""
        return any(
            envelope.acked
            for written in self.written.get((channel, thread), ())
            if written.user == user and written.line.act == "question"
            for envelope in self._bench.deliveries(written.ts)
        )

    def _note(self, line: Line, place: Place, ts: str, user: str) -> None:
        self.written.setdefault(place, []).append(
            Written(line, place, ts, float(ts or self._slack.workspace.clock.now()), user)
        )

    async def close_each_thread(self, seconds: float) -> None:
        """One more question in each thread, at most one each ``seconds``: whatever was still to come has come."""
        for number, (place, talk) in enumerate(self.places.items()):
            token = f"outcome-{900_000 + number:06d}"
            line = Line(0.0, "question", talk.lines[0].who, f"[[say The last one: {token}.]]", token)
            await self._do(talk, line, place)
            await asyncio.sleep(seconds)

    # --- what became of it

    def evidence(self, exits: Sequence[int] = ()) -> Evidence:
        """What the local Slack has seen so far.

        Args:
            exits: Exit codes of replicas that nobody killed.
        """
        return self._evidence(list(self.places), self._deliveries(), exits)

    async def settled(self, timeout: float) -> bool:
        """Wait until no delivery is under way and the proof holds; False when time is over before."""
        try:
            async with asyncio.timeout(timeout):
                await self._slack.wait(lambda slack: all(e.state != "waiting" for e in slack.envelopes), timeout)
                deliveries = self._deliveries()
                for place in self.places:
                    await self._proven(place, deliveries, timeout)
        except TimeoutError:
            return False
        return True

    async def _proven(self, place: Place, deliveries: Deliveries, timeout: float) -> None:
        def holds(_: LocalSlack) -> bool:
            return not check(self._evidence([place], deliveries))

        await self._slack.wait(holds, timeout, channel=place[0], thread=place[1])

    def _evidence(self, places: Sequence[Place], deliveries: Deliveries, exits: Sequence[int] = ()) -> Evidence:
        return Evidence(
            asked=[self._asked(written, deliveries) for place in places for written in self.written[place]],
            messages={place: self._slack.bot_messages(*place) for place in places},
            shared=self._shared(places),
            statuses={place: text for place in places if (text := self._slack.status(*place))},
            ended_by_slack=frozenset(self._ended_by_slack),
            exits=exits,
        )

    def _asked(self, written: Written, deliveries: Deliveries) -> Asked:
        channel, line = written.place[0], written.line
        sent, acked = deliveries.get((channel, written.ts), (None, None))
        turn = f"{self._slack.team}:{channel}:{written.ts}"
        return Asked(turn, written.place, line.act, line.token, line.charts, written.at, sent, acked)

    def _shared(self, places: Sequence[Place]) -> dict[str, float]:
        """When the bot has shared each file, by its id."""
        threads = {thread for _, thread in places}
        done = (call for call in self._slack.called("files.completeUploadExternal") if call.processed)
        return {
            str(file["id"]): call.time
            for call in done
            if str(call.args.get("thread_ts")) in threads
            for file in call.args["files"]
        }

    def _deliveries(self) -> Deliveries:
        found: Deliveries = {}
        for envelope in self._slack.envelopes:
            event = envelope.event
            if event.get("type") not in {"message", "app_mention"}:
                continue
            key = (str(event.get("channel")), str(event.get("ts")))
            sent, acked = found.get(key, (None, None))
            for attempt in envelope.attempts:
                sent = min(attempt.sent, sent or attempt.sent)
                if attempt.acked is not None:
                    acked = min(attempt.acked, acked or attempt.acked)
            found[key] = (sent, acked)
        return found
