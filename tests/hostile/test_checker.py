"""Numbers are checked by a process that can be lost: what its queries may do, and what its death and lies lead to."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from helper.checks import HelperChecks
from helper.process import COMMAND, HelperProcess
from receipts.form import Claim, Finding
from receipts.naming import named

pytestmark = pytest.mark.thorough  # each of them starts a process

GOOD = "SELECT sum(amount) FROM sales"
ENDLESS = "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT max(i) FROM r, sales"
HOSTILE = (
    "SELECT content FROM read_text('/etc/passwd'), sales",
    "COPY sales TO '/tmp/stolen.csv'",
    "SELECT repeat('x', 2000000000) FROM sales",
    ENDLESS,
    "SELECT list(a.range) FROM range(1000000000) a, sales",
    "SELECT count(*) FROM range(100000) a, range(100000) b, range(100000) c, sales",
)
IMPATIENT = (*COMMAND[:-2], "-c", "from helper import checker; checker.QUERY_SECONDS = 1.5; checker.main()")
"""The same process; a query may take less CPU in it."""


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    path = tmp_path / "sales.csv"
    path.write_text("region,amount\nNorth,40\nSouth,20\n")
    return path


def claims(*queries: str) -> Sequence[Claim]:
    return [Claim("Revenue", 60, "60", "EUR", query) for query in queries]


async def checked(checks: HelperChecks, path: Path, *queries: str) -> Sequence[Finding]:
    (name,) = named([path.name])
    return await checks.check({path: name}, claims(*queries))


async def test_hostile_queries_harm_nobody_but_themselves(sales: Path) -> None:
    found = await checked(HelperChecks(IMPATIENT), sales, GOOD, *HOSTILE, GOOD)
    assert [one.verdict for one in found] == ["agrees", *["cannot"] * len(HOSTILE), "agrees"]


async def test_it_is_confined_before_it_sees_a_file(sales: Path) -> None:
    process = await HelperProcess.start(HelperChecks()._command)
    try:
        assert process.guards.memory
        assert process.guards.files == process.guards.calls == (sys.platform == "linux")
    finally:
        await process.kill()


@pytest.mark.parametrize("manner", ["", "pass", "import socket; socket.socket(fileno=0).sendall(b'{{{{{{{{')"])
async def test_a_process_that_dies_or_lies_has_checked_nothing(sales: Path, manner: str) -> None:
    found = await checked(HelperChecks([sys.executable, "-c", manner], 5), sales, GOOD, GOOD)
    assert found == [Finding("cannot", why="time")] * 2


async def test_what_takes_too_long_has_not_been_checked(sales: Path) -> None:
    found = await checked(HelperChecks(seconds=4), sales, GOOD, "SELECT pg_sleep(60) FROM sales", GOOD)
    assert [one.verdict for one in found] == ["agrees", "cannot", "cannot"]


async def test_a_file_that_is_no_table_is_none(tmp_path: Path) -> None:
    assert [one.verdict for one in await checked(HelperChecks(), tmp_path / "none.csv", GOOD)] == ["cannot"]
