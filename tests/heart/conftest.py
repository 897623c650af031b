"""A heart for each test; tables are made once, and copied."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from conversations.database.database import Database
from tests.heart.heart import Heart, heart_at

IN_MEMORY = Path("/dev/shm")  # where a file's commit costs nothing


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with nothing in it."""
    path = tmp_path_factory.mktemp("tables") / "x.db"

    async def make() -> None:
        database = Database(f"sqlite:///{path}")
        await database.open()
        await database.close()

    asyncio.run(make())
    return path


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose disk is quick."""
    with TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture
async def idle(tables: Path, folder: Path) -> AsyncIterator[Heart]:
    """A heart that the test starts."""
    shutil.copy(tables, folder / "x.db")
    async with heart_at(folder) as heart:
        yield heart


@pytest.fixture
async def heart(idle: Heart) -> Heart:
    """A heart that takes messages."""
    await idle.start()
    return idle
