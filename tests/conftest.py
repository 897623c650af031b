"""What tests of several folders share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.postgres import NoPostgres, postgres_server


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
