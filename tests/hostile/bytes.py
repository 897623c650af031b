"""Everything that the bot has written down, as bytes: files of SQLite as they lie on the disk, tables of PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import psycopg

TABLES = """
select format('select coalesce(json_agg(one)::text, %L) from %I.%I one', '', table_schema, table_name)
from information_schema.tables
where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
"""


def written(folder: Path, database_url: str) -> bytes:
    """All of it.

    Args:
        folder: Where the bot keeps files: the database, its log, the spool.
        database_url: PostgreSQL's, or SQLite's in the folder.
    """
    found = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    if database_url.startswith("postgresql"):
        with psycopg.connect(database_url, autocommit=True) as connection:
            tables = [row[0] for row in connection.execute(TABLES)]
            for table in tables:
                row = connection.execute(table).fetchone()
                found.append(str(row[0] if row else "").encode())
    return b"\n".join(found)


def words_in(data: bytes, words: Iterable[str]) -> list[str]:
    """The words that stand in some bytes, as UTF-8, in JSON, or as PostgreSQL's hexadecimal."""
    return [
        word
        for word in words
        if any(form in data for form in (word.encode(), json.dumps(word)[1:-1].encode(), word.encode().hex().encode()))
    ]
