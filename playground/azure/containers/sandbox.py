"""A session of the interpreter that is opened when code runs for the first time, and the files that it holds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from playground.azure.service.blobs import Blob
from playground.ports import Execution, Interpreter, SandboxFile, Session, SessionLost

REFUSAL = (
    "This machine cannot isolate code, so the local interpreter runs only code of the built-in analyst. "
    "Set ALLOW_UNSAFE_CODE=1 to run model-written code without isolation."
)
LONGEST_NAME = 255


@dataclass(frozen=True)
class Ran:
    """What code did: its execution, and the files below /mnt/data that it made or changed."""

    execution: Execution
    changed: Sequence[SandboxFile] = ()


def safe_name(prefix: str, filename: str) -> str:
    """``prefix-filename`` without separators, of at most 255 bytes (the end is kept: it has the extension)."""
    plain = filename.replace("/", "_").replace("\\", "_").replace("\0", "_")
    room = LONGEST_NAME - len(prefix.encode()) - 1
    tail = plain.encode(errors="replace")[-room:].decode(errors="ignore")
    return f"{prefix}-{tail}"


class Sandbox:
    """Files and Python state of one container or thread.

    Args:
        interpreter: Makes the session.
        key: The session's name for the interpreter.
        allowed: Whether code may run at all.
        seconds: Longest run of one piece of code.
        gigabytes: Memory of the session.
    """

    def __init__(
        self, interpreter: Interpreter, key: str, *, allowed: bool, seconds: float, gigabytes: int = 1
    ) -> None:
        self.lost = False
        self._interpreter = interpreter
        self._key = key
        self._allowed = allowed
        self._seconds = seconds
        self._gigabytes = gigabytes
        self._pending: dict[str, Blob] = {}
        self._opening: asyncio.Task[Session] | None = None
        self._seen: dict[str, SandboxFile] = {}
        self._lock = asyncio.Lock()

    async def put(self, name: str, blob: Blob) -> None:
        """Give the session a file; kept back until the session is opened."""
        async with self._lock:
            self._pending[name] = blob
            if self._opening is not None:
                await self._flush(await self._open())

    async def run(self, code: str) -> Ran:
        """Run code.

        Raises:
            SessionLost: The session died; its files and variables are gone.
        """
        if not self._allowed:
            return Ran(Execution(REFUSAL, failed=True))
        async with self._lock:
            try:
                session = await self._open()
                await self._flush(session)
                execution = await session.run(code, self._seconds)
                return Ran(execution, await self._changes(session))
            except SessionLost:
                self.lost = True
                raise

    async def read(self, name: str) -> bytes:
        """The bytes of a file.

        Raises:
            SessionLost: The session died.
            FileNotFoundError: There is no such file.
        """
        async with self._lock:
            if name in self._pending:
                return await self._pending[name].read()
            if self._opening is None:
                raise FileNotFoundError(name)
            return await (await self._open()).read(name)

    async def remove(self, name: str) -> None:
        """Delete a file, if it is there."""
        async with self._lock:
            if self._pending.pop(name, None) is None and name in self._seen and self._opening is not None:
                with suppress(FileNotFoundError):
                    await (await self._open()).remove(name)
                del self._seen[name]

    async def alive(self) -> bool:
        """Whether the session, if one was opened, is still there."""
        if self._opening is None or self._lock.locked() or self.lost:
            return not self.lost
        try:
            async with self._lock:
                await (await self._open()).files()
        except SessionLost:
            self.lost = True
        return not self.lost

    async def close(self) -> None:
        """End the session."""
        opening, self._opening, self.lost = self._opening, None, True
        if opening is not None:
            with suppress(SessionLost):
                await (await opening).close()

    async def _open(self) -> Session:
        if self.lost:
            raise SessionLost(self._key)
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._interpreter.open(self._key, self._gigabytes))
        opening = self._opening
        try:
            return await asyncio.shield(opening)
        finally:
            if opening.done() and (opening.cancelled() or opening.exception() is not None):
                self._opening = None

    async def _flush(self, session: Session) -> None:
        if not self._pending:
            return
        for name, blob in list(self._pending.items()):
            await session.put(name, await blob.read())
            del self._pending[name]
        await self._changes(session)

    async def _changes(self, session: Session) -> list[SandboxFile]:
        now = {file.name: file for file in await session.files()}
        changed = [file for name, file in now.items() if self._seen.get(name) != file]
        self._seen = now
        return changed
