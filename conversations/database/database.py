"""The database: one ``DATABASE_URL`` for our tables and for the engine's.

On SQLite ours is ``x.db`` and the engine's ``x.engine.db``: a second writer on one file brings lock waits
(measured: acks of seconds). On PostgreSQL both share a database; the engine keeps to the schema ``dbos``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar

from sqlalchemy import Connection, Executable, NullPool, StaticPool, bindparam, create_engine, event, inspect, text
from sqlalchemy import update as sa_update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from conversations.database import sqlite as files
from conversations.database.columns import to_json
from conversations.database.models import Base
from conversations.database.transactions import GroupCommit, ThreadPool
from conversations.database.unusable import DATABASE_ERRORS, DatabaseUnusable, reason

T = TypeVar("T")

MIGRATIONS = Path(__file__).parent / "migrations"
CONNECTIONS = 8
"""To a database server."""

CONNECTION: dict[str, Any] = {"connect_timeout": 5, "keepalives_idle": 10, "tcp_user_timeout": 10_000}
"""A server that is gone without a word is noticed within seconds; by default it takes hours."""

OUTAGE_SECONDS = 1.0
"""How long an answer is waited for during an outage, and how often it is asked for."""


class Database:
    """Transactions on our tables.

    Args:
        url: ``sqlite:///path.db`` or ``postgresql://user:password@host/name``.

    Raises:
        DatabaseUnusable: The URL cannot be read.
    """

    def __init__(self, url: str) -> None:
        self.url = parse(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._lock: IO[bytes] | None = None
        self._engine = self._create_engine()
        self._transactions = GroupCommit(self._engine) if self.is_sqlite else ThreadPool(self._engine, CONNECTIONS)

    @property
    def engine_url(self) -> str:
        """Where the engine for turns keeps its tables."""
        if not self.is_sqlite:
            return self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return URL.create("sqlite", database=str(engine_path(self.path))).render_as_string()

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return Path(self.url.database or "")

    def _create_engine(self) -> Engine:
        options: dict[str, Any] = {"hide_parameters": True, "json_serializer": to_json}
        if not self.is_sqlite:
            url = self.url.set(drivername="postgresql+psycopg")
            return create_engine(url, poolclass=NullPool, connect_args=CONNECTION, **options)
        engine = create_engine(self.url, poolclass=StaticPool, connect_args={"check_same_thread": False}, **options)

        @event.listens_for(engine, "connect")
        def _pragmas(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        return engine

    async def open(self) -> None:
        """Take the lock of the files (SQLite), look through them, and bring our tables up to date.

        Raises:
            DatabaseUnusable: It cannot be used, or another process holds it.
        """
        try:
            if self.is_sqlite:
                files.check_library()
                self._lock = await asyncio.to_thread(files.lock, self.path)
                await asyncio.to_thread(self._prepare_files)
            await asyncio.to_thread(self._migrate)
        except DATABASE_ERRORS as error:
            raise DatabaseUnusable(reason(error, place(self.url))) from error

    def _prepare_files(self) -> None:
        for path in (self.path, engine_path(self.path)):
            files.prepare(path)
            files.check(path)

    def _migrate(self) -> None:
        found, known = self._revision(), known_revisions()
        if found == known[-1]:
            return
        if found and found not in known:
            raise DatabaseUnusable(newer(found))
        from alembic import command  # costs a tenth of the start, and is needed once per version
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        driver = "sqlite" if self.is_sqlite else "postgresql+psycopg"
        config.attributes["url"] = self.url.set(drivername=driver)
        command.upgrade(config, "head")

    def _revision(self) -> str:
        with self._engine.connect() as connection:
            return revision_of(connection)

    async def run(self, work: Callable[[Session], T], *, urgent: bool = False) -> T:
        """Carry out a transaction: durable when this returns, without a trace when it raises.

        Args:
            work: Reads and writes, and does nothing else: it runs in a thread, and perhaps twice.
            urgent: Slack waits for it; it goes before what only answers wait for.
        """
        return await self._transactions.run(work, urgent=urgent)

    async def scalars(self, query: Executable) -> Sequence[Any]:
        """The first column of each row (or the entity) that a query finds."""
        return await self.run(lambda session: session.scalars(query).all())

    async def execute(self, statement: Executable) -> None:
        """Carry out one writing statement, as a transaction."""
        await self.run(lambda session: session.execute(statement) and None)

    async def back(self) -> None:
        """Wait until the database answers; an outage has no end to wait for, so it is asked."""
        while True:
            try:
                async with asyncio.timeout(OUTAGE_SECONDS):
                    await self.scalars(text("select 1"))
            except (DBAPIError, TimeoutError):
                await asyncio.sleep(OUTAGE_SECONDS)
            else:
                return

    def upsert(
        self, session: Session, model: type[Base], values: dict[str, Any], *, update: Collection[str] = ()
    ) -> bool:
        """Insert a row; on a clash of its key set the columns of ``update``. Without any: whether it is new."""
        made = session.connection().execute(self._insert(model, tuple(update)), values)  # without the ORM's overhead
        return not update and made.first() is not None

    @cache  # noqa: B019 - one database lives as long as the process; building a statement costs more than running it
    def _insert(self, model: type[Base], update: tuple[str, ...]) -> Any:
        table: Any = model.__table__
        statement: Any = sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)
        keys = [column.name for column in table.primary_key.columns]
        if not update:
            made = table.c[keys[0]]  # PostgreSQL's driver does not count what an insert has inserted
            return statement.on_conflict_do_nothing(index_elements=keys).returning(made)
        return statement.on_conflict_do_update(
            index_elements=keys, set_={name: statement.excluded[name] for name in update}
        )

    @staticmethod
    def change(session: Session, model: type[Base], key: str, values: dict[str, Any]) -> None:
        """Set columns of the row with a primary key."""
        session.connection().execute(_update(model), values | {"_key": key})

    async def close(self) -> None:
        """Close connections and release the lock."""
        await self._transactions.close()
        self._engine.dispose()
        if self._lock:
            self._lock.close()


@cache
def _update(model: type[Base]) -> Any:
    table: Any = model.__table__
    (key,) = table.primary_key.columns
    return sa_update(table).where(key == bindparam("_key"))  # what is set comes with the parameters


def parse(url: str) -> URL:
    """A ``DATABASE_URL``, read. Raises ``DatabaseUnusable``."""
    try:
        return make_url(url)
    except (ArgumentError, ValueError):  # its text has the password
        raise DatabaseUnusable(
            "DATABASE_URL cannot be read; write postgresql://user:password@host:port/name."
        ) from None


def place(url: URL) -> str:
    """Where a database is: a path, or host and name."""
    if url.get_backend_name() == "sqlite":
        return str(Path(url.database or "").absolute())
    return f"{url.host}/{url.database}"


def engine_path(path: Path) -> Path:
    """The engine's file beside ours."""
    return path.with_suffix(f".engine{path.suffix}")


def newer(revision: str) -> str:
    """What to do about tables of a later version."""
    return (
        f"The tables have version {revision}, which only a newer version of this bot knows; this one knows "
        f"{known_revisions()[-1]}. Start the newer one, or put a backup of before the update in its place."
    )


def revision_of(connection: Connection) -> str:
    """Which version the tables have, or "" when there are none yet. Without Alembic, whose import takes long."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("select version_num from alembic_version")) or ""


def known_revisions() -> Sequence[str]:
    """The numbers of the migrations, the newest last: the files are called ``m0001_…``."""
    return sorted(path.name[1:5] for path in (MIGRATIONS / "versions").glob("m*.py"))
