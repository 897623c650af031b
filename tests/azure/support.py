"""A model and an interpreter that do exactly what a test says."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import TypeAlias

from azure_assistant.assistant import Assistant, AssistantFile, Prompt, PromptFile, Thread
from azure_assistant.events import RunEvent
from playground.azure.containers.container import Container
from playground.azure.containers.files import StoredFile
from playground.ports import Execution, ModelRequest, RunCode, SandboxFile


def png(seed: int) -> bytes:
    """A small valid PNG; each seed gives other bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    header = (1).to_bytes(4) * 2 + b"\x08\x02\x00\x00\x00"
    pixel = zlib.compress(bytes((0, seed % 256, seed // 256 % 256, 0)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


@dataclass(frozen=True)
class Cell:
    """Code that the model runs: what it prints, the figures it displays, the files it writes."""

    code: str
    prints: str = ""
    shows: Sequence[bytes] = ()
    writes: Mapping[str, bytes] = field(default_factory=dict)


Step: TypeAlias = str | Cell
Answers: TypeAlias = Callable[[ModelRequest], Sequence[Step]]


class TestModel:
    """Says what ``answers`` gives for a request: pieces of text, and code to run between them."""

    __test__ = False
    trusted = True

    def __init__(self, interpreter: TestInterpreter) -> None:
        self.requests: list[ModelRequest] = []
        self.answers: Answers = lambda request: [f"You asked: {request.user_parts[-1]}"]
        self._interpreter = interpreter

    async def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        self.requests.append(request)
        for step in self.answers(request):
            if isinstance(step, Cell):
                self._interpreter.cells[step.code] = step
                await run_code(step.code)
            else:
                yield step


class TestSession:
    """Files in memory; code does what its cell says."""

    __test__ = False

    def __init__(self, cells: Mapping[str, Cell]) -> None:
        self.stored: dict[str, bytes] = {}
        self._cells = cells
        self._clock = 0.0

    async def run(self, code: str, timeout: float = 120.0) -> Execution:
        cell = self._cells[code]
        self._clock += 1
        self.stored.update(cell.writes)
        return Execution(cell.prints, cell.shows)

    async def put(self, name: str, data: bytes) -> None:
        self.stored[name] = data

    async def files(self) -> Sequence[SandboxFile]:
        return [SandboxFile(name, len(data), zlib.crc32(data)) for name, data in self.stored.items()]

    async def read(self, name: str) -> bytes:
        return self.stored[name]

    async def remove(self, name: str) -> None:
        self.stored.pop(name, None)

    async def close(self) -> None:
        self.stored.clear()


class TestInterpreter:
    """Makes such sessions."""

    __test__ = False
    isolated = True

    def __init__(self) -> None:
        self.cells: dict[str, Cell] = {}
        self.sessions: dict[str, TestSession] = {}

    async def open(self, container_id: str, gigabytes: int = 1) -> TestSession:
        session = TestSession(self.cells)
        self.sessions[container_id] = session
        return session

    async def close(self) -> None:
        self.sessions.clear()


def shared(files: Mapping[str, StoredFile]) -> list[str]:
    """Names of the files at the service but for what charts need, which belongs to nobody."""
    return [file.filename for file in files.values() if not file.filename.startswith("chart-")]


def placed(container: Container) -> list[str]:
    """Paths of the files in a container, but for what charts need."""
    return [file.path for file in container.files.values() if "-chart-" not in file.path]


async def ask(assistant: Assistant, thread: Thread, question: str | Prompt) -> list[RunEvent]:
    """All events of a run."""
    prompt = question if isinstance(question, Prompt) else Prompt(question)
    return [event async for event in assistant.run(thread, prompt)]


async def attach(assistant: Assistant, thread: Thread, name: str, data: bytes) -> PromptFile:
    """Upload a file for a thread."""
    return PromptFile(await add(assistant, thread, name, data), name)


async def add(assistant: Assistant, thread: Thread, name: str, data: bytes) -> AssistantFile:
    return await assistant.add_file(thread, name, BytesIO(data), len(data))


async def content(assistant: Assistant, ref: Mapping[str, object]) -> bytes:
    """The bytes of an artifact."""
    return b"".join([chunk async for chunk in assistant.read_file(ref)])
