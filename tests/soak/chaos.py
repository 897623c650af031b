"""What breaks, drawn from a seed: a shuffled deck of troubles, dealt evenly over the time, then shuffled again."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import nullcontext
from typing import Any

from tests.faults.bench import Bench
from tests.soak.replicas import Replicas
from tests.support.trouble import ASIDE_METHODS, AZURE_TROUBLE, OTHER_METHODS, SLACK_TROUBLE, STREAM_METHODS

METHODS = [*OTHER_METHODS, *STREAM_METHODS, *ASIDE_METHODS]

STEADY = 0.75
"""After this part of several decks replicas live on, so that their memory can be seen to grow or not."""

RECENT = 40
"""Envelopes among which one is chosen to be delivered again."""

Card = Callable[[], Coroutine[Any, Any, None]]


class Chaos:
    """Breaks things.

    Args:
        bench: The local Slack and Azure.
        replicas: The bots.
        seed: Of the choices.
    """

    def __init__(self, bench: Bench, replicas: Replicas, seed: int) -> None:
        self._bench = bench
        self._faults = bench.slack.faults
        self._replicas = replicas
        self._random = random.Random(seed)
        self.counts: Counter[str] = Counter()
        often: list[Card] = [self._slack_trouble] * 6 + [self._azure_trouble] * 5 + [self._limits] * 2
        rarely: list[Card] = [
            self._kill,
            self._kill,
            self._kill_all,
            self._restart,
            self._refresh,
            self._warning,
            self._cut_sockets,
            self._refuse_upgrades,
            self._duplicates,
            self._duplicates,
            self._lost_acks,
            self._redelivery,
            self._redelivery,
            self._other_order,
            self._slow,
        ]
        self._deck = [*often, *rarely]
        self._of_replicas = [self._kill, self._kill_all, self._restart]
        self._replicas_turn = asyncio.Lock()

    @property
    def deck_size(self) -> int:
        """How many troubles a deck has."""
        return len(self._deck)

    async def run(self, seconds: float, decks: int) -> None:
        """Deal whole decks evenly over some seconds; takes longer where replicas take longer to come up again."""
        begun, pause = asyncio.get_running_loop().time(), seconds / (decks * len(self._deck))
        async with asyncio.TaskGroup() as group:
            for number, card in enumerate(self._dealt(decks)):
                due = begun + (number + self._random.random()) * pause
                await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
                group.create_task(self._play(card))

    def _dealt(self, decks: int) -> Iterator[Card]:
        for number in range(decks):
            lets_live = decks > 1 and number >= STEADY * decks
            cards = [card for card in self._deck if not (lets_live and card in self._of_replicas)]
            self._random.shuffle(cards)
            yield from cards

    async def _play(self, card: Card) -> None:
        """Replicas are killed and ended one after the other; the rest goes on meanwhile."""
        self.counts[card.__name__.strip("_")] += 1
        async with self._replicas_turn if card in self._of_replicas else nullcontext():
            await card()

    async def _kill(self) -> None:
        life = self._random.choice(await self._replicas.all_up())
        await self._replicas.kill(life, self._random.uniform(0.1, 1.0))

    async def _kill_all(self) -> None:
        lives = await self._replicas.all_up()
        await asyncio.gather(*(self._replicas.kill(life, self._random.uniform(0.1, 1.0)) for life in lives))

    async def _restart(self) -> None:
        await self._replicas.restart(self._random.choice(await self._replicas.all_up()))

    async def _refresh(self) -> None:
        self._faults.disconnect()

    async def _warning(self) -> None:
        self._faults.disconnect("warning")

    async def _cut_sockets(self) -> None:
        self._faults.kill_sockets()

    async def _refuse_upgrades(self) -> None:
        self._faults.refuse_upgrades(1)
        self._faults.kill_sockets()

    async def _duplicates(self) -> None:
        self._faults.duplicate(self._random.randint(1, 4))

    async def _lost_acks(self) -> None:
        self._faults.drop_acks(self._random.randint(1, 3))

    async def _redelivery(self) -> None:
        """Old events once more, to whichever replica it happens to be."""
        recent = list(self._bench.slack.envelopes)[-RECENT:]
        for envelope in self._random.sample(recent, min(5, len(recent))):
            if envelope.event_id:
                self._faults.redeliver(envelope.event_id)

    async def _other_order(self) -> None:
        self._faults.reorder(2)

    async def _slow(self) -> None:
        method = self._random.choice(METHODS)
        self._faults.delay(method, self._random.uniform(0.5, 3.0), when=self._random.choice(("before", "after")))

    async def _limits(self) -> None:
        """Of what each answer calls, so that they are met for certain."""
        method = self._random.choice(STREAM_METHODS)
        self._faults.rate_limit(method, self._random.randint(1, 3), retry_after=self._random.randint(1, 5))

    async def _slack_trouble(self) -> None:
        trouble = self._random.choice(SLACK_TROUBLE)
        trouble(self._faults, self._random.choice(METHODS))

    async def _azure_trouble(self) -> None:
        self._bench.azure.faults.add(**AZURE_TROUBLE[self._random.choice(list(AZURE_TROUBLE))])
