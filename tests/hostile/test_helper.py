"""Files are looked into by a process that can be lost: what it may do, and what its death, silence and lies lead to."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import select
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from helper.limits import CPU_SECONDS, MEMORY
from helper.pool import HelperPool
from helper.process import HelperFailed, HelperProcess
from tables import FileFacts
from tables.inspecting import inspect_now
from tests.hostile import files
from tests.hostile.confined import ATTEMPTS
from tests.hostile.rude_helper import MANNERS

ROOT = Path(__file__).resolve().parents[2]
RUDE = "tests.hostile.rude_helper"
CSV = "氏名,金額\n山田,1\n佐藤,2\n".encode("cp932")
POLISH = "imię,miasto\nŁukasz,Łódź\nŻaneta,Kraków\n".encode("cp1250")
IDLE_BYTES = 30_000_000
NOBODY = 65534

pytestmark = pytest.mark.thorough  # each of them starts a process
linux = pytest.mark.skipif(sys.platform != "linux", reason="told by /proc")


def rude(manner: str = "") -> Sequence[str]:
    """The command of a helper that does what the files' names say."""
    return [sys.executable, "-m", RUDE, manner]


@pytest.fixture
async def pool() -> AsyncIterator[HelperPool]:
    made = HelperPool()
    yield made
    await made.close()


@pytest.fixture
async def rude_pool() -> AsyncIterator[HelperPool]:
    made = HelperPool(rude(), seconds=1)
    yield made
    await made.close()


@pytest.fixture
def put(tmp_path: Path) -> Callable[[bytes], Path]:
    """Lay bytes down as a file."""

    def put(data: bytes) -> Path:
        path = tmp_path / "file"
        path.write_bytes(data)
        return path

    return put


Put = Callable[[bytes], Path]


def helpers() -> set[int]:
    """The helper processes of this process."""
    children = {
        int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()
    }
    return {pid for pid in children if "helper" in of_process(pid, "cmdline")}


def of_process(pid: int, what: str) -> str:
    return Path(f"/proc/{pid}/{what}").read_text()


def resident(pid: int) -> int:
    return int(of_process(pid, "statm").split()[1]) * os.sysconf("SC_PAGESIZE")


async def test_it_finds_what_is_found_without_it(pool: HelperPool, put: Put) -> None:
    for name, data in {
        "a.csv": CSV,
        "b.csv": POLISH,
        "c.json": '{"a": "東京"}'.encode(),
        "d.xlsx": files.stray_row(),
        "e.xlsx": files.xlsx(files.table(3, 20)),
        "f.xlsx": b"PK\x03\x04 broken",
        "nul\0in its name.csv": b"a,b\n1,2\n",
        "\ud800.csv": b"a,b\n1,2\n",
    }.items():
        path = put(data)
        facts = await pool.inspect(path, name)
        assert facts == inspect_now(path, name)
        assert facts.inspected


