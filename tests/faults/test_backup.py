"""A copy of a database that was made while a bot wrote it is as good as the database, its open turns included."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.bench import Bench
from tests.support.postgres import NoPostgres, fresh_database, programs
from tests.support.world import ROOT


async def run(*command: str | Path, **environment: str) -> None:
    process = await asyncio.create_subprocess_exec(*command, env={"PATH": os.environ["PATH"]} | environment)
    assert await process.wait() == 0


async def copied(bench: Bench, folder: Path, server: str) -> str:
    """A copy of the bench's database, by the commands that docs/operating.md names; returns its URL."""
    if bench.database_url.startswith("sqlite"):
        await run(sys.executable, ROOT / "bot.py", "backup", folder / "copy", **bench.environment)
        (folder / "place").mkdir()
        for file in (folder / "copy").iterdir():
            assert file.stat().st_mode & 0o777 == 0o600
            shutil.copy(file, folder / "place")
        return f"sqlite:///{folder / 'place' / 'analyst.db'}"
    try:
        where = programs()
    except NoPostgres as missing:
        pytest.skip(f"NO DUMP IS TRIED: {missing}")
    await run(where / "pg_dump", "--format=custom", f"--file={folder / 'dump'}", f"--dbname={bench.database_url}")
    await run(where / "pg_restore", "--no-owner", f"--dbname={server}", folder / "dump")
    return server


@pytest.fixture
def restored(request: pytest.FixtureRequest, botless: Bench) -> Iterator[str]:
    """An empty database beside that of the bench, on a server; "" for SQLite."""
    if botless.database_url.startswith("sqlite"):
        yield ""
    else:
        with fresh_database(request.getfixturevalue("postgres")) as url:
            yield url


async def test_a_copy_of_a_live_database_goes_on(botless: Bench, restored: str, tmp_path: Path) -> None:
    await botless.start_bot()
    gate = botless.gate()
    done = await botless.ask("[[say done]]")
    await botless.outcomes(botless.channel, done)
    left = await botless.ask(f"[[wait {gate}]] [[say later]]")
    await botless.running(gate)
    folder = tmp_path / "backup"
    folder.mkdir()
    copy = await copied(botless, folder, restored)
    await botless.kill_all()
    botless.database_url = copy
    botless.open(gate)
    await botless.start_bot()
    await botless.outcomes(botless.channel, left)
    assert "later" in botless.one_outcome(left)
    assert "done" in botless.one_outcome(done)
