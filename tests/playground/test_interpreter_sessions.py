"""Sessions: state, files, pictures, limits of output and time, eviction, death."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from playground.interpreter.jupyter import JupyterInterpreter
from playground.interpreter.output import FloodError, Output
from playground.interpreter.sandbox import MEGABYTE, Limits
from playground.ports import Session, SessionLost

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMITS = Limits(flood=4 * MEGABYTE)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[True, False], ids=["isolated", "plain"])
async def either(request: pytest.FixtureRequest) -> AsyncIterator[JupyterInterpreter]:
    interpreter = await JupyterInterpreter(isolate=request.param, spare=False, max_sessions=2, limits=LIMITS).start()
    if request.param and not interpreter.isolated:
        await interpreter.close()
        pytest.skip("no isolation on this machine")
    yield interpreter
    await interpreter.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session(either: JupyterInterpreter) -> Session:
    return await either.open("long lived")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def interpreter() -> AsyncIterator[JupyterInterpreter]:
    interpreter = await JupyterInterpreter(spare=False, max_sessions=2, limits=LIMITS).start()
    yield interpreter
    await interpreter.close()


async def test_a_session_has_the_memory_that_was_asked_for(interpreter: JupyterInterpreter) -> None:
    large = "bytearray(1500 * 2**20)"  # of zeros, which nobody writes to
    small = await interpreter.open("small")
    assert (await small.run(large)).logs.splitlines()[-1].startswith("MemoryError")
    larger = await interpreter.open("larger", 4)
    result = await larger.run(f"x = {large}\nimport shutil\nprint(shutil.disk_usage('/mnt/data').total)")
    assert not result.failed, result.logs
    if interpreter.isolated:
        assert int(result.logs) == 2 * 2**30
    await small.close()
    await larger.close()


@pytest.mark.parametrize(("gigabytes", "machine", "memory"), [(4, 64, 4), (64, 32, 16), (4, 1, 1), (1, 64, 1)])
async def test_no_session_is_allowed_more_than_half_of_the_machine(gigabytes: int, machine: int, memory: int) -> None:
    assert Limits().of(gigabytes, machine << 30).memory == memory << 30


async def test_variables_and_files_stay(session: Session) -> None:
    await session.put("data 表.csv", b"a,b\n1,2\n3,4\n")
    await session.run("import pandas as pd\ndf = pd.read_csv('/mnt/data/data 表.csv')")
    result = await session.run("df.sum().to_csv('/mnt/data/out.csv', header=False)\nprint('there')\nint(df.b.sum())")
    assert (result.logs, result.failed) == ("there\n6\n", False)
    assert {file.name: file.size for file in await session.files()} == {"data 表.csv": 12, "out.csv": 8}
    assert await session.read("out.csv") == b"a,4\nb,6\n"
    await session.remove("out.csv")
    assert [file.name for file in await session.files()] == ["data 表.csv"]
    with pytest.raises(FileNotFoundError):
        await session.remove("out.csv")


async def test_a_path_in_the_output_is_the_documented_one(session: Session) -> None:
    result = await session.run("import os; print(os.path.abspath('/mnt/data/x.csv')); open('/mnt/data/none.csv')")
    assert result.logs.startswith("/mnt/data/x.csv\n")
    assert "No such file or directory: '/mnt/data/none.csv'" in result.logs


async def test_a_traceback_is_plain_text(session: Session) -> None:
    result = await session.run("print('before')\n1 / 0")
    assert result.failed
    assert result.logs.startswith("before\n")
    assert "ZeroDivisionError: division by zero" in result.logs
    assert "\x1b" not in result.logs


async def test_displayed_figures_become_pictures(session: Session) -> None:
    code = """
