"""H18: every Python from 3.11 on, every SQLite from 3.37 on. CI walks (``make walk``) on those that it finds."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import bot
from conversations.database.database import Database
from conversations.database.sqlite import SUBSECONDS_SINCE, EngineConnection
from conversations.database.unusable import DatabaseUnusable
from tests.support.world import ROOT

AS_DBOS_OF_PYTHON = """
import asyncio, importlib, sys
import dbos._migration, dbos._sys_db_sqlite
from conversations.engine.dbos import DbosEngine
sys.version_info = (*{version}, 0, "final", 0)
dbos._sys_db_sqlite.sqlite_migrations = importlib.reload(dbos._migration).sqlite_migrations

async def main():
    engine = DbosEngine("sqlite:///{path}")
    ran = asyncio.Event()
    async def turn(turn_id):
        ran.set()
    async def stops(turns):
        return ()
    async def died(process):
        pass
    await engine.launch(turn, stops, died)
    await engine.accept("T1:C1:{version}", "T1:C1:1")
    await ran.wait()
    await engine.close()

asyncio.run(main())
"""
"""Runs a turn with the tables and statements that DBOS makes on another Python."""


def run_turn(path: Path, version: tuple[int, int]) -> None:
    script = AS_DBOS_OF_PYTHON.format(version=version, path=path)
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("versions", [[(3, 13), (3, 11)], [(3, 11), (3, 13)]])
def test_h18_a_file_that_one_python_made_is_used_by_another(tmp_path: Path, versions: list[tuple[int, int]]) -> None:
    for version in versions:
        run_turn(tmp_path / "x.engine.db", version)
    with closing(sqlite3.connect(tmp_path / "x.engine.db")) as connection:
        assert connection.execute("select distinct status from workflow_status").fetchall() == [("SUCCESS",)]
        schema = str(connection.execute("select sql from sqlite_master").fetchall())
    assert ("unixepoch" in schema) == (versions[0] == (3, 13)), "the first one has made the tables"


def test_h18_a_default_in_milliseconds_on_any_library(tmp_path: Path) -> None:
    with closing(EngineConnection(tmp_path / "x.db")) as connection:
        connection.execute("create table t (id, made integer not null default (unixepoch('subsec') * 1000))")
        connection.executemany("insert into t (id) values (?)", [(number,) for number in range(1000)])
        ((made, kinds),) = connection.execute("select max(made), group_concat(distinct typeof(made)) from t").fetchall()
        (now,) = connection.execute("select cast(strftime('%s', 'now') as integer)").fetchone()
    assert abs(made - now * 1000) < 2000
    if sqlite3.sqlite_version_info < SUBSECONDS_SINCE:
        assert kinds == "integer"


async def test_h18_a_library_that_is_too_old_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.34.1")
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(DatabaseUnusable, match=r"SQLite 3\.34\.1.*needs 3\.37 or newer.*DATABASE_URL\.$"):
        await database.open()
    await database.close()


def test_h18_a_python_that_is_too_old_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    assert bot.unfit() == "Python 3.11 or newer is needed; this is 3.10."


def test_h18_a_python_without_sqlite_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "_sqlite3")
    assert "libsqlite3-dev" in bot.unfit()
