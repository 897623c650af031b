"""Why a database cannot be used, as one sentence that says what to do. No sentence has a password in it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from errors import CannotStart

PRIMARY = 0xFF
"""SQLite's extended result codes keep the primary one in the lowest byte. https://sqlite.org/rescode.html"""


class DatabaseUnusable(CannotStart):
    """The text says why, and what to do."""


_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_SQLITE: dict[int, str] = {
    sqlite3.SQLITE_FULL: "There is no room left on the disk of {place}. Make room, and start again.",
    sqlite3.SQLITE_IOERR: "The disk of {place} fails, or is full ({detail}). Look at its room and its state.",
    sqlite3.SQLITE_READONLY: "{place} cannot be written. Let the bot's user write the file and its folder.",
    sqlite3.SQLITE_PERM: "{place} cannot be written. Let the bot's user write the file and its folder.",
    sqlite3.SQLITE_CANTOPEN: "{place} cannot be opened. Look whether it exists, and let the bot's user write it.",
    sqlite3.SQLITE_BUSY: "{place} is in use by another program. End that, and start again.",
    sqlite3.SQLITE_LOCKED: "{place} is in use by another program. End that, and start again.",
}
_NOT_MADE = "{place} has no tables of this version of the bot. Start the bot once; it makes or updates them."
_POSTGRES: dict[str, str] = {
    "28": "{place} refuses the sign-in. Look at user and password in DATABASE_URL.",
    "3D": "{place} does not exist on this server. Make it (createdb), or correct DATABASE_URL.",
    "42501": "The user may not do that in {place} ({detail}). GRANT CREATE ON DATABASE and ON SCHEMA public to it.",
    "42": _NOT_MADE,
    "53": "{place} has no room or connections left ({detail}). Make some, and start again.",
}
"""By SQLSTATE, or its class. https://www.postgresql.org/docs/current/errcodes-appendix.html"""

UNREACHABLE = "{place} cannot be reached ({detail}). Look at DATABASE_URL, and whether the server runs."


def reason(error: Exception, place: str) -> str:
    """The sentence for an error of a database."""
    cause: Any = getattr(error, "orig", None) or error
    detail = " ".join(str(cause).split()) or type(cause).__name__
    known = _sqlite(cause, place) if isinstance(cause, sqlite3.Error) else _postgres(cause)
    return known.format(place=place, detail=detail)


def damaged(place: str) -> str:
    """The sentence for an SQLite file that cannot be read as one; the engine's is called ``x.engine.db``."""
    if ".engine" in Path(place).suffixes:
        what = "Move it away: open questions are taken up again from the file beside it."
    else:
        what = "Put a backup in its place, or move it away: the bot then begins anew."
    return f"{place} is damaged, or no SQLite database. {what}"


def _sqlite(cause: sqlite3.Error, place: str) -> str:
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & PRIMARY
    if code in _DAMAGED:
        return damaged(place).replace("{", "{{").replace("}", "}}")
    if str(cause).startswith("no such"):
        return _NOT_MADE
    return _SQLITE.get(code, "{place} cannot be used ({detail}). Look at DATABASE_URL.")


def _postgres(cause: Exception) -> str:
    state = getattr(cause, "sqlstate", None) or ""
    known = _POSTGRES.get(state) or _POSTGRES.get(state[:2])
    return known or UNREACHABLE


DATABASE_ERRORS = (SQLAlchemyError, sqlite3.Error, psycopg.Error)
"""What ``reason`` knows: SQLAlchemy's, and its drivers' own where they are used directly."""
