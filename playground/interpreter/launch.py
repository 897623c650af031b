"""Starting a kernel: the process, in the sandbox or plain, and the connection to its sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import sys
import tempfile
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Sequence

import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient

from playground.interpreter import cgroup, seccomp
from playground.interpreter.kernel import Kernel
from playground.interpreter.sandbox import BOOTSTRAP, DATA, SOCKETS, WRITABLE, Limits, Sandbox, environment
from playground.interpreter.storage import DataDirectory

START_TIMEOUT = 60.0
PRELOAD = ("numpy", "pandas", "matplotlib.pyplot")
PORTS = {"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5}


class KernelStartError(Exception):
    """The kernel did not start."""


def _setup(ip: str, key: str, limits: dict[str, int], preload: Sequence[str], **details: object) -> bytes:
    connection = {"transport": "ipc", "ip": ip, "key": key, "signature_scheme": "hmac-sha256", **PORTS}
    setup = {"connection": connection, "limits": limits, "preload": preload, **details}
    return json.dumps(setup).encode() + b"\n"


async def _ready(process: Process, setup: bytes) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(setup)
        await process.stdin.drain()
    said = b""
    try:
        async with asyncio.timeout(START_TIMEOUT):
            while (line := await process.stdout.readline()) != b"ready\n":
                said += line
                if not line:
                    raise KernelStartError(said.decode(errors="replace")[-2000:])
    except TimeoutError as error:
        raise KernelStartError("not ready in time") from error


def _connect(context: zmq.asyncio.Context, ip: str, key: str) -> AsyncKernelClient:
    client = AsyncKernelClient(context=context, transport="ipc", ip=ip, **PORTS)
    client.session.key = key.encode()
    client.start_channels(hb=False)
    return client


async def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    if process.stdin:
        process.stdin.close()  # bubblewrap killed in its first moments leaves a child, which ends when its input does
    await process.wait()


async def start_kernel(
    sandbox: Sandbox | None, limits: Limits, context: zmq.asyncio.Context, preload: Sequence[str] = PRELOAD
) -> Kernel:
    """Start a kernel in ``sandbox``, or as a plain process in a temporary directory; it imports ``preload`` first.

    Raises:
        KernelStartError: It ended, or was not ready in a minute.
    """
    if sandbox is None:
        return await _start_plain(limits, context, preload)
    return await _start_shut_in(sandbox, context, preload)


async def _start_shut_in(sandbox: Sandbox, context: zmq.asyncio.Context, preload: Sequence[str]) -> Kernel:
    limits, key = sandbox.limits, secrets.token_hex(32)
    details = {"guard": True, "uid": sandbox.new_uid(), "leftovers": ""}
    setup = _setup(f"{SOCKETS}/k", key, limits.resources(), preload, **details)
    read_fd, write_fd = os.pipe()
    try:
        with seccomp.descriptor() as filter_fd:
            process = await asyncio.create_subprocess_exec(
                *sandbox.command(["/opt/bootstrap.py"], filter_fd, write_fd),
                env=cgroup.environment(),
                stdin=PIPE,
                stdout=PIPE,
                stderr=STDOUT,
                pass_fds=[filter_fd, write_fd],
            )
    except BaseException:
        os.close(read_fd)
        raise
    finally:
        os.close(write_fd)
    cleanups, writable = contextlib.ExitStack(), list[int]()
    try:
        await _ready(process, setup)
        root = f"/proc/{json.loads(await asyncio.to_thread(os.read, read_fd, 65536))['child-pid']}/root"
        # These directories exist in the sandbox's own mounts only; handles reach them and survive a reuse of the pid.
        data = await asyncio.to_thread(DataDirectory, root + DATA, limits.data)
        for place in WRITABLE:
            writable.append(os.open(root + place, os.O_DIRECTORY | os.O_CLOEXEC))
            cleanups.callback(os.close, writable[-1])
    except BaseException:
        cleanups.close()
        await _end(process)
        raise
    finally:
        os.close(read_fd)
    client = _connect(context, f"/proc/self/fd/{writable[0]}/k", key)
    return Kernel(process, client, data, limits, cleanups, writable=writable)


async def _start_plain(limits: Limits, context: zmq.asyncio.Context, preload: Sequence[str]) -> Kernel:
    """Without isolation, ``/mnt/data`` in the code stands for a temporary directory, and in the output the reverse."""
    home = await asyncio.to_thread(tempfile.mkdtemp, prefix="kernel-")
    work, key = f"{home}/data", secrets.token_hex(32)
    await asyncio.to_thread(os.mkdir, work)
    try:
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-I", str(BOOTSTRAP)],
            env=environment(home),
            cwd=work,
            stdin=PIPE,
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,
        )
        try:
            own = {name: value for name, value in limits.resources().items() if name != "RLIMIT_NPROC"}
            await _ready(process, _setup(f"{home}/k", key, own, preload, guard=False, uid=None, leftovers=home))
        except BaseException:
            await _end(process)
            raise
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)
        raise
    cleanups = contextlib.ExitStack()
    cleanups.callback(shutil.rmtree, home, ignore_errors=True)
    data = await asyncio.to_thread(DataDirectory, work, limits.data)
    return Kernel(process, _connect(context, f"{home}/k", key), data, limits, cleanups, work)
