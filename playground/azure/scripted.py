"""A model and an interpreter without a kernel, for tests of load and of faults.

The question itself says what happens, in directives between double brackets, carried out in order::

    [[say hello]]   [[code 2]]   [[chart sales.png]]   [[show]]   [[file out.csv]]   [[long 20000]]   [[wait]]

Without any the answer repeats the question. Everything else of the question is ignored.
"""

from __future__ import annotations

import asyncio
import re
import time
import zlib
from collections.abc import AsyncIterator, Sequence

from playground.ports import Execution, ModelRequest, RunCode, SandboxFile, Session

DIRECTIVE = re.compile(r"\[\[(\w+)(?: ([^\]]*))?\]\]")
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

    def gate(self, name: str = "gate") -> asyncio.Event:
        """The event that lets ``[[wait name]]`` go on."""
        return self.gates.setdefault(name, asyncio.Event())

    async def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        """See ``Model``."""
        self.requests.append(request)
        question = request.user_parts[-1] if request.user_parts else ""
        directives = DIRECTIVE.findall(question)
        if not directives:
            yield f"You asked: {question}"
        for name, argument in directives:
            async for delta in self._carry_out(name, argument, run_code):
                yield delta

    async def _carry_out(self, name: str, argument: str, run_code: RunCode) -> AsyncIterator[str]:
        match name:
            case "say":
                for start in range(0, len(argument), PIECE):
                    yield argument[start : start + PIECE]
            case "long":
                for number in range(int(argument) // PIECE + 1):
                    yield f"{number:06d} {'word ' * 6}\n\n"
            case "code":
                for number in range(int(argument or "1")):
                    await run_code(f"# step {number}\nprint({number})")
            case "show":
                await run_code("show")
            case "chart" | "file":
                made = argument or ("chart.png" if name == "chart" else "out.csv")
                await run_code(f"write {made}")
                yield f"\n\n[{made}](sandbox:/mnt/data/{made})"
            case "wait":
                await self.gate(argument or "gate").wait()
            case _:
                yield f"(unknown directive {name})"


class ScriptedSession:
    """Files in memory. ``write NAME`` makes a file, ``show`` displays a figure, anything else prints itself."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[bytes, float]] = {}
        self._count = 0

    async def run(self, code: str, timeout: float = 120.0) -> Execution:
        """See ``Session``."""
        self._count += 1
        if code == "show":
            return Execution("", [tiny_png(1000 + self._count)])
        if code.startswith("write "):
            name = code.removeprefix("write ")
            await self.put(name, tiny_png(self._count) if name.endswith(".png") else b"a,b\n1,2\n")
            return Execution("")
        return Execution(f"ran {code.splitlines()[-1]}\n")

    async def put(self, name: str, data: bytes) -> None:
        """See ``Session``."""
        self._files[name] = (data, time.time())

    async def files(self) -> Sequence[SandboxFile]:
        """See ``Session``."""
        return [SandboxFile(name, len(data), modified) for name, (data, modified) in self._files.items()]

    async def read(self, name: str) -> bytes:
        """See ``Session``."""
        try:
            return self._files[name][0]
        except KeyError:
            raise FileNotFoundError(name) from None

    async def remove(self, name: str) -> None:
        """See ``Session``."""
        self._files.pop(name, None)

    async def close(self) -> None:
        """See ``Session``."""
        self._files.clear()


class ScriptedInterpreter:
    """Makes such sessions."""

    isolated = True

    async def open(self, container_id: str) -> Session:
        """See ``Interpreter``."""
        return ScriptedSession()

    async def close(self) -> None:
        """See ``Interpreter``."""
