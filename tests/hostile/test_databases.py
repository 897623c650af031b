"""H13 and H8: a database that cannot be used is told in one sentence; its files are for their owner only."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

import bot
from app.doctor.database import database_findings
from app.settings import SettingsError, read_settings
from conversations.database.database import Database
from conversations.database.inspection import inspect_database
from conversations.database.sqlite import BESIDE
from conversations.database.unusable import DatabaseUnusable
from conversations.engine.dbos import DbosEngine
from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.postgres import fresh_database
from tests.support.world import ROOT, SALES, World

pytestmark = pytest.mark.thorough

Harm = Callable[[Path], None]


class Started(World):
    """A world that a bot may not start in."""

    def __init__(self, folder: Path) -> None:
        self.model = ScriptedModel()
        super().__init__(folder, self.model, ScriptedInterpreter())

    async def __aenter__(self) -> Started:
        await super().__aenter__()
        return self


async def sentence(world: World) -> str:
    """What a bot says that ends at once: one sentence, without a traceback."""
    before = len(world.log)
    with pytest.raises(AssertionError, match="the bot ended with 1"):
        await world.start_bot()
    (said,) = world.log[before:].splitlines()
    return said


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Started]:
    async with Started(tmp_path) as made:
        yield made


def to_garbage(path: Path) -> None:
    path.write_bytes(b"Dear diary, " * 1000)


def to_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def in_the_middle(path: Path) -> None:
    """All but the first page, which has the schema."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))


def to_another_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update alembic_version set version_num = '9999'")


def to_read_only(path: Path) -> None:
    path.chmod(0o400)


def to_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


HARMS: list[tuple[Harm, str]] = [
    (to_garbage, "is damaged"),
    (to_half, "is damaged"),
    (in_the_middle, "is damaged"),
    (to_another_version, "version 9999, which only a newer version of this bot knows"),
    (to_read_only, "cannot be written"),
    (to_folder, "cannot be written"),
]


OPEN = """
import asyncio
from conversations.database.database import Database
from conversations.database.unusable import DatabaseUnusable
async def main():
    try:
        await Database({url!r}).open()
    except DatabaseUnusable as error:
        print(error)
asyncio.run(main())
"""


async def made(url: str) -> Path:
    """The tables, as a bot leaves them."""
    database = Database(url)
    await database.open()
    await database.close()
    return database.path


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    return await made(f"sqlite:///{tmp_path / 'analyst.db'}")


async def refusal(url: str) -> str:
    """Why a bot does not start on a database."""
    with pytest.raises(DatabaseUnusable) as raised:
        await made(url)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(("harm", "words"), HARMS, ids=[harm.__name__ for harm, _ in HARMS])
async def test_h13_our_file(path: Path, harm: Harm, words: str) -> None:
    harm(path)
    said = await refusal(f"sqlite:///{path}")
    assert words in said
    with pytest.raises(DatabaseUnusable) as raised:
        await inspect_database(f"sqlite:///{path}")
    assert str(raised.value) == said, "the doctor says the same"


async def test_h13_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "does not exist. Make it" in await refusal(f"sqlite:///{tmp_path / 'nowhere' / 'analyst.db'}")
    assert not os.listdir(tmp_path)


@pytest.mark.thorough
async def test_h13_a_file_that_another_program_keeps_locked(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as other:
        other.execute("begin exclusive")
        said = await refusal(f"sqlite:///{tmp_path / 'x.db'}")
    assert "is in use by another program" in said


async def test_h13_the_bot_says_the_sentence_and_ends_with_1(world: Started) -> None:
    path = await made(world.database_url)
    to_garbage(path)
    assert "analyst.db is damaged" in await sentence(world)


async def test_h13_the_engines_file_is_made_anew_and_nothing_is_lost(world: Started) -> None:
    engine = world.folder / "analyst.engine.db"
    await world.start_bot()
    ts = await world.ask("[[wait]] [[say done]]")
    await world.model.reached()
    await world.kill(world.alive[0])
    with closing(sqlite3.connect(engine)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")  # else the log mends the file
    to_garbage(engine)
    said = await sentence(world)
    assert "analyst.engine.db is damaged" in said
    assert "Move it away" in said
    for suffix in BESIDE:
        engine.with_name(engine.name + suffix).unlink(missing_ok=True)
    world.model.gate().set()
    await world.start_bot()
    await world.outcomes(SALES, ts)
    assert "done" in await world.says(SALES, ts, "done")


async def test_h13_an_engine_that_cannot_start(tmp_path: Path) -> None:
    """Whatever the first look at the file has missed."""

    async def nothing(_: object) -> Any:
        return ()

    (tmp_path / "x.engine.db").write_bytes(b"Dear diary, " * 1000)
    engine = DbosEngine(f"sqlite:///{tmp_path / 'x.engine.db'}")
    with pytest.raises(DatabaseUnusable, match="is damaged"):
        await engine.launch(nothing, nothing, nothing)


async def test_h13_a_disk_without_room(tmp_path: Path) -> None:
    """A file may be as large as this: less than the tables need."""
    url = f"sqlite:///{tmp_path / 'analyst.db'}"
    script = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))" + OPEN.format(url=url)
    done = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script), cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await done.communicate()
    assert "fails, or is full" in out.decode(), err.decode()


