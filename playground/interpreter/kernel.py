"""One Jupyter kernel: running a cell in it, stopping it, ending it."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import Process
from collections.abc import Sequence
from typing import Any

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient

from playground.interpreter import memory
from playground.interpreter.output import FloodError, Output
from playground.interpreter.sandbox import DATA, Limits
from playground.interpreter.storage import DataDirectory
from playground.ports import Execution, SessionLost

ENDED = "the session was ended, its variables and files are gone"
GRACE = 2.0
"""Seconds that an interrupted cell has before its kernel is killed."""


class Kernel:
    """A live kernel; after ``kill`` (or a death of its own) every use raises ``SessionLost``.

    Args:
        process: The kernel's process, or the one that it dies with.
        client: Connected to its sockets.
        data: Its ``/mnt/data``.
        work: Where the code finds that directory; when it is another path, the code's text and its output are
            translated.
        limits: Of output.
        cleanups: What to undo once it has ended.
        writable: Open handles of the file systems in memory that the code can write to.
    """

    def __init__(
        self,
        process: Process,
        client: AsyncKernelClient,
        data: DataDirectory,
        limits: Limits,
        cleanups: contextlib.ExitStack,
        work: str = DATA,
        writable: Sequence[int] = (),
    ) -> None:
        self.data = data
        self._process = process
        self._client = client
        self._limits = limits
        self._cleanups = cleanups
        self._work = work
        self._exit = asyncio.ensure_future(process.wait())
        self._cut = asyncio.ensure_future(_disconnection(client))
        self._too_large = False
        self._watch = asyncio.ensure_future(self._end_when_too_large(writable))

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.returncode is None and not self._exit.done()

    async def run(self, code: str, timeout: float) -> Execution:
        """Run a cell; at ``timeout`` seconds it is interrupted, and two seconds later the kernel is killed.

        Raises:
            SessionLost: The kernel has died, before or meanwhile, of something that is not one of our limits.
        """
        self.check()
        output = Output(self._limits)
        if self._work != DATA:
            code = code.replace(DATA, self._work)
        cell = asyncio.ensure_future(self._cell(code, output))
        try:
            await self._within(cell, timeout, output)
        except asyncio.CancelledError:
            self._interrupt()
            raise
        except FloodError:
            output.note(f"The output was too large: {ENDED}.")
            await self.kill()
        except SessionLost:
            if not self._too_large:
                raise
            output.note(f"More memory than {self._limits.total >> 20:,} MB was used: {ENDED}.")
        finally:
            cell.cancel()
            await asyncio.gather(cell, return_exceptions=True)
        result = output.execution()
        return result if self._work == DATA else _with_logs(result, result.logs.replace(self._work, DATA))

    def check(self) -> None:
        """Raise ``SessionLost`` when the kernel has died."""
        if not self.alive:
            raise SessionLost

    async def kill(self) -> None:
        """End the process and all that it started; release files and sockets."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._exit
        for task in (self._cut, self._watch):
            task.cancel()
        await asyncio.gather(self._cut, self._watch, return_exceptions=True)
        self._client.stop_channels()
        await asyncio.to_thread(self.data.close)
        await asyncio.to_thread(self._cleanups.close)

    async def _end_when_too_large(self, writable: Sequence[int]) -> None:
        await memory.watch(self._process.pid, self._limits.total, writable)
        self._too_large = True
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def _within(self, cell: asyncio.Future[None], timeout: float, output: Output) -> None:
        if await self._ended(cell, timeout):
            return
        self._interrupt()
        if await self._ended(cell, GRACE):
            output.note(f"Interrupted: the time limit of {timeout:g} s was reached.")
            return
        output.note(f"The time limit of {timeout:g} s was reached and the code could not be interrupted: {ENDED}.")
        await self.kill()

    def _interrupt(self) -> None:
        session = self._client.session
        session.send(self._client.control_channel.socket, session.msg("interrupt_request", {}))

    async def _ended(self, cell: asyncio.Future[None], timeout: float) -> bool:
        """Whether the cell ended in time. Raises its error, or ``SessionLost`` when the process died instead."""
        watched: set[asyncio.Future[Any]] = {cell, self._exit}
        await asyncio.wait(watched, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if cell.done():
            await cell
            return True
        self.check()
        return False

    async def _cell(self, code: str, output: Output) -> None:
        message = self._client.execute(code, allow_stdin=False, stop_on_error=False)
        shown = asyncio.ensure_future(self._show(message, output))
        answered = asyncio.ensure_future(self._reply(message))
        try:
            watched: set[asyncio.Future[Any]] = {shown, answered, self._cut}
            await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            # A message over ZMQ_MAXMSGSIZE cuts the connection that carries the output.
            missing = self._cut.done() or answered.done()
            await asyncio.wait_for(asyncio.shield(shown), GRACE if missing else None)
            # What is printed faster than it is read fills the kernel's memory, until its errors do not arrive either.
            if await asyncio.wait_for(asyncio.shield(answered), GRACE) and not output.failed:
                raise FloodError
        except TimeoutError as error:
            raise FloodError from error
        finally:
            for task in (shown, answered):
                task.cancel()
            await asyncio.gather(shown, answered, return_exceptions=True)

    async def _show(self, message: str, output: Output) -> None:
        while True:
            received: dict[str, Any] = await self._client.get_iopub_msg()
            if received["parent_header"].get("msg_id") != message:
                continue
            content = received["content"]
            if received["msg_type"] == "status" and content.get("execution_state") == "idle":
                return
            output.take(received["msg_type"], content)

    async def _reply(self, message: str) -> bool:
        """Whether the cell ended in an error."""
        while True:
            received: dict[str, Any] = await self._client.get_shell_msg()
            if received["parent_header"].get("msg_id") == message:
                return bool(received["content"].get("status") == "error")


def _with_logs(result: Execution, logs: str) -> Execution:
    return Execution(logs=logs, images=result.images, failed=result.failed)


async def _disconnection(client: AsyncKernelClient) -> None:
    """Returns when the connection that carries the output has ended."""
    socket = client.iopub_channel.socket
    monitor = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    try:
        await monitor.recv_multipart()
    finally:
        with contextlib.suppress(zmq.ZMQError):
            socket.disable_monitor()
