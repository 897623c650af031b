"""The database's steps: each release's tables become the next one's, with what stands in them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from conversations.database.database import MIGRATIONS, known_revisions
from conversations.database.models import Base
from tests.support.postgres import NoPostgres, fresh_database, postgres_server


def config(url: str) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["url"] = url
    return made


def differences(url: str) -> list[object]:
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_ours})
        found = list(compare_metadata(context, Base.metadata))
    engine.dispose()
    return found


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name in Base.metadata.tables


def test_the_newest_revision_is_known_without_alembic() -> None:
    assert known_revisions()[-1] == ScriptDirectory.from_config(config("sqlite://")).get_current_head()


def test_the_first_releases_rows_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    url = f"sqlite:///{path}"
    command.upgrade(config(url), "0001")
    with closing(sqlite3.connect(path)) as connection, connection:
        names = [row[1] for row in connection.execute("pragma table_info(questions)")]
        values = ["'q1'" if name == "id" else "''" for name in names]
        connection.execute(f"insert into questions values ({', '.join(values)})")
        connection.execute("insert into posts values ('q1', 'answer', '1.2', 'posted')")
        connection.execute(
            "insert into conversation_files values ('c', 'F1', 'v', 'a.csv', 'U1', 1.0, '', 0, 'file-1', 'a.csv', 3)"
        )
    command.upgrade(config(url), "head")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select id, via from questions").fetchall() == [("q1", "")]
        assert connection.execute("select turn, part, ref, state from posts").fetchall() == [
            ("q1", "answer", "1.2", "posted")
        ]
        assert connection.execute("select slack_file, azure_file, stale from conversation_files").fetchall() == [
            ("F1", "file-1", 0)
        ]
    assert differences(url) == []


def test_postgres_has_the_same_tables() -> None:
    try:
        with postgres_server() as server, fresh_database(server) as database:
            url = database.replace("postgresql://", "postgresql+psycopg://")
            command.upgrade(config(url), "head")
            assert differences(url) == []
    except NoPostgres as reason:
        pytest.skip(f"SKIPPED LOUDLY: no PostgreSQL ({reason})")
