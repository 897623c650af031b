"""SQLite's files, which are for their owner only, and what differs between the SQLite libraries of Pythons.

From Python 3.12 on, DBOS writes times with ``unixepoch('subsec')``, which SQLite knows from 3.42 on; Debian 12 and the
official images that are built on it have 3.40. https://sqlite.org/lang_datefunc.html
"""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from conversations.database.unusable import DatabaseUnusable, damaged, reason

log = logging.getLogger(__name__)

OLDEST = (3, 37)
"""The oldest SQLite that the bot has been tried with."""

SUBSECONDS_SINCE = (3, 42)

BESIDE = ("", "-wal", "-shm", "-journal")
"""Ends of the names of a database's files; SQLite gives the others the mode of the first (``findCreateFileMode``)."""

OWNER_ONLY = 0o600
CHECKED_BYTES = 64 * 1024 * 1024
"""A larger file is only checked by ``doctor``: this one takes a tenth of a second."""


class DatabaseBusy(DatabaseUnusable):
    """Another bot is running on this database file. Stop it first, or give this one a `DATABASE_URL` of its own."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def check_library() -> None:
    """Look whether the SQLite library is new enough; raises ``DatabaseUnusable`` when it is not."""
    if sqlite3.sqlite_version_info < OLDEST:
        raise DatabaseUnusable(
            f"This Python has SQLite {sqlite3.sqlite_version}, and the bot needs {OLDEST[0]}.{OLDEST[1]} or newer: "
            "use another Python (uv's bring a new one), or PostgreSQL, with DATABASE_URL."
        )


def check_place(path: Path) -> None:
    """Look whether a database can be made or written there, without making anything; raises ``DatabaseUnusable``."""
    folder = path.absolute().parent
    if not folder.is_dir():
        raise DatabaseUnusable(f"The folder {folder} does not exist. Make it, or correct DATABASE_URL.")
    for place in (folder, *(file for file in _files(path) if file.exists())):
        right_kind = place == folder or place.is_file()
        # the superuser could write a read-only file all the same, but somebody did not want that
        if not (right_kind and os.access(place, os.R_OK | os.W_OK) and place.stat().st_mode & stat.S_IWUSR):
            raise DatabaseUnusable(
                f"{place} cannot be written. Let the bot's user write it (chmod u+w), or correct DATABASE_URL."
            )


def prepare(path: Path) -> None:
    """Make a database file before SQLite does, for its owner only; files that are there already are made so.

    Raises:
        DatabaseUnusable: It cannot be made, read or written.
    """
    check_place(path)
    try:
        if not path.exists():
            made = os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
            os.fchmod(made, OWNER_ONLY)  # a strange umask could take the owner's rights as well
            os.close(made)
        for file in _files(path):
            if file.exists():
                _tighten(file)
    except OSError as error:
        raise DatabaseUnusable(
            f"{path.absolute()} cannot be made ({error.strerror}). Look at the room on its disk, and at DATABASE_URL."
        ) from error


def is_open_to_others(path: Path) -> bool:
    """Whether others than its owner can read or write a database, or what SQLite keeps beside it."""
    return any(_mode(file) & ~0o700 for file in _files(path) if file.exists())


def _files(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in BESIDE]


def _mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def _tighten(file: Path) -> None:
    if (mode := _mode(file)) & ~OWNER_ONLY:
        try:
            file.chmod(mode & OWNER_ONLY)
        except PermissionError:
            log.warning("%s belongs to another user, and others may read it.", file.name)


def lock(path: Path) -> IO[bytes]:
    """Take the lock of a database, beside it; the lock goes with the process.

    Raises:
        DatabaseBusy: Another process holds it.
        DatabaseUnusable: It cannot be made.
    """
    place = path.with_name(path.name + ".lock")
    prepare(place)
    handle = place.open("ab")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise DatabaseBusy from None
    return handle


def check(path: Path, most: float = CHECKED_BYTES) -> None:
    """Look through a database file of up to ``most`` bytes; raises ``DatabaseUnusable`` when it is damaged."""
    if path.stat().st_size > most:
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            ((found,),) = connection.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        raise DatabaseUnusable(reason(error, str(path.absolute()))) from error
    if found != "ok":
        raise DatabaseUnusable(damaged(str(path.absolute())))


class EngineConnection(sqlite3.Connection):
    """A connection to the engine's file, on which ``unixepoch('subsec')`` works whatever the library's version.

    A file that one Python has made is opened by another, so this does not depend on Python's version.

    A commit does not wait for the disk: it survives the process, and of what the machine's end takes, our own tables
    know more. A turn that they know and the engine does not is handed over again; one that they have closed does
    nothing when it is resumed.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.execute("PRAGMA synchronous=NORMAL")
        if sqlite3.sqlite_version_info < SUBSECONDS_SINCE:
            self.execute("PRAGMA trusted_schema=ON")  # the function stands in the tables' defaults
            self.create_function("unixepoch", 1, _unixepoch)


def use_wal(path: str) -> None:
    """WAL is a property of the file; DBOS does not set it, and without it readers and writers wait for each other."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def _unixepoch(modifier: str) -> float:
    """Epoch seconds, to the millisecond, as SQLite counts them."""
    if modifier != "subsec":
        raise ValueError(modifier)
    return time.time_ns() // 1_000_000 / 1000
