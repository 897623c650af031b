"""What differs between the SQLite libraries that Pythons come with.

From Python 3.12 on, DBOS writes times with ``unixepoch('subsec')``, which SQLite knows from 3.42 on; Debian 12 and the
official images that are built on it have 3.40. https://sqlite.org/lang_datefunc.html
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from conversations.unusable import DatabaseUnusable

OLDEST = (3, 37)
"""The oldest SQLite that the bot has been tried with."""

SUBSECONDS_SINCE = (3, 42)


def check_library() -> None:
    """Look whether the SQLite library is new enough.

    Raises:
        DatabaseUnusable: It is not.
    """
    if sqlite3.sqlite_version_info < OLDEST:
        raise DatabaseUnusable(
            f"This Python has SQLite {sqlite3.sqlite_version}, and the bot needs {OLDEST[0]}.{OLDEST[1]} or newer: "
            "use another Python (uv's bring a new one), or PostgreSQL, with DATABASE_URL."
        )


class EngineConnection(sqlite3.Connection):
    """A connection to the engine's file, on which ``unixepoch('subsec')`` works whatever the library's version.

    A file that one Python has made is opened by another, so this does not depend on Python's version.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if sqlite3.sqlite_version_info < SUBSECONDS_SINCE:
            self.execute("PRAGMA trusted_schema=ON")  # the function stands in the tables' defaults
            self.create_function("unixepoch", 1, _unixepoch)


def _unixepoch(modifier: str) -> float:
    """Epoch seconds, to the millisecond, as SQLite counts them."""
    if modifier != "subsec":
        raise ValueError(modifier)
    return time.time_ns() // 1_000_000 / 1000
