"""Durable work that is no question: file cards, posting code, removing a deleted file. Each kind brings its own body.

A chore is on disk when ``accept`` returns and is done once, by the same engine as turns; its failure is logged and
never shown, because nobody has asked for an answer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.orm import Session

from conversations.database.database import Database
from conversations.database.models import Chore
from conversations.engine.dbos import Engine
from conversations.engine.dispatcher import Enlisting
from conversations.engine.gate import Gate
from conversations.engine.suspects import SUSPECT
from errors import AnalystError

log = logging.getLogger(__name__)

Work = Callable[[Chore], Awaitable[None]]


class Chores:
    """Accepts chores and does them."""

    def __init__(self, database: Database, engine: Engine, enlisting: Enlisting, gate: Gate) -> None:
        self._database = database
        self._engine = engine
        self._enlisting = enlisting
        self._gate = gate
        self._kinds: dict[str, Work] = {}
        self._at_once: set[str] = set()

    def on(self, kind: str, work: Work, *, at_once: bool = False) -> None:
        """Let ``work`` do the chores of a kind; ``at_once``: not even a suspect that has to be alone is waited for."""
        self._kinds[kind] = work
        if at_once:
            self._at_once.add(kind)

    def has(self, turn: str) -> bool:
        """Whether an id of the engine's is a chore's."""
        return _kind(turn) in self._kinds

    def is_at_once(self, turn: str) -> bool:
        """Whether it is a chore that waits for nothing: somebody may want to stop what it would wait for."""
        return _kind(turn) in self._at_once

    async def accept(
        self,
        kind: str,
        key: str,
        partition: str,
        *,
        channel: str,
        user: str = "",
        ts: str = "",
        about: str = "",
        arguments: dict[str, Any] | None = None,
    ) -> None:
        """Take a chore: on disk when this returns, a known one is left alone.

        Args:
            kind: Which.
            key: ``{team}:{channel}:{ts}``, as of questions, so that chores and turns of a partition keep their order.
            partition: Chores and turns of one partition are done one after the other.
            channel: Where it is about.
            user: Whose it is.
            ts: Of which message, when it is about one.
            about: Tells several chores of one key apart.
            arguments: What it needs, as JSON.
        """
        row: dict[str, Any] = {"id": f"{key}:{kind}:{about}".rstrip(":"), "channel": channel, "user": user, "ts": ts}
        row |= {"arguments": arguments or {}, "created_at": time.time()}
        await self._database.run(lambda session: self._database.upsert(session, Chore, row))
        await self._enlisting.before(partition)
        await self._engine.accept(row["id"], partition)

    async def get(self, chore: str) -> Chore | None:
        """A chore's row."""
        return await self._database.run(lambda session: session.get(Chore, chore))

    async def blank(self, chore: str) -> None:
        """Keep no longer what a chore needed: it is done."""
        await self._database.run(lambda session: self._database.change(session, Chore, chore, {"arguments": {}}))

    async def run(self, chore_id: str) -> None:
        """Do a chore; a repetition after a crash does it again, so its work must be idempotent."""
        is_tried = self._gate.is_tried(chore_id)
        chore = await self._begin(chore_id, is_tried=is_tried)
        if chore and chore.deaths >= SUSPECT and not is_tried:
            await self._gate.enter(chore_id, chore.deaths)
            chore = await self._begin(chore_id, is_tried=True)
        if chore is None:
            return
        try:
            await self._do(chore)
        except AnalystError as error:
            log.info("A chore ended in %s: %s", type(error).__name__, error.detail)
        except Exception:
            log.exception("A chore broke")
        await self._set(chore_id, process="", deaths=chore.deaths if chore.set_aside else 0)

    async def _do(self, chore: Chore) -> None:
        if chore.set_aside:
            log.warning("Chore %s is not done: it is set aside.", chore.id)
        else:
            await self._kinds[_kind(chore.id)](chore)

    async def _begin(self, chore_id: str, *, is_tried: bool = False) -> Chore | None:
        """Read a chore's row, and note that it is open here; a suspect's only when it is being tried."""

        def begin(session: Session) -> Chore | None:
            chore = session.get(Chore, chore_id)
            if chore and (chore.deaths < SUSPECT or is_tried):
                self._database.change(session, Chore, chore_id, {"process": self._engine.process})
            return chore

        return await self._database.run(begin)

    async def _set(self, chore_id: str, **values: Any) -> None:
        await self._database.run(lambda session: self._database.change(session, Chore, chore_id, values))


def _kind(chore: str) -> str:
    """``{team}:{channel}:{ts}:{kind}…``; the ids of turns end with the ts."""
    return chore.split(":")[3] if chore.count(":") > 2 else ""  # noqa: PLR2004 - the colons of a turn's id
