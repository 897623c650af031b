"""Hands recorded questions to the engine, once the acks and first signs of all that comes in with them are out.

A question is safe when its row is on disk, so Slack's ack does not wait for the engine's own record. What a crash
leaves in between is handed over when the bot starts, and by other replicas within seconds.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection

from sqlalchemy.exc import DBAPIError

from conversations.engine.calm import Calm
from conversations.engine.engine import Engine
from conversations.store.questions import QuestionStore

log = logging.getLogger(__name__)

MESSAGES_SECONDS = 1.0
"""How long a question lets messages go first that come at the same time."""

SIGNS_SECONDS = 0.2
"""How long it lets the first signs of all these go first, until they have left this process."""

LOOK_SECONDS = 5.0
"""How often a replica looks for what others have left."""

SETTLE_SECONDS = 2.0
"""How long the bot's end waits for questions to be handed over."""

AGAIN_SECONDS = 1.0
"""How often a question is handed over again while the database refuses."""

LEFT_AFTER = 10.0
"""Seconds after which a recorded question should long have been handed over."""

LEFT_BEFORE = 3600.0
"""Seconds for which a replica looks back; what is older, the next start finds."""

NOT_BEGUN = frozenset({"waiting"})
OPEN = NOT_BEGUN | {"running"}
"""What the engine does not know of these was never handed over, or its file was moved away."""

AT_ONCE = frozenset({"stop"})
"""Words to the bot that do not wait for the turns before them."""


class Dispatcher:
    """Between the questions and the engine.

    Attributes:
        arriving: The context in which a message is on its way in.
        showing: ... and in which a first sign is on its way out.
    """

    def __init__(self, questions: QuestionStore, engine: Engine, *, has_replicas: bool) -> None:
        self._questions = questions
        self._engine = engine
        self._has_replicas = has_replicas
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._last: dict[str, asyncio.Task[None]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._messages, self._signs = Calm(MESSAGES_SECONDS), Calm(SIGNS_SECONDS)
        self.arriving, self.showing = self._messages.disturbed, self._signs.disturbed

    async def open(self) -> None:
        """Dispatch what was recorded before, and begin to look for what other replicas leave."""
        await self._enlist_left(0.0, time.time(), OPEN)
        if self._has_replicas:
            self._looking = asyncio.create_task(self._look())

    def dispatch(self, turn: str, conversation: str, command: str, *, refused: bool, is_alone: bool = False) -> None:
        """Make a recorded question a turn soon; one that is known is left alone.

        ``is_alone``: when it was recorded, no other question of its conversation was open.
        """
        if turn not in self._tasks:
            partition = turn if _overtakes(command, refused=refused) else conversation
            task = asyncio.create_task(self._hand_over(turn, partition, self._last.get(partition), is_alone))
            self._tasks[turn] = self._last[partition] = task
            task.add_done_callback(lambda ended: self._forget(turn, partition, ended))

    def _forget(self, turn: str, partition: str, ended: asyncio.Task[None]) -> None:
        del self._tasks[turn]
        if self._last[partition] is ended:
            del self._last[partition]

    async def is_open(self, turn: str) -> bool:
        """Whether a recorded question has no outcome yet."""
        is_open = turn in self._tasks or self._engine.is_open(turn)
        if is_open is None:
            question = await self._questions.get(turn)
            return question is not None and question.state != "done"
        return is_open

    async def before(self, partition: str) -> None:
        """Wait until the questions of a partition that are here now are handed over."""
        if last := self._last.get(partition):
            await asyncio.wait([last])

    async def settle(self) -> None:
        """Wait until all is handed over, but not for long; the rest is found at the next start."""
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=SETTLE_SECONDS)

    async def close(self) -> None:
        """End what is under way."""
        tasks = [*self._tasks.values(), *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _hand_over(self, turn: str, partition: str, earlier: asyncio.Task[None] | None, is_alone: bool) -> None:
        if earlier:
            await asyncio.wait([earlier])  # the engine's threads do not keep the order
        await self._messages.wait()
        await self._signs.wait()
        while True:
            try:
                if self._has_replicas and partition != turn and not is_alone:
                    await self._others_first(turn, partition)
                return await self._engine.accept(turn, partition)
            except DBAPIError as error:
                log.warning("A question waits for the database: %s", type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
            except Exception as error:
                log.warning("A question cannot become a turn before the next start: %s", type(error).__name__)
                return None

    async def _others_first(self, turn: str, conversation: str) -> None:
        """Hand over what another replica has acked before, and perhaps not handed over yet."""
        for question in await self._questions.open_in(conversation):
            if question.id == turn:
                return
            if not _overtakes(question.command, refused=bool(question.refused)):
                await self._engine.accept(question.id, conversation)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                now = time.time()
                await self._enlist_left(now - LEFT_BEFORE, now - LEFT_AFTER, NOT_BEGUN)
            except Exception as error:
                log.warning("What other replicas have left cannot be seen: %s", type(error).__name__)

    async def _enlist_left(self, since: float, before: float, states: Collection[str]) -> None:
        found = await self._questions.left(since, before, states)
        left = await self._engine.unknown_among([question.id for question in found]) if found else ()
        for question in found:
            if question.id in left:
                self.dispatch(question.id, question.conversation, question.command, refused=bool(question.refused))


def _overtakes(command: str, *, refused: bool) -> bool:
    """Whether a turn does not wait for those before it in its conversation."""
    return refused or command in AT_ONCE