@linux
async def test_it_knows_no_secret_and_holds_no_file(
    pool: HelperPool, put: Put, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    with (tmp_path / "database").open("w"):
        await pool.inspect(put(CSV), "a.csv")
        (pid,) = helpers()
    told = of_process(pid, "environ").split("\0")
    assert [name.partition("=")[0] for name in told if name] == ["PYTHONPATH"]
    held = sorted(os.readlink(f"/proc/{pid}/fd/{number}").partition(":")[0] for number in os.listdir(f"/proc/{pid}/fd"))
    assert held == ["/dev/null", "/dev/null", f"/proc/{pid}/statm", "socket"]
    assert os.getsid(pid) == pid


@linux
async def test_it_may_use_little(pool: HelperPool, put: Put) -> None:
    await pool.inspect(put(CSV), "a.csv")
    (pid,) = helpers()
    limits = of_process(pid, "limits")
    for name, most in (
        ("Max address space", MEMORY),
        ("Max cpu time", CPU_SECONDS),
        ("Max file size", 0),
        ("Max core file size", 0),
        ("Max processes", 0),
    ):
        line = next(line for line in limits.splitlines() if line.startswith(name))
        assert line.removeprefix(name).split()[:2] == [str(most), str(most)]


@linux
@pytest.mark.parametrize("user", [0, NOBODY])
@pytest.mark.parametrize("how", ["free", "confined"])
async def test_a_file_that_takes_its_reader_over_gets_nowhere(how: str, user: int) -> None:
    if user and os.geteuid() != 0:
        pytest.skip("only root can be another user")
    with TemporaryDirectory() as folder:
        lay_out(Path(folder))
        victim = await asyncio.create_subprocess_exec("sleep", "60", user=user, group=user, extra_groups=[])
        confined = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.hostile.confined", how, str(user), folder, str(victim.pid)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await confined.communicate()
        if how == "confined":
            victim.kill()
        await victim.wait()
    found = json.loads(told)
    if how == "free":
        assert found["done"] == list(ATTEMPTS), "each attempt is one that would succeed"
        return
    if not all(found["guards"].values()):
        reason = f"SKIPPED LOUDLY: this kernel does not offer all guards: {found['guards']}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    assert found["done"] == []
    assert found["remark"].endswith("2 rows × 2 columns"), "and yet it reads"


def lay_out(folder: Path) -> None:
    """Files that anybody may read, change and remove."""
    folder.chmod(0o777)
    for name in ("secret", "removed", "renamed", "changed"):
        (folder / f"{name}.txt").write_text("secret")
    (folder / "table.csv").write_bytes(POLISH)
    for path in folder.iterdir():
        path.chmod(0o666)
        os.chown(path, *(2 * [NOBODY if path.name == "changed.txt" else -1]))


@linux
async def test_it_stays_small_while_it_waits(pool: HelperPool, put: Put) -> None:
    for data, name in (
        (CSV, "a.csv"),
        (POLISH, "a.csv"),
        (files.corner_to_corner(), "a.xlsx"),
        (files.xlsx(files.table(20, 2_000)), "a.xlsx"),
        (files.open_quote(4), "a.csv"),
    ):
        await pool.inspect(put(data), name)
        assert all(resident(pid) <= IDLE_BYTES for pid in helpers())


@pytest.mark.parametrize(
    "manner",
    [name for name in MANNERS if name != "grow"],
)
async def test_its_death_silence_and_lies_are_an_answer(
    rude_pool: HelperPool, put: Put, manner: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = put(b"12345")
    facts = await rude_pool.inspect(path, f"{manner}.csv")
    assert not facts.inspected
    assert (facts.name, facts.size, facts.rows) == (f"{manner}.csv", 5, -1)
    assert "could not be looked into" in facts.remark()
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING and record.name != "asyncio"]
    assert "A file of 5 bytes (.csv) could not be looked into" in record.message
    assert (await rude_pool.inspect(path, "well.csv")).rows == 1, "another one has taken its place"


@pytest.mark.parametrize("command", [rude("babbling"), ["/nowhere/python"], [sys.executable, "-c", "raise SystemExit"]])
async def test_without_any_helper_files_are_taken_all_the_same(put: Put, command: Sequence[str]) -> None:
    pool = HelperPool(command)
    facts = await pool.inspect(put(CSV), "売上.csv")
    assert not facts.inspected
    assert facts.has_cjk
    await pool.close()


@pytest.mark.parametrize(("name", "make"), [("a.xls", files.sparse_xls), ("a.xlsb", files.sparse_xlsb)])
async def test_h1_formats_that_cannot_be_cut_end_in_a_sentence(
    pool: HelperPool, put: Put, name: str, make: Callable[[], bytes]
) -> None:
    facts = await pool.inspect(put(make()), name)
    assert not facts.inspected
    assert (await pool.inspect(put(CSV), "a.csv")).rows == 2


@pytest.mark.parametrize(
    ("make", "remark"),
    [
        (files.corner_to_corner, "1 sheet: 'Sheet1' (1,048,576 rows × 16,384 columns)"),
        (files.stray_row, "1 sheet: 'Sheet1' (1,048,575 rows × 20 columns)"),
        (files.stray_column, "1 sheet: 'Sheet1' (499 rows × 16,384 columns)"),
        (files.false_dimension, "1 sheet: 'Sheet1' (99 rows × 20 columns)"),
        (files.without_addresses, "1 sheet: 'Sheet1' (1,048,576 rows × 3 columns)"),
        (files.attributes_to_escape, "1 sheet: 'Sheet1' (1,048,575 rows × 16,384 columns)"),
        (files.beyond_the_grid, "1 sheet: 'Sheet1' (9,999,999 rows × 20,000 columns)"),
        (files.billion_laughs, "not a readable workbook"),
        (files.zip_bomb, "too large to count here (64 MB unpacked)"),
        (files.lying_zip, "not a readable workbook"),
        (files.many_sheets, "more than 1,000 sheets"),
        (files.link_archive, "not a readable workbook"),
        (files.sparse_ods, "not a readable workbook"),
    ],
)
async def test_h2_the_used_range_is_told_and_memory_is_bounded(
    pool: HelperPool, put: Put, make: Callable[[], bytes], remark: str
) -> None:
    assert (await pool.inspect(put(make()), "a.xlsx")).remark() == remark


async def test_h2_the_columns_of_a_table_with_a_stray_cell_are_its_own(pool: HelperPool, put: Put) -> None:
    facts = await pool.inspect(put(files.stray_row()), "a.xlsx")
    assert [(column.name, column.type) for column in facts.columns] == [(f"c{n}", "integer") for n in range(1, 21)]
    facts = await pool.inspect(put(files.stray_column()), "a.xlsx")
    assert [column.name for column in facts.columns] == [f"c{n}" for n in range(1, 21)] + [""] * 30


@linux
async def test_memory_is_watched_where_the_system_does_not_bound_it(put: Put) -> None:
    pool = HelperPool(rude("unbounded"), seconds=30)
    facts = await asyncio.wait_for(pool.inspect(put(b"x"), "grow.csv"), 20)
    assert not facts.inspected
    await pool.close()


async def test_a_silent_start_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helper.process.START_SECONDS", 0.5)
    with pytest.raises(HelperFailed, match="does not come up"):
        await HelperProcess.start(rude("silent"))


@linux
async def test_a_heap_of_dropped_files_does_not_stand_in_the_way_of_a_question(put: Put) -> None:
    pool = HelperPool(rude(), seconds=60)
    path = put(b"x")
    drops = [asyncio.create_task(pool.inspect(path, "hang.csv", urgent=False)) for _ in range(20)]
    async with asyncio.timeout(20):
        answers = [await pool.inspect(path, "well.csv") for _ in range(5)]
    assert all(facts.rows == 1 for facts in answers)
    assert not any(drop.done() for drop in drops)
    assert len(helpers()) <= 2
    for drop in drops:
        drop.cancel()
    await asyncio.wait(drops)
    assert (await pool.inspect(path, "well.csv", urgent=False)).rows == 1
    await pool.close()


@linux
async def test_one_helper_waits_and_two_at_most_are_at_work(pool: HelperPool, put: Put) -> None:
    path, most = put(CSV), 0

    async def look() -> FileFacts:
        nonlocal most
        facts = await pool.inspect(path, "a.csv")
        most = max(most, len(helpers()))
        return facts

    found = await asyncio.gather(*(look() for _ in range(30)))
    assert all(facts.rows == 2 for facts in found)
    assert most <= 2
    assert len(helpers()) == 1


@linux
async def test_what_is_given_up_is_not_gone_on_with(rude_pool: HelperPool, put: Put) -> None:
    path = put(b"x")
    waiting = asyncio.create_task(rude_pool.inspect(path, "hang.csv"))
    await asyncio.sleep(0.3)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert (await rude_pool.inspect(path, "well.csv")).rows == 1
    assert len(helpers()) == 1


@linux
async def test_sigterm_to_the_whole_service_breaks_no_look_into_a_file(pool: HelperPool, put: Put) -> None:
    await pool.inspect(put(CSV), "a.csv")
    (pid,) = helpers()
    looking = asyncio.create_task(pool.inspect(put(files.many_members(30_000)), "a.xlsx"))
    await asyncio.sleep(0.1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(pid, number)
    assert (await looking).inspected


@linux
@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs a Python with pidfd_open")
async def test_it_dies_with_the_bot_whatever_it_is_doing() -> None:
    script = f"""
import asyncio, pathlib, sys
from helper.process import HelperProcess
async def main():
    helper = await HelperProcess.start([sys.executable, "-m", "{RUDE}", ""])
    with open("/dev/null", "rb") as file:
        asking = asyncio.create_task(helper.ask(file.fileno(), "hang.csv", 60))
        await asyncio.sleep(0)
        print(helper.pid, flush=True)
        await asking
asyncio.run(main())
"""
    bot = await asyncio.create_subprocess_exec(sys.executable, "-c", script, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert bot.stdout
    helper = os.pidfd_open(int(await bot.stdout.readline()))
    bot.kill()
    await bot.wait()
    ended, _, _ = await asyncio.to_thread(select.select, [helper], [], [], 10)
    os.close(helper)
    assert ended
