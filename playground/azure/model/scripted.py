"""A model and an interpreter without a kernel, for tests of load and of faults.

The question itself says what happens, in directives between double brackets, carried out in order::

    [[say hello]]       text                        [[code 2]]      two pieces of code that print
    [[comment on it]]   a remark about the work     [[error]]       code that raises
    [[refuse no]]       a refusal                   [[show]]        a displayed figure
    [[long 20000]]      about so many characters    [[chart a.png]] a saved figure, linked
    [[table 5]]         a Markdown table            [[both a.png]]  a figure saved and displayed, linked
    [[link a.csv]]      a link to no file           [[file a.csv]]  a file, linked
    [[files]]           what lies in the sandbox    [[read a.csv]]  a file's bytes as text
    [[history]]         earlier questions           [[context]]     the parts before the question
    [[sleep 2]]         seconds                     [[wait gate]]   until the test sets the gate
    [[fail]]            the model breaks down       [[call f {"a": [1]}]]  a call of a function
    [[outputs]]         what calls came to          [[then]]        parts calls that are not made side by side
    [[opened]]          the files that they brought, as text
    [[receipt {"version": 1, "numbers": []}]]   a receipt of the answer's numbers, printed where that is asked for

Without any the answer repeats the question. Everything else of the question is ignored. The answer stops after a row of
calls, and goes on with their outputs. Without functions nothing is called.
"""

from __future__ import annotations

import asyncio
import re
import time
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence

from playground.ports import (
    Call,
    Commentary,
    Execution,
    ModelRequest,
    Refusal,
    RunCode,
    SandboxFile,
    Session,
    SessionLost,
)

DIRECTIVE = re.compile(r"\[\[(\w+)(?: ((?:(?!\]\](?!\])).)*))?\]\]", re.DOTALL)
PATH = re.compile(r"`/mnt/data/([^`]+)`")
PIECE = 40


