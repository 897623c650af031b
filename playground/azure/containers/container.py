"""One container: its files, its sandbox, its life."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from playground.azure.containers.files import StoredFile
from playground.azure.containers.sandbox import Sandbox, safe_name
from playground.azure.service import ids
from playground.azure.service.blobs import Blob
from playground.azure.service.wire import Json
from playground.ports import Execution, SessionLost

ROOT = "/mnt/data/"
LOST = "The Python session has ended; its variables and files are gone."


@dataclass
class ContainerFile:
    """A file in a container. ``blob`` holds its bytes unless they are only in the session."""

    id: str
    container_id: str
    name: str
    size: int
    source: str
    created_at: int
    blob: Blob | None = None
    file_id: str | None = None

    @property
    def path(self) -> str:
        return ROOT + self.name

    def json(self) -> Json:
        return {
            "id": self.id,
            "object": "container.file",
            "created_at": self.created_at,
            "bytes": self.size,
            "container_id": self.container_id,
            "path": self.path,
            "source": self.source,
        }


@dataclass(frozen=True)
class CodeRun:
    """What code did in a container: its execution, and the displayed figures as files."""

    execution: Execution
    shown: Sequence[ContainerFile] = ()


@dataclass
class Container:
    """A container and its files."""

    name: str
    sandbox: Sandbox
    now: Callable[[], int]
    id: str
    minutes: int = 20
    memory_limit: str = "1g"
    status: str = "running"
    files: dict[str, ContainerFile] = field(default_factory=dict)
    created_at: int = 0
    last_active_at: int = 0

    def __post_init__(self) -> None:
        self.created_at = self.last_active_at = self.now()

    def json(self) -> Json:
        return {
            "id": self.id,
            "object": "container",
            "created_at": self.created_at,
            "status": self.status,
            "expires_after": {"anchor": "last_active_at", "minutes": self.minutes},
            "last_active_at": self.last_active_at,
            "memory_limit": self.memory_limit,
            "name": self.name,
            "network_policy": {"type": "disabled"},
        }

    @property
    def overdue(self) -> bool:
        return self.now() >= self.last_active_at + 60 * self.minutes

    def touch(self) -> None:
        """It was used."""
        if self.status == "running":
            self.last_active_at = self.now()

    async def expire(self) -> None:
        """End it: the data is destroyed, the metadata stays readable."""
        self.status = "expired"
        self.files.clear()
        await self.sandbox.close()

    def named(self, name: str) -> ContainerFile | None:
        """The newest file of that name below /mnt/data."""
        return next((file for file in reversed(self.files.values()) if file.name == name), None)

    async def add(self, filename: str, blob: Blob, *, file_id: str | None = None) -> ContainerFile:
        """Give it a file. One that came from ``/files`` keeps that id in its path and is added only once."""
        if file_id is not None:
            for file in self.files.values():
                if file.file_id == file_id:
                    return file
        identifier = ids.hex_id("cfile_", 32)
        name = safe_name(file_id or identifier.removeprefix("cfile_"), filename)
        await self.sandbox.put(name, blob)
        file = ContainerFile(identifier, self.id, name, blob.size, "user", self.now(), blob, file_id)
        self.files[file.id] = file
        return file

    async def run(self, code: str) -> CodeRun:
        """Run code; its new files and displayed figures become files of the container."""
        try:
            ran = await self.sandbox.run(code)
        except SessionLost:
            await self.expire()
            return CodeRun(Execution(LOST, failed=True))
        self.touch()
        shown = []
        for image in ran.execution.images:
            identifier = ids.hex_id("cfile_", 32)
            shown.append(self._made(identifier, f"{identifier}.png", len(image), Blob(image)))
        for made in ran.changed:
            if (old := self.named(made.name)) is not None and old.source == "user":
                old.size, old.blob = made.size, None
                continue
            if old is not None:
                del self.files[old.id]
            self._made(ids.hex_id("cfile_", 32), made.name, made.size, None)
        return CodeRun(ran.execution, shown)

    def _made(self, identifier: str, name: str, size: int, blob: Blob | None) -> ContainerFile:
        file = ContainerFile(identifier, self.id, name, size, "assistant", self.now(), blob)
        self.files[identifier] = file
        return file


async def add_stored(container: Container, file: StoredFile) -> ContainerFile:
    """Put a file of the resource into a container."""
    return await container.add(file.filename, file.blob, file_id=file.id)
