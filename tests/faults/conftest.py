"""One world for each database, shared by the tests of this folder: a bot that a test kills is started again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.faults.bench import Bench
from tests.faults.talk import Talk, Talks
from tests.support.postgres import fresh_database
from tests.support.world import World

HERE = Path(__file__).parent
CRASHES_SOONER = {
    "conversations.engine.replicas.WATCH_SECONDS": 0.2,
    "conversations.engine.dispatcher.LOOK_SECONDS": 0.5,
    "conversations.engine.dispatcher.LEFT_AFTER": 2.0,
}
"""What replicas and crashes leave is found so soon."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here share one loop, as they share the bench."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'analyst.db'}"
    else:
        with fresh_database(request.getfixturevalue("postgres")) as url:
            yield url


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """An empty database on PostgreSQL, for a test of several replicas."""
    with fresh_database(postgres) as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def standing(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """The shared bench; tests take ``bench``."""
    async with _bench(tmp_path_factory.mktemp("bot"), database_url) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def bench(standing: Bench) -> AsyncIterator[Bench]:
    """The shared bench with one bot that runs, and no fault."""
    await standing.ready()
    yield standing
    await standing.tidy()


@pytest_asyncio.fixture(loop_scope="session")
async def fresh(tmp_path: Path) -> AsyncIterator[Bench]:
    """A bench of the test's own, on SQLite, without a bot."""
    async with _bench(tmp_path, f"sqlite:///{tmp_path / 'analyst.db'}") as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session", params=["sqlite", "postgres"])
async def botless(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """A bench of the test's own, on each database, without a bot."""
    url = f"sqlite:///{tmp_path / 'analyst.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    async with _bench(tmp_path, url) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def on_postgres(tmp_path: Path, postgres_url: str) -> AsyncIterator[Bench]:
    """A bench of the test's own, on PostgreSQL, without a bot."""
    async with _bench(tmp_path, postgres_url) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def replicas(tmp_path: Path, postgres_url: str) -> AsyncIterator[Bench]:
    """A bench of the test's own, on PostgreSQL, with two bots."""
    async with _bench(tmp_path, postgres_url) as made:
        await made.start_bots(2)
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def standing_world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The world of the tests of Azure's faults; they take ``world``."""
    async with World(tmp_path_factory.mktemp("bot"), ScriptedModel(), ScriptedInterpreter()) as made:
        await made.start_bot()
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def world(standing_world: World) -> AsyncIterator[World]:
    """A world without a fault; every one that the test arms has to strike.

    Its loop stands still while other tests have loops of their own; a bot without Slack for three minutes gives up.
    """
    if not standing_world.alive:
        await standing_world.start_bot()
    yield standing_world
    idle = [fault.name for fault in standing_world.azure.faults.armed if not fault.hits]
    standing_world.azure.faults.clear()
    assert not idle, f"never struck: {idle}"


@pytest.fixture
def new_talk(world: World) -> Talks:
    """Threads of the test's own."""
    return lambda: Talk(world, world.new_channel())


@pytest.fixture
def talk(new_talk: Talks) -> Talk:
    """A thread of the test's own."""
    return new_talk()


def _bench(folder: Path, database_url: str) -> Bench:
    made = Bench(
        folder,
        ScriptedModel(),
        ScriptedInterpreter(),
        share_delay=(0.02, 0.1),
        file_lag=(0.0, 0.0),
        ack_timeout=1.5,
        retry_delays=(0.0, 30.0, 60.0),
    )
    made.database_url = database_url
    made.constants = {**made.constants, **CRASHES_SOONER}
    return made