async def test_h13_postgresql(postgres: str) -> None:
    with fresh_database(postgres) as url:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute("create role weakling login")
        assert "GRANT CREATE" in await refusal(url.replace("postgres@", "weakling@"))
        await made(url)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute("update alembic_version set version_num = '9999'")
        assert "version 9999" in await refusal(url)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute("drop owned by weakling; drop role weakling")
    assert "cannot be reached" in await refusal("postgresql://me:secret@127.0.0.1:1/x")
    for broken in ("postgresql://me:sec@ret@host:port/x", "postgresql://me:secret@[::1/x"):
        assert "secret" not in (said := await refusal(broken))
        assert said.startswith("DATABASE_URL cannot be read")


@pytest.mark.parametrize(
    "url",
    ["mysql://me@host/x", "postgresql+asyncpg://host/x", "analyst.db", "sqlite://", "sqlite:///", "sqlite:///:memory:"],
)
def test_h13_an_address_that_we_cannot_use_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings({"DATABASE_URL": url}, dotenv=None)
    (said,) = [problem for problem in raised.value.problems if problem.startswith("DATABASE_URL")]
    assert "must" in said


@pytest.mark.parametrize("harm", [to_garbage, to_folder, Path.unlink])
def test_h13_usage_and_drop_say_it_too(
    path: Path, harm: Harm, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    harm(path)
    for name, value in {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "AZURE_OPENAI_ENDPOINT": "https://x.test",
        "AZURE_OPENAI_DEPLOYMENT": "x",
        "DATABASE_URL": f"sqlite:///{path}",
    }.items():
        monkeypatch.setenv(name, value)
    for words in (["usage"], ["audit"], ["drop", "T1:C1:1.1"]):
        assert bot.main(words) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3
    assert all("analyst.db" in line for line in said)
    assert harm is not Path.unlink or not path.exists(), "they make nothing"


def modes(folder: Path) -> dict[str, int]:
    return {
        file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir() if file.name.startswith("analyst")
    }


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
async def test_h8_files_are_for_their_owner_only_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        database = Database(f"sqlite:///{tmp_path / 'analyst.db'}")
        await database.open()
        found = modes(tmp_path)
        await database.close()
    finally:
        os.umask(before)
    assert {"analyst.db", "analyst.db-wal", "analyst.db-shm", "analyst.db.lock", "analyst.engine.db"} <= set(found)
    assert set(found.values()) == {0o600}


async def test_h8_files_of_an_earlier_version_are_made_so_at_the_start(world: Started) -> None:
    """All of a running bot's, the engine's too; killed, so that write-ahead logs stay."""
    await world.start_bot()
    await world.answer("[[say hello]]")
    await world.kill(world.alive[0])
    for file in world.folder.glob("analyst*"):
        file.chmod(0o644)
    assert "analyst.engine.db-wal" in modes(world.folder)
    await world.start_bot()
    assert set(modes(world.folder).values()) == {0o600}


@pytest.mark.parametrize(
    ("mode", "state", "words"),
    [
        (0o700, "", ""),
        (0o755, "lacking", "can look into"),
        (0o770, "bad", "can put another"),
        (0o777, "bad", "chmod go-rwx"),
    ],
)
async def test_h8_the_doctor_looks_at_the_folder(path: Path, mode: int, state: str, words: str) -> None:
    path.parent.chmod(mode)
    found = [finding async for finding in database_findings(f"sqlite:///{path}")]
    told = [finding for finding in found if finding.name == "database folder"]
    assert [finding.state for finding in told] == [state] * bool(state)
    assert words in "".join(finding.detail + finding.fix for finding in told)


async def test_h8_the_doctor_looks_at_the_files(path: Path) -> None:
    os.chmod(path, 0o640)
    found = {finding.name: finding async for finding in database_findings(f"sqlite:///{path}")}
    assert "others can read analyst.db" in found["database files"].detail
