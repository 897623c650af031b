"""Looks at a database without touching it: no lock, no table, no migration. For ``bot.py doctor``."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from conversations.database import MIGRATIONS
from conversations.unusable import DatabaseUnusable

CONNECT_SECONDS = 10


@dataclass(frozen=True)
class DatabaseState:
    """What is there. ``revision``: of the last migration that was applied; None when the tables are not made yet."""

    place: str
    revision: str | None
    newest: str


async def inspect_database(url: str) -> DatabaseState:
    """Look at a database.

    Args:
        url: As for ``Database``.

    Raises:
        DatabaseUnusable: It cannot be reached or written, or a newer version of the bot has changed its tables.
    """
    return await asyncio.to_thread(_inspect, make_url(url))


def _inspect(url: URL) -> DatabaseState:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    sqlite = url.get_backend_name() == "sqlite"
    revision = _sqlite(Path(url.database or "analyst.db")) if sqlite else _postgres(url)
    if revision is not None and revision not in {known.revision for known in script.walk_revisions()}:
        raise DatabaseUnusable(f"its tables have version {revision}, which only a newer version of this bot knows")
    place = str(Path(url.database or "analyst.db").resolve()) if sqlite else f"{url.host}/{url.database}"
    return DatabaseState(place, revision, script.get_current_head() or "")


def _sqlite(path: Path) -> str | None:
    existing = path if path.exists() else next(folder for folder in path.absolute().parents if folder.exists())
    if not os.access(existing, os.R_OK | os.W_OK):
        raise DatabaseUnusable(f"{existing} cannot be written")
    if not path.exists():
        return None
    return _revision(read_only(URL.create("sqlite", database=str(path))), {})


def _postgres(url: URL) -> str | None:
    return _revision(read_only(url), {"connect_timeout": CONNECT_SECONDS})


def read_only(url: URL) -> URL:
    """The URL of a database for SQLAlchemy; an SQLite file is opened without the right to write, or to be made."""
    if url.get_backend_name() != "sqlite":
        return url.set(drivername="postgresql+psycopg")
    path = Path(url.database or "analyst.db").resolve()
    return URL.create("sqlite", database=f"file:{path}", query={"mode": "ro", "uri": "true"})


def _revision(url: URL, options: dict[str, int]) -> str | None:
    engine = create_engine(url, connect_args=options)
    try:
        with engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
            if connection.dialect.name == "postgresql":
                _check_rights(connection, revision)
            return revision
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error)
        raise DatabaseUnusable(" ".join(reason.split())) from error
    finally:
        engine.dispose()


def _check_rights(connection: Connection, revision: str | None) -> None:
    """What is not made yet must be allowed: our tables, and the engine's schema."""
    engine_made = connection.scalar(text("select exists(select from pg_namespace where nspname = 'dbos')"))
    if revision is None and not connection.scalar(text("select has_schema_privilege(current_schema(), 'CREATE')")):
        raise DatabaseUnusable("the user may not create tables in it: GRANT CREATE ON SCHEMA public TO …")
    right = text("select has_database_privilege(current_database(), 'CREATE')")
    if not engine_made and not connection.scalar(right):
        raise DatabaseUnusable("the user may not create schemas in it: GRANT CREATE ON DATABASE … TO …")
