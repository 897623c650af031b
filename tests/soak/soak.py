"""One soak from beginning to end: traffic and chaos, then quiet, then the proof."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.faults.bench import Bench
from tests.soak.chaos import Chaos
from tests.soak.checker import Finding, check
from tests.soak.plan import Size, draw
from tests.soak.replicas import Replicas
from tests.soak.report import Json, Ran, report
from tests.soak.traffic import Traffic

DELIVERED_AGAIN = 300
"""Old events that come once more at the end."""

SETTINGS = {"DRAIN_SECONDS": "3", "THREAD_QUEUE": "1000"}
"""Short, so that some turns are handed over; wide, so that none is refused."""


@dataclass(frozen=True)
class Soak:
    """How to soak.

    Attributes:
        size: The traffic.
        seed: Of traffic and chaos.
        decks: How many decks of troubles are dealt over the time.
        replicas: Processes of the bot.
        limit_factor: Slack's rate limits, times this. More than one question a second is more than one workspace
            allows: each reads its thread, and Slack allows 50 such reads a minute.
        patience: Seconds until everything must have come to rest, twice.
        closing_pause: Seconds between the last questions, one in each thread.
        forks: See ``World``.
    """

    size: Size
    seed: int
    decks: int
    replicas: int = 2
    limit_factor: float = 3.0
    patience: float = 600.0
    closing_pause: float = 0.4
    forks: bool = False

    async def run(self, folder: Path, database_url: str) -> tuple[Json, list[Finding]]:
        """Soak; the figures, and what is wrong.

        Args:
            folder: For what the bots write; ``bots.log`` is their log.
            database_url: An empty database; SQLite takes one replica.
        """
        bench = Bench(
            folder,
            ScriptedModel(),
            ScriptedInterpreter(),
            limits=True,
            limit_factor=self.limit_factor,
            retry_delays=(0.0, 5.0, 30.0),
            seed=self.seed,
        )
        share = {"SLACK_RATE_SHARE": f"{self.limit_factor / self.replicas:g}"}
        bench.database_url, bench.settings, bench.forks = database_url, SETTINGS | share, self.forks
        async with bench:
            replicas = Replicas(bench, folder / "bots.log", overlap=not database_url.startswith("sqlite"))
            try:
                return await self._on(bench, replicas)
            finally:
                await replicas.close()

    async def _on(self, bench: Bench, replicas: Replicas) -> tuple[Json, list[Finding]]:
        size = self.size
        traffic = Traffic(bench, draw(size, self.seed), size.people, size.channels)
        chaos = Chaos(bench, replicas, self.seed)
        await replicas.start(self.replicas)
        async with asyncio.TaskGroup() as group:
            group.create_task(traffic.run())
            group.create_task(chaos.run(size.seconds, self.decks))
        await self._come_to_rest(bench, replicas, traffic)
        evidence = traffic.evidence(replicas.exits)
        findings = check(evidence)
        ran = Ran(self.seed, size.seconds, size.questions, size.threads, self.replicas, self.limit_factor)
        done = chaos.counts + replicas.counts
        return report(ran, evidence, findings, bench.slack, bench.azure, replicas.lives, done), findings

    async def _come_to_rest(self, bench: Bench, replicas: Replicas, traffic: Traffic) -> None:
        """Nothing breaks any more; then old events once more, and one more question in each thread."""
        await bench.tidy()
        await replicas.all_up()
        bench.slack.faults.retry_now()
        if not await traffic.settled(self.patience):
            return
        old = [envelope.event_id for envelope in bench.slack.envelopes if envelope.event_id]
        for event_id in old[:: max(1, len(old) // DELIVERED_AGAIN)]:
            bench.slack.faults.redeliver(event_id)
        await traffic.close_each_thread(self.closing_pause)
        await traffic.settled(self.patience)
