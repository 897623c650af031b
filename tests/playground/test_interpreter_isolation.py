"""Attacks on the sandbox: each must be refused, and none may hurt a neighbour."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from playground.interpreter.jupyter import JupyterInterpreter
from playground.interpreter.sandbox import MEGABYTE, Limits
from playground.ports import Session, SessionLost

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMITS = Limits(data=32 * MEGABYTE, scratch=8 * MEGABYTE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def interpreter() -> AsyncIterator[JupyterInterpreter]:
    os.environ["PLAYGROUND_TEST_SECRET"] = "hunter2"
    interpreter = await JupyterInterpreter(spare=False, limits=LIMITS).start()
    if not interpreter.isolated:
        await interpreter.close()
        pytest.skip("no isolation on this machine")
    yield interpreter
    await interpreter.close()
    del os.environ["PLAYGROUND_TEST_SECRET"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session(interpreter: JupyterInterpreter) -> Session:
    return await interpreter.open("attacked")


REFUSED = {
    "read a secret of the machine": "open('/etc/shadow').read()",
    "read the repository": f"open({str(Path(__file__))!r}).read()",
    "list home": f"os.listdir({str(Path.home() / '.ssh')!r})",
    "write below /usr": "open('/usr/x', 'w')",
    "write in the packages": "open(os.path.join(os.path.dirname(os.__file__), 'x.py'), 'w')",
    "write in the root directory": "open('/x', 'w')",
    "write below /dev": "open('/dev/x', 'w')",
    "resolve a name": "socket.getaddrinfo('example.com', 443)",
    "reach the internet": "socket.create_connection(('1.1.1.1', 53), 2)",
    "kill the process 1": "(os.kill(1, 9), open('/proc/1/status'))",
    "become root": "os.setuid(0)",
    "make a device": "os.mknod('/mnt/data/dev', 0o60666, os.makedev(8, 0))",
    "mount": "(_ for _ in ()).throw(OSError()) if ctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, 0) else 0",
    "leave by chroot": "os.chroot('/tmp')",
}


@pytest.mark.parametrize("attack", REFUSED.values(), ids=REFUSED.keys())
async def test_refused(session: Session, attack: str) -> None:
    attempt = f"try:\n    {attack}\n    print('GOT THROUGH')\nexcept OSError as e:\n    print('refused')"
    code = f"import ctypes, os, socket\n{attempt}"
    assert (await session.run(code, 20)).logs.strip() == "refused"


async def test_a_local_server_is_out_of_reach(session: Session) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = await session.run(f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)")
    assert "ConnectionRefusedError" in result.logs


async def test_the_environment_is_clean(session: Session) -> None:
    result = await session.run("import os, json; print(json.dumps(dict(os.environ)))")
    environment = json.loads(result.logs)
    assert "hunter2" not in result.logs
    assert not any(word in name for name in environment for word in ("TOKEN", "KEY", "SECRET", "AZURE", "SLACK"))


async def test_it_is_not_root(session: Session) -> None:
    assert int((await session.run("import os; print(os.getuid())")).logs) > 0


async def test_memory_is_limited_and_the_session_lives_on(session: Session) -> None:
    await session.run("kept = 1")
    assert "MemoryError" in (await session.run("x = bytearray(8 * 10**9)")).logs
    assert (await session.run("print(kept)")).logs == "1\n"


@pytest.mark.parametrize("directory", ["/mnt/data", "/tmp", "/dev/shm", "/run/kernel"])
async def test_disk_is_limited(session: Session, directory: str) -> None:
    code = f"""
import os
n, names = 0, []
try:
    while n < 1000:
        names.append(f'{directory}/fill{{n}}')
        with open(names[-1], 'wb') as f:
            f.write(b'0' * 10**6)
        n += 1
except OSError as e:
    print(e.errno)
for name in names:
    os.remove(name)
"""
    assert (await session.run(code)).logs.strip() == "28"


async def test_a_fork_bomb_is_limited(interpreter: JupyterInterpreter, session: Session) -> None:
    code = """
import os, time
n = 0
try:
    while n < 2000:
        if os.fork() == 0:
            time.sleep(600)
            os._exit(0)
        n += 1
except OSError:
    pass
print(n)
"""
    bombed = await interpreter.open("bomb")
    if os.getuid() == 0 and interpreter._sandbox is not None and interpreter._sandbox.kind == "user":
        pytest.skip("RLIMIT_NPROC does not bind root in a user namespace")
    assert int((await bombed.run(code)).logs) < 200
    assert (await session.run("print('well')")).logs == "well\n"
    await bombed.close()
    with pytest.raises(SessionLost):
        await bombed.run("1")


@pytest.mark.parametrize(
    "plant",
    ["os.symlink('/etc/passwd', 'out.csv')", "os.mkfifo('out.csv')", "os.mkdir('out.csv')"],
    ids=["link", "fifo", "directory"],
)
async def test_only_regular_files_are_read(session: Session, plant: str) -> None:
    await session.run(f"import os\n{plant}")
    assert "out.csv" not in {file.name for file in await session.files()}
    with pytest.raises(FileNotFoundError):
        await session.read("out.csv")
    await session.run("os.rmdir('out.csv') if os.path.isdir('out.csv') else os.remove('out.csv')")


async def test_a_planted_link_is_replaced_not_followed(session: Session, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("whole")
    await session.run(f"import os\nos.symlink({str(victim)!r}, '/mnt/data/in.csv')")
    await session.put("in.csv", b"a,b\n1,2\n")
    assert victim.read_text() == "whole"
    assert await session.read("in.csv") == b"a,b\n1,2\n"
    await session.remove("in.csv")


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b", "..", "", "a\0b", "a\\b", "x" * 300])
async def test_names_with_paths_are_refused(session: Session, name: str) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        await session.put(name, b"")
    with pytest.raises(FileNotFoundError):
        await session.read(name)
