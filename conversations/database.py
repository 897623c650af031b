"""The database: one ``DATABASE_URL`` for our tables and for the engine's.

On SQLite ours is ``x.db`` and the engine's ``x.engine.db``: a second writer on one file brings lock waits
(measured: acks of seconds). On PostgreSQL both share a database; the engine keeps to the schema ``dbos``.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import IO, Any

from alembic import command
from alembic.config import Config
from sqlalchemy import bindparam, event, text
from sqlalchemy import update as sa_update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from conversations.models import Base

MIGRATIONS = Path(__file__).parent / "migrations"
OUTAGE_SECONDS = 1.0
"""How long an answer is waited for during an outage, and how often it is asked for."""


class DatabaseBusy(Exception):
    """Another bot is running on this database file. Stop it first, or give this one a `DATABASE_URL` of its own."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class Database:
    """Sessions on our tables.

    Args:
        url: ``sqlite:///path.db`` or ``postgresql://user:password@host/name``.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._lock: IO[bytes] | None = None
        self._joined: ContextVar[AsyncSession | None] = ContextVar("session", default=None)
        self._engine = self._create_engine()
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    @property
    def engine_url(self) -> str:
        """Where the engine for turns keeps its tables."""
        if not self.is_sqlite:
            return self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        path = Path(self.url.database or "analyst.db")
        return URL.create("sqlite", database=str(path.with_suffix(f".engine{path.suffix}"))).render_as_string()

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return Path(self.url.database or "analyst.db")

    def _create_engine(self) -> AsyncEngine:
        if not self.is_sqlite:
            return create_async_engine(self.url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=10)
        engine = create_async_engine(
            self.url.set(drivername="sqlite+aiosqlite"),
            poolclass=AsyncAdaptedQueuePool,
            pool_size=1,  # one connection: writers queue here, fairly, and not in SQLite's busy handler
            max_overflow=0,
        )

        @event.listens_for(engine.sync_engine, "connect")
        def _pragmas(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        return engine

    async def open(self) -> None:
        """Take the file's lock (SQLite) and bring the tables up to date.

        Raises:
            DatabaseBusy: Another process holds the file.
        """
        if self.is_sqlite:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = await asyncio.to_thread(_lock_file, self.path.with_name(self.path.name + ".lock"))
        await asyncio.to_thread(self._migrate)

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        driver = "sqlite" if self.is_sqlite else "postgresql+psycopg"
        config.attributes["url"] = self.url.set(drivername=driver)
        command.upgrade(config, "head")

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A transaction: committed at the end of the block, rolled back on an exception.

        A block inside another one joins its transaction. Start no tasks inside: they would join it, too.
        """
        if (outer := self._joined.get()) is not None:
            yield outer
            return
        async with self._sessions() as session, session.begin():
            token = self._joined.set(session)
            try:
                yield session
            finally:
                self._joined.reset(token)

    async def back(self) -> None:
        """Wait until the database answers; an outage has no end to wait for, so it is asked."""
        while True:
            try:
                async with asyncio.timeout(OUTAGE_SECONDS), self.session() as session:
                    await session.execute(text("select 1"))
            except (DBAPIError, TimeoutError):
                await asyncio.sleep(OUTAGE_SECONDS)
            else:
                return

    async def upsert(
        self, session: AsyncSession, model: type[Base], values: dict[str, Any], *, update: Collection[str] = ()
    ) -> bool:
        """Insert a row; on a clash of the primary key set the columns of ``update``, or leave the old row alone.

        Returns:
            Whether a new row was inserted. Always False when ``update`` is given.
        """
        result: Any = await session.execute(self._insert(model, tuple(update)), values)
        return bool(result.rowcount) and not update

    @cache  # noqa: B019 - one database lives as long as the process; building a statement costs more than running it
    def _insert(self, model: type[Base], update: tuple[str, ...]) -> Any:
        table: Any = model.__table__
        statement: Any = sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)
        keys = [column.name for column in table.primary_key.columns]
        if not update:
            return statement.on_conflict_do_nothing(index_elements=keys)
        return statement.on_conflict_do_update(
            index_elements=keys, set_={name: statement.excluded[name] for name in update}
        )

    @staticmethod
    async def change(session: AsyncSession, model: type[Base], key: str, values: dict[str, Any]) -> None:
        """Set columns of the row with a primary key."""
        await session.execute(_update(model), values | {"_key": key})

    async def close(self) -> None:
        """Close connections and release the lock."""
        await self._engine.dispose()
        if self._lock:
            self._lock.close()


@cache
def _update(model: type[Base]) -> Any:
    table: Any = model.__table__
    (key,) = table.primary_key.columns
    return sa_update(table).where(key == bindparam("_key"))  # what is set comes with the parameters


def _lock_file(path: Path) -> IO[bytes]:
    handle = path.open("ab")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise DatabaseBusy from None
    return handle
