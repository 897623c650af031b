"""Bots as processes: forked from one that has imported everything, or started as people start them."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Protocol

from tests.support.forkserver import ROOT


class BotProcess(Protocol):
    """What tests use of a process; ``asyncio.subprocess.Process`` has it as well."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    @property
    def stdout(self) -> asyncio.StreamReader | None: ...

    def send_signal(self, number: int) -> None: ...

    def kill(self) -> None: ...

    async def wait(self) -> int: ...


async def execute(folder: Path, environment: Mapping[str, str], project: Path = ROOT) -> BotProcess:
    """``python bot.py``, of this or another version."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(project / "bot.py"),
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def fork(folder: Path, environment: Mapping[str, str], constants: Mapping[str, float]) -> BotProcess:
    """The same in a tenth of the time, where processes can be forked safely (Linux).

    Args:
        folder: Where it runs.
        environment: Its settings, and no more.
        constants: Seconds that it waits, other than its modules say, by module and name.
    """
    if sys.platform != "linux":
        return await execute(folder, environment)
    output, its_output = os.pipe()
    status, its_status = os.pipe()
    packet = json.dumps([str(folder), dict(environment), dict(constants)]).encode()
    socket.send_fds(_forkserver(), [packet], [its_output, its_status])
    for descriptor in (its_output, its_status):
        os.close(descriptor)
    told = await _reader(status)
    return ForkedBot(int(await told.readline()), await _reader(output), told)


class ForkedBot:
    """A bot whose parent is the fork server, which tells its exit code."""

    def __init__(self, pid: int, stdout: asyncio.StreamReader, told: asyncio.StreamReader) -> None:
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._told = told
        self._end = asyncio.ensure_future(self._ended())

    async def _ended(self) -> int:
        self.returncode = int(await self._told.readline() or -signal.SIGKILL)
        return self.returncode

    async def wait(self) -> int:
        return await asyncio.shield(self._end)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


@cache
def _forkserver() -> socket.socket:
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forkserver", str(its.fileno())],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            pass_fds=[its.fileno()],
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


async def _reader(descriptor: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    pipe = os.fdopen(descriptor, "rb")
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader
