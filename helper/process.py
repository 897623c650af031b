"""One helper process, as the bot sees it: started with exec and next to no environment, asked, and killed."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL

from helper.limits import MEMORY
from helper.protocol import HEADER, Answer, Garbage, Guards, length, send_request, unpack

ROOT = Path(__file__).resolve().parent.parent
COMMAND = (sys.executable, "-S", "-P", "-X", "utf8", "-m", "helper")
"""``-S`` and ``-P``: what can be imported is what ``environment`` names, and nothing of the current folder."""

START_SECONDS = 20.0
LOOK_SECONDS = 0.25


class HelperFailed(Exception):
    """A helper died, went silent or answered nonsense; the text says which, for the log."""


class HelperProcess:
    """A helper that runs. It looks into one file at a time."""

    def __init__(self, process: asyncio.subprocess.Process, connection: socket.socket) -> None:
        self._process = process
        self._connection = connection
        self.guards = Guards(memory=False, files=False, calls=False)

    @classmethod
    async def start(cls, command: Sequence[str] = COMMAND) -> HelperProcess:
        """Start one, in a session of its own: Ctrl-C is not for it. Raises ``HelperFailed``."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    str(os.getpid()),
                    stdin=theirs.fileno(),
                    stdout=DEVNULL,
                    stderr=DEVNULL,
                    cwd="/",
                    env=environment(),
                    start_new_session=True,
                )
        except OSError as error:
            ours.close()
            raise HelperFailed(f"it cannot be started: {error}") from error
        helper = cls(process, ours)
        try:
            async with asyncio.timeout(START_SECONDS):
                helper.guards = unpack(Guards, await helper.receive())
        except (OSError, Garbage) as error:
            await helper.kill()
            raise HelperFailed(f"it does not come up: {error or 'no word'}") from error
        except BaseException:
            await helper.kill()
            raise
        return helper

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it is not known to have ended."""
        return self._process.returncode is None

    async def ask(self, file: int, name: str, seconds: float) -> Answer:
        """What it finds in a file. Raises ``HelperFailed``; after any exception it must be killed."""
        watching = None if self.guards.memory else asyncio.create_task(self._watch_memory())
        try:
            async with asyncio.timeout(seconds):
                send_request(self._connection, file, name)
                return unpack(Answer, await self.receive())
        except TimeoutError as error:
            raise HelperFailed(f"no answer within {seconds:g} s") from error
        except Garbage as error:
            raise HelperFailed(f"its answer is garbage: {error}") from error
        except OSError as error:
            raise HelperFailed(f"it is gone: {error}") from error
        finally:
            if watching:
                watching.cancel()

    async def kill(self) -> None:
        """End it."""
        self._connection.close()
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def send(self, body: bytes, files: Sequence[int]) -> None:
        """Hand over open files, and bytes with their length. Raises ``OSError``."""
        socket.send_fds(self._connection, [len(body).to_bytes(HEADER, "big")], list(files))
        await asyncio.get_running_loop().sock_sendall(self._connection, body)

    async def receive(self) -> bytes:
        """Its next message. Raises ``HelperFailed`` when it has ended, and ``Garbage``."""
        return await self._exactly(length(await self._exactly(HEADER)))

    async def _exactly(self, size: int) -> bytes:
        loop = asyncio.get_running_loop()
        received = bytearray()
        while len(received) < size:
            piece = await loop.sock_recv(self._connection, size - len(received))
            if not piece:
                raise HelperFailed(f"it ended, with {await self._process.wait()}")
            received += piece
        return bytes(received)

    async def _watch_memory(self) -> None:
        """Kill it when it takes more than it may, where the system does not see to that."""
        while await _resident(self.pid) <= MEMORY:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(LOOK_SECONDS)
        self._process.kill()


def environment() -> dict[str, str]:
    """All that a helper is told: where Python's modules are."""
    return {"PYTHONPATH": os.pathsep.join(dict.fromkeys([str(ROOT), *filter(None, sys.path)]))}


async def _resident(pid: int) -> int:
    """Bytes of memory that a process takes; 0 when that cannot be told."""
    asked = await asyncio.create_subprocess_exec("ps", "-o", "rss=", "-p", str(pid), stdout=asyncio.subprocess.PIPE)
    told, _ = await asked.communicate()
    return int(told.strip() or 0) * 1024
