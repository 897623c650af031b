"""Several replicas on one PostgreSQL: each holds a sign of life, hears stops, and takes over what dead ones left.

DBOS itself resumes only the turns of its own executor id (docs/reliability.md).
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from sqlalchemy.engine import URL

from conversations.database.database import CONNECTION

log = logging.getLogger(__name__)

WATCH_SECONDS = 1.0

GRACE = 3
"""A replica is dead when its lock was free this many looks in a row."""

STOP_CHANNEL = "analyst_stop"
LIVENESS_LOCKS = 7_401_338
"""Class of the PostgreSQL advisory locks that living replicas hold, keyed by their executor id."""


class Replicas:
    """This replica and the others.

    Args:
        url: Of the database; the connection must go straight to PostgreSQL, or its lock is not the session's.
        executor: This replica's executor id.
        heard: Told the turn that another replica wants stopped.
        returned: Called when the connection stands (again): what was said meanwhile has been missed.
        resume: Puts turns of a dead replica, whose executor id it is told, back into the queue.
    """

    def __init__(
        self,
        url: URL,
        executor: str,
        heard: Callable[[str], None],
        returned: Callable[[], Awaitable[None]],
        resume: Callable[[str, Sequence[str]], Awaitable[None]],
    ) -> None:
        self._url = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._executor = executor
        self._heard = heard
        self._returned = returned
        self._resume = resume
        self._missed: dict[str, int] = {}
        self._watch: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect, and begin to watch."""
        self._watch = asyncio.create_task(self._watch_for_ever(await self._connect()))

    async def close(self) -> None:
        """Let go of the sign of life."""
        if self._watch:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch

    async def tell_stop(self, turn_id: str) -> None:
        """Tell all replicas that a turn is to be stopped."""
        async with await self._connect() as connection:
            await connection.execute("select pg_notify(%s, %s)", (STOP_CHANNEL, turn_id))

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(self._url, autocommit=True, **CONNECTION)

    async def _watch_for_ever(self, connection: psycopg.AsyncConnection[Any]) -> None:
        while True:
            try:
                async with connection:
                    await self._watch_on(connection)
            except Exception as error:
                log.warning("Lost the database connection that watches replicas: %s", type(error).__name__)
            connection = await self._reconnect()

    async def _watch_on(self, connection: psycopg.AsyncConnection[Any]) -> None:
        await connection.execute("select pg_advisory_lock(%s, %s)", _lock_key(self._executor))
        await connection.execute(f"listen {STOP_CHANNEL}")
        await self._returned()
        while True:
            async for notice in connection.notifies(timeout=WATCH_SECONDS):
                self._heard(notice.payload)
            await self._take_over(connection)

    async def _reconnect(self) -> psycopg.AsyncConnection[Any]:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            with suppress(psycopg.Error):
                return await self._connect()

    async def _take_over(self, connection: psycopg.AsyncConnection[Any]) -> None:
        rows = await connection.execute(
            "select executor_id, array_agg(workflow_uuid) from dbos.workflow_status "
            "where status = 'PENDING' and name = 'turn' and executor_id <> %s group by executor_id",
            (self._executor,),
        )
        found: dict[str, list[str]] = dict(await rows.fetchall())
        self._missed = {executor: self._missed.get(executor, 0) for executor in found}
        for executor, turns in found.items():
            key = _lock_key(executor)
            if not await _scalar(connection, "select pg_try_advisory_lock(%s, %s)", key):
                self._missed[executor] = 0
                continue
            try:
                self._missed[executor] += 1
                if self._missed[executor] > GRACE:
                    log.warning("Taking over %d turns of a replica that has gone.", len(turns))
                    await self._resume(executor, turns)
            finally:
                await connection.execute("select pg_advisory_unlock(%s, %s)", key)


def _lock_key(executor: str) -> tuple[int, int]:
    return LIVENESS_LOCKS, zlib.crc32(executor.encode()) - 2**31


async def _scalar(connection: psycopg.AsyncConnection[Any], query: str, args: tuple[int, int]) -> Any:
    row = await (await connection.execute(query, args)).fetchone()
    return row[0] if row else None
