"""The loop of every run: the model writes, and has code run in between."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol, cast

from playground.ports import Call, Execution, Model, ModelRequest


class Writer(Protocol):
    """Takes what a model does and turns it into events of the wire."""

    async def text(self, delta: str) -> None:
        """The next piece of text; its class says what it is."""
        ...

    async def code(self, code: str) -> Execution:
        """Run code."""
        ...

    async def call(self, call: Call) -> None:
        """A call of a function."""
        ...


async def drive(model: Model, request: ModelRequest, writer: Writer) -> None:
    """Have a model answer a request."""
    deltas = cast("AsyncGenerator[str, None]", model.answer(request, writer.code))
    async with aclosing(deltas):
        async for delta in deltas:
            if isinstance(delta, Call):
                await writer.call(delta)
            elif delta:
                await writer.text(delta)
