"""How the parts of the local Azure fit together: a server that speaks the wire, a model, an interpreter."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True)
class Execution:
    """What a piece of Python did: printed text (tracebacks included) and the displayed figures as PNG, in order."""

    logs: str
    images: Sequence[bytes] = ()
    failed: bool = False


@dataclass(frozen=True)
class SandboxFile:
    """A file below /mnt/data. ``name`` is relative to it; ``modified`` is epoch seconds."""

    name: str
    size: int
    modified: float


class Session(Protocol):
    """One container: Python state and files below /mnt/data. Raises ``SessionLost`` once it has died."""

    async def run(self, code: str, timeout: float = 120.0) -> Execution:
        """Run code as a notebook cell."""
        ...

    async def put(self, name: str, data: bytes) -> None:
        """Write a file below /mnt/data. ``name`` must be plain (no separators)."""
        ...

    async def files(self) -> Sequence[SandboxFile]:
        """List files below /mnt/data (top level)."""
        ...

    async def read(self, name: str) -> bytes:
        """A file's bytes."""
        ...

    async def remove(self, name: str) -> None:
        """Delete a file."""
        ...

    async def close(self) -> None:
        """End the session and delete its files."""
        ...


class SessionLost(Exception):
    """The session has died or was evicted; its variables and files are gone."""


class Interpreter(Protocol):
    """Makes sessions. ``isolated`` says whether model-written code cannot reach this machine."""

    isolated: bool

    async def open(self, container_id: str) -> Session:
        """A fresh session. May evict the longest idle one, whose next use then raises ``SessionLost``."""
        ...

    async def close(self) -> None:
        """End all sessions."""
        ...


@dataclass(frozen=True)
class CodeCall:
    """Code that ran earlier in the conversation, with its output."""

    code: str
    logs: str


@dataclass(frozen=True)
class Past:
    """One earlier item of the conversation, in order."""

    role: Literal["user", "assistant", "code"]
    text: str = ""
    call: CodeCall | None = None


@dataclass(frozen=True)
class ModelRequest:
    """What a model is asked.

    ``user_parts`` are the text parts of the newest user message, in order; the last one is the question itself.
    ``can_run_code`` says whether the code interpreter tool was offered.
    """

    instructions: str
    user_parts: Sequence[str]
    history: Sequence[Past] = field(default_factory=list)
    can_run_code: bool = True


RunCode = Callable[[str], Awaitable[Execution]]


class Commentary(str):
    """A text delta that is a remark about the work, not the answer (the wire's phase ``commentary``)."""

    __slots__ = ()


class Refusal(str):
    """A text delta of a refusal to answer (the wire's content part ``refusal``)."""

    __slots__ = ()


class Model(Protocol):
    """Writes the answer. Yields text deltas; between them it may await ``run_code`` any number of times.

    Deltas of the classes ``Commentary`` and ``Refusal`` mean more than plain text.
    """

    trusted: bool
    """True when the code it writes is our own (the offline analyst), so that it may run without isolation."""

    def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        """Answer one request."""
        ...