import matplotlib.pyplot as plt
plt.figure(figsize=(4, 3), dpi=100); plt.plot([1, 2]); plt.show()
plt.figure(); plt.plot([2, 1])
"""
    result = await session.run(code)
    assert len(result.images) == 2
    assert result.images[0].startswith(b"\x89PNG")
    width, height = struct.unpack(">II", result.images[0][16:24])
    assert width > 200
    assert height > 200
    assert (await session.run("plt.get_fignums()")).logs == "[]\n"


async def test_long_output_is_cut(session: Session) -> None:
    result = await session.run("print('x' * 300_000)")
    assert len(result.logs) < LIMITS.text + 200
    assert "more characters of output were cut" in result.logs
    assert (await session.run("print('alive')")).logs == "alive\n"


async def test_the_time_limit_interrupts_and_keeps_variables(session: Session) -> None:
    result = await session.run("x = 5\nwhile True: pass", 0.3)
    assert result.failed
    assert "KeyboardInterrupt" in result.logs
    assert "time limit of 0.3 s" in result.logs
    assert (await session.run("print(x)")).logs == "5\n"


async def test_a_cancelled_run_frees_the_kernel(session: Session) -> None:
    await session.run("import time")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(session.run("time.sleep(100)"), 0.3)
    assert (await session.run("print('free')", 10)).logs == "free\n"


async def test_what_cannot_be_interrupted_is_killed(either: JupyterInterpreter) -> None:
    session = await either.open("stubborn")
    code = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    result = await session.run(code, 0.3)
    assert "variables and files are gone" in result.logs
    with pytest.raises(SessionLost):
        await session.files()


@pytest.mark.parametrize(
    "code", ["print('x' * 50_000_000)", "while True: print('x' * 100_000, flush=True)"], ids=["one piece", "endless"]
)
async def test_a_flood_ends_its_session_only(interpreter: JupyterInterpreter, code: str) -> None:
    neighbour = await interpreter.open("neighbour")
    session = await interpreter.open("flood")
    result = await session.run(code, 60)
    assert result.failed
    assert "output was too large" in result.logs
    with pytest.raises(SessionLost):
        await session.run("1")
    assert (await neighbour.run("print('well')")).logs == "well\n"


async def test_a_death_hurts_nobody_else_and_the_place_is_free_again(interpreter: JupyterInterpreter) -> None:
    dying, other = await interpreter.open("dying"), await interpreter.open("other")
    with pytest.raises(SessionLost):
        await dying.run("import os; os._exit(3)")
    assert (await other.run("print('well')")).logs == "well\n"
    again = await interpreter.open("dying")
    assert (await again.run("print('again')")).logs == "again\n"
    assert (await other.run("print('still')")).logs == "still\n"


async def test_the_longest_idle_session_is_evicted(interpreter: JupyterInterpreter) -> None:
    first, second = await interpreter.open("first"), await interpreter.open("second")
    await first.run("1")
    third = await interpreter.open("third")
    with pytest.raises(SessionLost):
        await second.run("1")
    assert (await first.run("print(1)")).logs == "1\n"
    assert (await third.run("print(3)")).logs == "3\n"


async def test_running_sessions_overlap_and_are_not_evicted(interpreter: JupyterInterpreter) -> None:
    busy = [await interpreter.open(name) for name in ("busy 1", "busy 2")]
    loop = asyncio.get_running_loop()
    begin = loop.time()
    runs = asyncio.gather(*(session.run("import time; time.sleep(1); print('done')") for session in busy))
    newcomer = asyncio.create_task(interpreter.open("newcomer"))
    assert [run.logs for run in await runs] == ["done\n", "done\n"]
    assert loop.time() - begin < 1.8
    assert (await (await newcomer).run("print('in')")).logs == "in\n"


async def test_a_picture_of_insane_size_is_left_out() -> None:
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 60_000, 60_000) + b"\0" * 20
    output = Output(LIMITS)
    output.take("display_data", {"data": {"image/png": base64.b64encode(bomb).decode(), "text/plain": "<Figure>"}})
    output.take("display_data", {"data": {"image/png": "not base64!"}})
    result = output.execution()
    assert result.images == ()
    assert "2 pictures were left out" in result.logs


async def test_output_counts_what_it_does_not_keep() -> None:
    output = Output(LIMITS)
    for _ in range(LIMITS.flood // 100_000):
        output.take("stream", {"text": "x" * 100_000})
    with pytest.raises(FloodError):
        output.take("stream", {"text": "x" * 100_000})
    assert len(output.execution().logs) < LIMITS.text + 200


PARENT = """
import asyncio
from playground.interpreter import jupyter
jupyter.PRELOAD = ()
async def main():
    interpreter = await jupyter.JupyterInterpreter(isolate={isolate}).start()
    session = await interpreter.open("a")
    await session.run("x = 1")
    print("up", flush=True)
    await session.run("while True: pass")
asyncio.run(main())
"""


def descendants(pid: int) -> set[int]:
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found: set[int] = set()
    queue = [pid]
    while queue:
        children = parents.get(queue.pop(), [])
        found.update(children)
        queue.extend(children)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("isolate", [True, False], ids=["isolated", "plain"])
async def test_nothing_outlives_a_killed_playground(isolate: bool, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PARENT.format(isolate=isolate),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 60) == b"up\n"
    left = await asyncio.to_thread(descendants, process.pid)
    assert left
    handles = [os.pidfd_open(pid) for pid in left]
    process.send_signal(signal.SIGKILL)
    await process.wait()
    loop = asyncio.get_running_loop()
    for handle in handles:
        ended = asyncio.Event()
        loop.add_reader(handle, ended.set)
        await asyncio.wait_for(ended.wait(), 20)
        loop.remove_reader(handle)
        os.close(handle)
    assert os.listdir(tmp_path) == []


async def test_close_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = descendants(os.getpid())
    for isolate in (True, False):
        interpreter = await JupyterInterpreter(isolate=isolate).start()
        session = await interpreter.open("a")
        await session.put("x", b"x")
        await interpreter.close()
        with pytest.raises(SessionLost):
            await session.run("1")
    assert os.listdir(tmp_path) == []
    assert descendants(os.getpid()) <= before
