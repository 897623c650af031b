"""Copies SQLite's files while a bot writes them.

The engine's file is copied before ours. Questions that are accepted in between are in ours alone, and are given to the
engine at the next start; what ends in between has its outcome in ours, which is looked at before anything is done.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from conversations.database import sqlite as files
from conversations.database.database import Database, engine_path, place
from conversations.database.unusable import DATABASE_ERRORS, DatabaseUnusable, reason

FOLDER_MODE = 0o700


def back_up(url: str, folder: Path) -> Sequence[Path]:
    """Copy a database into an empty folder, which is made for its owner only; returns the copies.

    Raises:
        DatabaseUnusable: It is no SQLite database, cannot be read, or the folder has something in it.
    """
    database = Database(url)
    if not database.is_sqlite:
        raise DatabaseUnusable(f"{place(database.url)} is a server's: pg_dump copies it while the bot runs.")
    if not database.path.is_file():
        raise DatabaseUnusable(f"There is no database at {place(database.url)}. Look at DATABASE_URL.")
    try:
        folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise DatabaseUnusable(f"{folder} is not empty. Name a new folder.")
        return [_copy(source, folder / source.name) for source in (engine_path(database.path), database.path)]
    except DATABASE_ERRORS as error:
        raise DatabaseUnusable(reason(error, str(folder))) from error
    except OSError as error:
        raise DatabaseUnusable(f"{folder} cannot be written ({error.strerror}). Name a new folder.") from error


def _copy(source: Path, target: Path) -> Path:
    files.prepare(target)
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
    return target
