"""The bot's rows, for tests that let time pass."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from conversations.database.database import Database


def tables(url: str) -> tuple[Engine, Engine]:
    """Our tables and the engine's."""
    database = Database(url)
    engines = []
    for one in (url, database.engine_url):
        parsed = make_url(one)
        engines.append(create_engine(parsed.set(drivername="sqlite" if database.is_sqlite else "postgresql+psycopg")))
    return engines[0], engines[1]


def pass_time(url: str, seconds: float) -> None:
    """Let every question have been accepted so much earlier."""
    ours, engines = tables(url)
    with ours.begin() as connection:
        connection.execute(text("update questions set accepted_at = accepted_at - :seconds"), {"seconds": seconds})
    ours.dispose()
    engines.dispose()


def forget_turn(url: str, ts: str) -> int:
    """Take a question's turn from the engine, as if the bot had died before it was handed over; how many there were."""
    ours, engines = tables(url)
    prefix = "" if engines.dialect.name == "sqlite" else "dbos."
    with engines.begin() as connection:
        gone = text(f"delete from {prefix}workflow_status where workflow_uuid like :turn")
        removed = connection.execute(gone, {"turn": f"%:{ts}"}).rowcount
    ours.dispose()
    engines.dispose()
    return removed
