"""Leaves nothing of what was deleted in the bytes of an SQLite database.

``secure_delete`` (https://www.sqlite.org/pragma.html#pragma_secure_delete) zeroes what is deleted where it stood last.
Older copies stay in two places: in the write-ahead log until it is truncated, and, of a row that was moved within its
page, in the page's unallocated middle (measured: of 1 in 200 rows that grew and were deleted), which only ``VACUUM``
leaves out.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

log = logging.getLogger(__name__)

VACUUMED_AT_ONCE = 8 * 1024 * 1024
"""Bytes of a database that is rewritten at any time: writers wait 5 ms for each megabyte. Larger ones wait for the
night."""

PATIENCE_SECONDS = 10


@event.listens_for(Engine, "connect")
def _zero_what_is_deleted(connection: Any, _record: Any) -> None:
    """On every connection to SQLite of this process, the engine's included."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA secure_delete=ON").close()


def scrub(path: Path, *, whole: bool = False) -> None:
    """Rewrite a database without what was deleted, and truncate its log; a large one only with ``whole``."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete=ON")
            if whole or path.stat().st_size <= VACUUMED_AT_ONCE:
                connection.execute("VACUUM")
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        log.warning("What was deleted is left in the bytes of %s until the night: %s", path.name, error)
        return
    if busy:
        log.warning("What was deleted is left in the log of %s until the night: it is in use.", path.name)