def tiny_png(seed: int) -> bytes:
    """A valid PNG of 8 × 8 pixels in one colour; each seed gives other bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = (8).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    row = b"\x00" + bytes((seed % 256, seed // 256 % 256, 120)) * 8
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * 8)) + chunk(b"IEND", b"")


class ScriptedModel:
    """Does what the question says. ``gates`` hold runs at ``[[wait name]]`` until their event is set."""

    trusted = True

    def __init__(self) -> None:
        self.requests: list[ModelRequest] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.waiting: dict[str, asyncio.Event] = {}

    def gate(self, name: str = "gate") -> asyncio.Event:
        """The event that lets ``[[wait name]]`` go on."""
        return self.gates.setdefault(name, asyncio.Event())

    async def reached(self, name: str = "gate") -> None:
        """Return once a run waits at ``[[wait name]]``."""
        await self.waiting.setdefault(name, asyncio.Event()).wait()

    async def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        """See ``Model``."""
        self.requests.append(request)
        question = request.user_parts[-1] if request.user_parts else ""
        directives = DIRECTIVE.findall(question)
        if not directives:
            yield f"You asked: {question}"
        for name, argument in _next(directives, request):
            if name == "call":
                function, _, arguments = argument.partition(" ")
                yield Call(arguments, function) if request.functions else "(no functions)"
            elif name in CODE:
                async for delta in _compute(name, argument, request, run_code):
                    yield delta
            elif name in ("wait", "sleep", "fail"):
                await self._pause(name, argument)
            else:
                for delta in _words(name, argument, request):
                    yield delta

    async def _pause(self, name: str, argument: str) -> None:
        if name == "wait":
            self.waiting.setdefault(argument or "gate", asyncio.Event()).set()
            await self.gate(argument or "gate").wait()
        elif name == "sleep":
            await asyncio.sleep(float(argument or "1"))
        else:
            raise RuntimeError(argument or "the scripted model was told to fail")


def _next(directives: Sequence[tuple[str, str]], request: ModelRequest) -> Iterator[tuple[str, str]]:
    """The directives from where the model is up to the end of the next row of calls."""
    made = sum(past.made is not None for past in request.since)
    position = 0
    while made and position < len(directives):
        made -= directives[position][0] == "call"
        position += 1
    is_calling = False
    for name, argument in directives[position:]:
        if is_calling and name != "call":
            return
        is_calling = name == "call" and bool(request.functions)
        if name != "then":
            yield name, argument


CODE = {"code", "error", "show", "chart", "both", "file", "files", "read", "opened", "receipt"}


async def _compute(name: str, argument: str, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
    match name:
        case "code":
            for number in range(int(argument or "1")):
                await run_code(f"# step {number}\nprint({number})")
        case "show":
            await run_code("show")
        case "error":
            await run_code("raise ValueError")
        case "receipt":
            prints = "print('receipt.json:'" in request.instructions
            await run_code(f"write receipt.json\t{argument}" + f"\nprint receipt.json: {argument}" * prints)
        case "opened":
            for path in dict.fromkeys(PATH.findall(_recall("outputs", request))):
                yield (await run_code(f"read {path}")).logs
        case "files" | "read":
            yield (await run_code(f"{name} {argument}".strip())).logs
        case _:
            made = argument or ("out.csv" if name == "file" else "chart.png")
            await run_code(f"write {made}" + ("\nshow" if name == "both" else ""))
            yield f"\n\n[{made}](sandbox:/mnt/data/{made})"


def _words(name: str, argument: str, request: ModelRequest) -> Iterator[str]:
    match name:
        case "say":
            for start in range(0, len(argument), PIECE):
                yield argument[start : start + PIECE]
        case "comment":
            yield Commentary(argument)
        case "refuse":
            yield Refusal(argument or "I cannot help with that.")
        case "long":
            for number in range(int(argument) // PIECE + 1):
                yield f"{number:06d} {'word ' * 6}\n\n"
        case "table":
            yield "\n\n| n | square |\n|--:|--:|\n"
            yield from (f"| {number} | {number * number} |\n" for number in range(int(argument or "3")))
        case "link":
            yield f"\n\n[{argument}](sandbox:/mnt/data/{argument})"
        case _:
            yield _recall(name, request)


def _recall(name: str, request: ModelRequest) -> str:
    if name == "history":
        return " / ".join(past.text for past in request.history if past.role == "user") or "(nothing before)"
    if name == "outputs":
        return " / ".join(past.made.output or "" for past in request.since if past.made) or "(no outputs)"
    if name == "context":
        return "\n".join(request.user_parts[:-1]) or "(no context)"
    return f"(unknown directive {name})"


def _anything(name: str, seed: int) -> bytes:
    return tiny_png(seed) if name.endswith(".png") else b"a,b\n1,2\n"


class ScriptedSession:
    """Files in memory. Its code has one command a line.

    ``write NAME`` makes a file, of the text behind a tab if there is some, ``print TEXT`` prints, ``show`` displays a
    figure, ``files`` and ``read NAME`` print, ``raise NAME`` fails; anything else says that it ran.
    """

    def __init__(self) -> None:
        self.lost = False
        self._files: dict[str, tuple[bytes, float]] = {}
        self._count = 0

    async def run(self, code: str, timeout: float = 120.0) -> Execution:
        """See ``Session``."""
        self._check()
        logs: list[str] = []
        images: list[bytes] = []
        for line in code.splitlines():
            self._count += 1
            command, _, name = line.partition(" ")
            if command == "show":
                images.append(tiny_png(1000 + self._count))
            elif command == "write":
                name, _, text = name.partition("\t")
                await self.put(name, text.encode() or _anything(name, self._count))
            elif command == "print":
                logs.append(name)
            elif command == "files":
                logs += [f"{file.name} {file.size}" for file in await self.files()]
            elif command == "read":
                logs.append(self._files[name][0].decode(errors="replace") if name in self._files else "no such file")
            elif command == "raise":
                return Execution(f"Traceback (most recent call last):\n{name}\n", images, failed=True)
            elif command != "#":
                logs.append(f"ran {line}")
        return Execution("".join(f"{line}\n" for line in logs), images)

    async def put(self, name: str, data: bytes) -> None:
        """See ``Session``."""
        self._check()
        # Never twice the same time, so that a file written again counts as changed.
        latest = max((modified for _, modified in self._files.values()), default=0.0)
        self._files[name] = (data, max(time.time(), latest + 1e-6))

    async def files(self) -> Sequence[SandboxFile]:
        """See ``Session``."""
        self._check()
        return [SandboxFile(name, len(data), modified) for name, (data, modified) in self._files.items()]

    async def read(self, name: str) -> bytes:
        """See ``Session``."""
        self._check()
        try:
            return self._files[name][0]
        except KeyError:
            raise FileNotFoundError(name) from None

    async def remove(self, name: str) -> None:
        """See ``Session``."""
        self._check()
        self._files.pop(name, None)

    async def close(self) -> None:
        """See ``Session``."""
        self.lost = True
        self._files.clear()

    def _check(self) -> None:
        if self.lost:
            raise SessionLost


class ScriptedInterpreter:
    """Makes such sessions; with ``most`` given, one more evicts the oldest, as kernels do.

    ``gigabytes`` is the memory that was asked for, by container.
    """

    isolated = True

    def __init__(self, most: int | None = None) -> None:
        self.sessions: dict[str, ScriptedSession] = {}
        self.gigabytes: dict[str, int] = {}
        self._most = most

    async def open(self, container_id: str, gigabytes: int = 1) -> Session:
        """See ``Interpreter``."""
        self.sessions = {key: session for key, session in self.sessions.items() if not session.lost}
        if self._most is not None and len(self.sessions) >= self._most:
            await next(iter(self.sessions.values())).close()
        session = ScriptedSession()
        self.sessions[container_id] = session
        self.gigabytes[container_id] = gigabytes
        return session

    async def close(self) -> None:
        """See ``Interpreter``."""
        for session in self.sessions.values():
            await session.close()
        self.sessions.clear()
