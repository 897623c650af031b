"""H16: what a session holds of the host's memory is refused, or seen and ended."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from playground.interpreter import cgroup, memory, seccomp
from playground.interpreter.jupyter import JupyterInterpreter
from playground.interpreter.sandbox import MEGABYTE, Limits, Sandbox
from playground.ports import Session, SessionLost

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMITS = Limits(memory=256 * MEGABYTE, total=180 * MEGABYTE, data=32 * MEGABYTE, scratch=32 * MEGABYTE)
MORE_THAN_ALLOWED = f"More memory than {LIMITS.total >> 20} MB was used"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def interpreter() -> AsyncIterator[JupyterInterpreter]:
    interpreter = await JupyterInterpreter(spare=False, limits=LIMITS).start()
    if not interpreter.isolated:
        await interpreter.close()
        pytest.skip("no isolation on this machine")
    yield interpreter
    await interpreter.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session(interpreter: JupyterInterpreter) -> Session:
    return await interpreter.open("neighbour")


REFUSED = {
    "memfd": "os.memfd_create('x')",
    "ten memfds": "[os.ftruncate(os.memfd_create(str(n)), 5 * 10**8) for n in range(10)]",
    "a shared mapping": "mmap.mmap(-1, 10**6)",
    "a shared mapping of zeros": "mmap.mmap(os.open('/dev/zero', os.O_RDWR), 10**6)",
    "System V memory": "fail(libc.shmget(0, 10**6, 0o1600))",
    "a message queue": "fail(libc.msgget(0, 0o1600))",
    "a ring": "fail(libc.syscall(425, 8, ctypes.create_string_buffer(200)))",
    "a socket of the virtual machine": "socket.socket(40, socket.SOCK_STREAM)",
    "a pair of sockets of another family": "fail(libc.socketpair(30, 1, 0, ctypes.create_string_buffer(8)))",
    "a packet socket": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
}


@pytest.mark.parametrize("attack", REFUSED.values(), ids=REFUSED.keys())
async def test_h16_memory_without_a_name_is_refused(session: Session, attack: str) -> None:
    code = f"""
import ctypes, mmap, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def fail(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), 'refused')
try:
    {attack}
    print('GOT THROUGH')
except OSError:
    print('refused')
"""
    assert (await session.run(code, 20)).logs.strip() == "refused"


async def test_what_honest_code_does_works(session: Session) -> None:
    code = """
import ctypes, mmap, multiprocessing, os, socket, tempfile
from multiprocessing import shared_memory
with tempfile.TemporaryFile() as file:
    file.truncate(4096)
    mmap.mmap(file.fileno(), 4096)[0:1] = b'x'
mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
block = shared_memory.SharedMemory(create=True, size=1000)
block.close(); block.unlink()
ordered = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
numbers = (ctypes.c_int * 3)(3, 1, 2)
ctypes.CDLL(None).qsort(numbers, 3, 4, ordered(lambda a, b: a[0] - b[0]))
here, there = socket.socketpair()
here.send(b'x')
with multiprocessing.get_context('fork').Pool(2) as pool:
    print(list(numbers), there.recv(1), pool.map(abs, [-1, -2]))
"""
    assert (await session.run(code, 30)).logs.strip() == "[1, 2, 3] b'x' [1, 2]"


ENDED = {
    "many processes": """
import os, time
for _ in range(10):
    if os.fork() == 0:
        kept = b'x' * (30 << 20)
        time.sleep(600)
time.sleep(600)
""",
    "many files": """
n = 0
while True:
    open(f'/tmp/{n}', 'w').close()
    n += 1
""",
    "page tables": """
import ctypes, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
start = libc.mmap(None, 1 << 40, 1, 0x4022, -1, 0)
libc.madvise(start, 1 << 40, 15)
for page in range(start, start + (1 << 40), 1 << 21):
    ctypes.c_char.from_address(page).value
time.sleep(600)
""",
}


@pytest.mark.parametrize("attack", ENDED.values(), ids=ENDED.keys())
async def test_h16_a_session_that_holds_too_much_is_ended(
    interpreter: JupyterInterpreter, session: Session, attack: str
) -> None:
    greedy = await interpreter.open("greedy")
    result = await greedy.run(attack, 60)
    assert MORE_THAN_ALLOWED in result.logs
    assert result.failed
    with pytest.raises(SessionLost):
        await greedy.run("1")
    assert (await session.run("print('well')")).logs == "well\n"


async def test_one_process_that_asks_for_too_much_gets_an_error_it_can_catch(session: Session) -> None:
    assert "MemoryError" in (await session.run("x = bytearray(10**9)")).logs
    assert (await session.run("print('well')")).logs == "well\n"


@asynccontextmanager
async def python(code: str) -> AsyncIterator[int]:
    """The process id of a Python that has run some code and waits."""
    said = asyncio.subprocess.PIPE
    command = [sys.executable, "-c", f"{code}\nprint(flush=True)\ninput()"]
    process = await asyncio.create_subprocess_exec(*command, stdin=said, stdout=said, start_new_session=True)
    try:
        assert process.stdout
        await process.stdout.readline()
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def test_shared_memory_counts_once() -> None:
    forks = "import os, time\nx = b'x' * (64 << 20)\nif os.fork() == 0 or os.fork() == 0: time.sleep(60)"
    async with python(forks) as pid:
        processes = list(memory.descendants(pid))
        assert len(processes) == 3
        assert sum(memory.of_process(one) for one in processes) > 190 * MEGABYTE
        assert 64 * MEGABYTE < sum(memory.of_process(one, shared=False) for one in processes) < 120 * MEGABYTE
        assert memory.over(pid, 60 * MEGABYTE, [])
        assert not memory.over(pid, 180 * MEGABYTE, [])


async def test_buffers_of_sockets_count() -> None:
    async with python("import socket\nkept = [socket.socketpair() for _ in range(120)]") as pid:
        assert memory.of_sockets([pid, pid]) == 240 * memory.SOCKET
        assert memory.over(pid, 45 * MEGABYTE, [])
        assert memory.of_process(pid) < 30 * MEGABYTE


async def test_a_process_that_is_gone_holds_nothing() -> None:
    async with python("") as pid:
        assert memory.of_process(pid) > 0
    assert list(memory.descendants(pid)) == [pid]
    assert not memory.over(pid, 0, [])


async def test_the_filter_fits_into_its_pipe_and_is_whole() -> None:
    with seccomp.descriptor() as fd:
        told = os.read(fd, 65_536)
        assert told == seccomp.program()
        assert os.read(fd, 1) == b""
    assert len(told) % 8 == 0


async def test_a_cgroup_is_taken_where_systemd_gives_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = tmp_path / "given"
    program = tmp_path / "systemd-run"
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    assert await cgroup.find_scope(MEGABYTE, 3) == ()
    program.write_text(f'#!/bin/sh\necho "$@" > {given}\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n')
    scope = await cgroup.find_scope(LIMITS.everything, 3)
    assert f"-p MemoryMax={LIMITS.everything} -p MemorySwapMax=0 -p TasksMax=3 -- true" in given.read_text()
    interpreter = JupyterInterpreter(spare=False, limits=LIMITS)
    try:
        await interpreter.start()
        if interpreter.isolated:
            assert (await (await interpreter.open("x")).run("print(1)")).logs == "1\n"
            assert "/bwrap --" in given.read_text()
            assert Sandbox("bwrap", "user", LIMITS, scope).command(["-c", ""], 3)[0] == str(program)
    finally:
        await interpreter.close()
