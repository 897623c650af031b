"""How the parts of the local Azure fit together: a server that speaks the wire, a model, an interpreter."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol


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

    async def open(self, container_id: str, gigabytes: int = 1) -> Session:
        """A session with so much memory. May evict the longest idle one, whose next use then raises ``SessionLost``."""
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
class MadeCall:
    """A call of a function, with the output that it got; None: none."""

    id: str
    name: str
    arguments: str
    output: str | None


@dataclass(frozen=True)
class Past:
    """One earlier item of the conversation, in order."""

    role: Literal["user", "assistant", "code", "function"]
    text: str = ""
    call: CodeCall | None = None
    made: MadeCall | None = None


@dataclass(frozen=True)
class FunctionTool:
    """A function that the model may call; ``parameters`` is a JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class ModelRequest:
    """What a model is asked.

    ``user_parts`` are the text parts of the newest user message, in order; the last one is the question itself.
    ``can_run_code`` says whether the code interpreter tool was offered, ``functions`` which functions. ``since`` is
    what the model did since the question, when it goes on after calls.
    """

    instructions: str
    user_parts: Sequence[str]
    history: Sequence[Past] = field(default_factory=list)
    can_run_code: bool = True
    functions: Sequence[FunctionTool] = field(default_factory=list)
    since: Sequence[Past] = field(default_factory=list)


RunCode = Callable[[str], Awaitable[Execution]]


class Commentary(str):
    """A text delta that is a remark about the work, not the answer (the wire's phase ``commentary``)."""

    __slots__ = ()


class Refusal(str):
    """A text delta of a refusal to answer (the wire's content part ``refusal``)."""

    __slots__ = ()


class Call(str):
    """In place of a text delta: the arguments of a call of a function. An answer ends with its calls.

    It goes on with their outputs. Without an id, one is made up.
    """

    name: str
    id: str | None

    def __new__(cls, arguments: str, name: str, call_id: str | None = None) -> Call:
        call = super().__new__(cls, arguments)
        call.name, call.id = name, call_id
        return call


class Model(Protocol):
    """Writes the answer. Yields text deltas; between them it may await ``run_code`` any number of times.

    Deltas of the classes ``Commentary``, ``Refusal`` and ``Call`` mean more than plain text.
    """

    trusted: bool
    """True when the code it writes is our own (the offline analyst), so that it may run without isolation."""

    def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        """Answer one request."""
        ...
