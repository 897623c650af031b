"""What tests of several folders share, and ``--quick``."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.tuning import COLLECT_AFTER
from tests.support.postgres import NoPostgres, postgres_server
from tests.support.quick import forbid_processes, is_quick, quick_ones
from tests.support.statements import share_statements

os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)
"""No test speaks TLS, but each client of OpenAI's reads the machine's certificates: 40 ms, hundreds of times."""

share_statements()

gc.disable()  # nothing that is imported for the tests is garbage; see pytest_collection_finish

HERE = Path(__file__).parent
LONGEST = HERE / "soak"
WITH_A_WHOLE_BOT = {"benchmarks", "browser", "faults", "gallery", "integration", "playground", "soak"}
"""Folders that ``--quick`` does not look into: importing them takes a fifth of its time. The playground has its own."""

pytest_plugins = ["tests.support.budgets", "tests.support.crashes", "tests.support.reports"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="only tests that need no other process")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--quick") and not config.getoption("numprocesses", None):
        forbid_processes()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    aside = config.getoption("--quick") and collection_path.parent == HERE and collection_path.name in WITH_A_WHOLE_BOT
    return True if aside else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--quick"):
        taken = quick_ones(items)
        config.hook.pytest_deselected(items=list(set(items).difference(taken)))
        items[:] = taken
    else:  # those that take long come first, so that no worker is left with one at the end
        slow = {item for item in items if not is_quick(item)}
        items.sort(key=lambda item: (item not in slow, LONGEST not in item.path.parents))


def pytest_collection_finish() -> None:
    """Looking for garbage among all that was imported takes an eighth of the time; the bot looks as rarely."""
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()


def pytest_sessionfinish() -> None:
    """Look for garbage once; pytest does it ten times more at the end, which takes seconds, and finds nothing now."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def quick(request: pytest.FixtureRequest) -> bool:
    """Whether less is enough, because the whole suite proves the rest."""
    return bool(request.config.getoption("--quick"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server's URL. Without one the tests are skipped, loudly; in CI they fail."""
    try:
        with postgres_server() as url:
            yield url
    except NoPostgres as reason:
        if os.environ.get("CI"):
            pytest.fail(f"CI must run the tests on PostgreSQL: {reason}")
        pytest.skip(f"NOTHING IS PROVEN ON POSTGRESQL HERE: {reason}")
