"""The code interpreter of the playground: Jupyter kernels below bubblewrap, a few at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence

import zmq
import zmq.asyncio

from playground.interpreter.kernel import Kernel
from playground.interpreter.launch import PRELOAD, KernelStartError, start_kernel
from playground.interpreter.sandbox import Limits, Sandbox, find_sandbox, machine_memory
from playground.ports import Execution, SandboxFile, Session

log = logging.getLogger(__name__)


class JupyterSession:
    """A container: one kernel and the files below its ``/mnt/data``."""

    def __init__(self, kernel: Kernel, owner: JupyterInterpreter) -> None:
        self.last_used = asyncio.get_running_loop().time()
        self._kernel = kernel
        self._owner = owner
        self._turn = asyncio.Lock()

    @property
    def busy(self) -> bool:
        """Whether a cell is running."""
        return self._turn.locked()

    @property
    def alive(self) -> bool:
        """Whether the kernel still runs."""
        return self._kernel.alive

    async def run(self, code: str, timeout: float = 120.0) -> Execution:
        """Run code as a notebook cell; one at a time."""
        try:
            async with self._turn:
                self._touch()
                return await self._kernel.run(code, timeout)
        finally:
            self.last_used = asyncio.get_running_loop().time()
            await (self._owner.changed() if self.alive else self._owner.forget(self))

    async def put(self, name: str, data: bytes) -> None:
        """Write a file below ``/mnt/data``. Raises ``ValueError`` for a name that is not plain."""
        self._touch()
        await asyncio.to_thread(self._kernel.data.put, name, data)

    async def files(self) -> Sequence[SandboxFile]:
        """Regular files of the top level of ``/mnt/data``."""
        self._touch()
        return await asyncio.to_thread(self._kernel.data.files)

    async def read(self, name: str) -> bytes:
        """A file's bytes. Raises ``FileNotFoundError`` for links, FIFOs and directories as well."""
        self._touch()
        return await asyncio.to_thread(self._kernel.data.read, name)

    async def remove(self, name: str) -> None:
        """Delete a file. Raises ``FileNotFoundError`` when there is none."""
        self._touch()
        await asyncio.to_thread(self._kernel.data.remove, name)

    async def close(self) -> None:
        """End the kernel and delete its files."""
        await self._kernel.kill()
        await self._owner.forget(self)

    def _touch(self) -> None:
        self._kernel.check()
        self.last_used = asyncio.get_running_loop().time()


class JupyterInterpreter:
    """At most ``max_sessions`` sessions, and one warm kernel that waits for the next, if that is wanted.

    Attributes:
        isolated: Whether the code of a session is kept from this machine (bubblewrap works here); False before
            ``start``.
    """

    def __init__(
        self, *, isolate: bool = True, spare: bool = True, max_sessions: int = 4, limits: Limits | None = None
    ) -> None:
        """Nothing runs before ``start``, which the first ``open`` calls as well.

        Args:
            isolate: False leaves bubblewrap out even where it works.
            spare: Whether a warm kernel, with the usual libraries imported, waits for the next session. Without it a
                session begins later, and costs a quarter of the CPU.
            max_sessions: Sessions alive at once; opening one more evicts the longest idle.
            limits: What each session may use.
        """
        self.isolated = False
        self._isolate = isolate
        self._keeps_spare = spare
        self._preload = PRELOAD if spare else ()
        self._limits = limits or Limits()
        self._max = max_sessions
        self._sandbox: Sandbox | None = None
        self._sessions: dict[str, JupyterSession] = {}
        self._opening = asyncio.Lock()
        self._changed = asyncio.Condition()
        self._started = False
        self._warm: asyncio.Task[Kernel] | None = None
        self._context = zmq.asyncio.Context()
        # No reconnects: code inside could put a link to a socket of this machine where its own socket was.
        self._context.setsockopt(zmq.RECONNECT_IVL, -1)
        self._context.setsockopt(zmq.MAXMSGSIZE, self._limits.flood)
        self._context.setsockopt(zmq.RCVHWM, 64)

    async def start(self) -> JupyterInterpreter:
        """Find out what isolation works here and start the first kernel; returns the interpreter itself."""
        async with self._opening:
            await self._start()
        return self

    async def _start(self) -> None:
        if self._started:
            return
        self._sandbox = await find_sandbox(self._limits) if self._isolate else None
        try:
            await self._spare()
        except KernelStartError as error:
            if self._sandbox is None:
                raise
            log.warning("kernels do not start in the sandbox here, going on without isolation: %s", error)
            self._sandbox = None
            await self._spare()
        self.isolated = self._sandbox is not None
        self._started = True

    async def open(self, container_id: str, gigabytes: int = 1) -> Session:
        """A fresh session; waits for one to become idle when all are running code.

        The warm kernel is one with the least memory; another one is started when it is asked for.
        """
        limits = self._limits.of(gigabytes, machine_memory())
        async with self._opening:
            await self._start()
            if (old := self._sessions.get(container_id)) is not None:
                await old.close()
            while len(self._sessions) >= self._max:
                await self._evict()
            session = JupyterSession(await self._kernel(limits), self)
            self._sessions[container_id] = session
            return session

    async def _kernel(self, limits: Limits) -> Kernel:
        if limits != self._limits:
            sandbox = self._sandbox and await self._sandbox.with_limits(limits)
            return await start_kernel(sandbox, limits, self._context, self._preload)
        kernel = await self._spare()
        self._warm = self._new_task() if self._keeps_spare else None
        return kernel

    async def forget(self, session: JupyterSession) -> None:
        """Strike a session off (it has ended)."""
        for key in [key for key, value in self._sessions.items() if value is session]:
            del self._sessions[key]
        await self.changed()

    async def close(self) -> None:
        """End all sessions and the warm kernel."""
        for session in list(self._sessions.values()):
            await session.close()
        if self._warm is not None:
            self._warm.cancel()
            with contextlib.suppress(asyncio.CancelledError, KernelStartError):
                await (await self._warm).kill()
            self._warm = None
        self._context.destroy(linger=0)

    async def _spare(self) -> Kernel:
        """The warm kernel, started if there is none (or if it has died)."""
        if self._warm is None:
            self._warm = self._new_task()
        try:
            kernel = await asyncio.shield(self._warm)
        except KernelStartError:
            self._warm = None
            raise
        if kernel.alive:
            return kernel
        await kernel.kill()
        self._warm = self._new_task()
        return await asyncio.shield(self._warm)

    def _new_task(self) -> asyncio.Task[Kernel]:
        return asyncio.create_task(start_kernel(self._sandbox, self._limits, self._context, self._preload))

    async def changed(self) -> None:
        """Wake whoever waits for an idle session."""
        async with self._changed:
            self._changed.notify_all()

    async def _evict(self) -> None:
        def idle() -> list[JupyterSession]:
            return [session for session in self._sessions.values() if not session.busy or not session.alive]

        async with self._changed:
            await self._changed.wait_for(lambda: idle() or len(self._sessions) < self._max)
        if len(self._sessions) >= self._max:
            longest = min(idle(), key=lambda session: session.last_used)
            log.info("evicting the longest idle session")
            await longest.close()
