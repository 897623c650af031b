"""Looks at a database without touching it: no lock, no table, no migration. For ``bot.py doctor``."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from conversations.database import sqlite as files
from conversations.database.database import engine_path, known_revisions, newer, parse, place, revision_of
from conversations.database.unusable import DATABASE_ERRORS, DatabaseUnusable, reason

T = TypeVar("T")

CONNECT_SECONDS = 10


@dataclass(frozen=True)
class DatabaseState:
    """What is there.

    ``revision`` is of the last migration that was applied, or None when the tables are not made yet; ``files`` are
    SQLite's.
    """

    place: str
    revision: str | None
    newest: str
    files: Sequence[Path] = ()


async def inspect_database(url: str) -> DatabaseState:
    """Look at a database.

    Raises:
        DatabaseUnusable: It cannot be reached or written, or a newer version of the bot has changed its tables.
    """
    return await asyncio.to_thread(_inspect, parse(url))


def _inspect(url: URL) -> DatabaseState:
    path = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    try:
        revision = _sqlite(path) if path else _revision(url, {"connect_timeout": CONNECT_SECONDS})
    except DATABASE_ERRORS as error:
        raise DatabaseUnusable(reason(error, place(url))) from error
    if revision is not None and revision not in known_revisions():
        raise DatabaseUnusable(newer(revision))
    return DatabaseState(place(url), revision, known_revisions()[-1], (path, engine_path(path)) if path else ())


def _sqlite(path: Path) -> str | None:
    files.check_library()
    for file in (path, engine_path(path)):
        files.check_place(file)
        if file.exists():
            files.check(file, math.inf)
    return _revision(URL.create("sqlite", database=str(path)), {}) if path.exists() else None


def opened(url: URL, mode: Literal["ro", "rw"]) -> URL:
    """The URL of a database for SQLAlchemy; an SQLite file is opened to read or to write it, and never made."""
    if url.get_backend_name() != "sqlite":
        return url.set(drivername="postgresql+psycopg")
    path = Path(url.database or "").resolve()
    return URL.create("sqlite", database=path.as_uri(), query={"mode": mode, "uri": "true"})


def _revision(url: URL, options: dict[str, int]) -> str | None:
    engine = create_engine(opened(url, "ro"), connect_args=options)
    try:
        with engine.connect() as connection:
            revision = revision_of(connection) or None
            if connection.dialect.name == "postgresql":
                _check_rights(connection, revision)
            return revision
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


def transact(url: str, work: Callable[[Session], T], *, is_writing: bool = False) -> T:
    """Carry out a transaction, which writes when ``is_writing``, on a database that a bot may be using; blocks.

    Raises:
        DatabaseUnusable: The database cannot be used so, or has no tables yet.
    """
    parsed = parse(url)
    timeout = {"connect_timeout": CONNECT_SECONDS} if parsed.get_backend_name() != "sqlite" else {}
    engine = create_engine(opened(parsed, "rw" if is_writing else "ro"), connect_args=timeout)
    try:
        with Session(engine) as session, session.begin():
            return work(session)
    except DATABASE_ERRORS as error:
        raise DatabaseUnusable(reason(error, place(parsed))) from error
    finally:
        engine.dispose()
