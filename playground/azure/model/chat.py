"""The messages of chat completions: what is asked, and what comes back in pieces."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from openai import AsyncStream
from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCall

from playground.azure.model import fences
from playground.ports import Execution, FunctionTool, ModelRequest, Past, Refusal, RunCode

Json = dict[str, Any]

LONGEST_OUTPUT = 20_000
"""Characters of a cell's output that the model gets to read."""

TOOL = "python"
TOOLS: Sequence[Any] = (
    {
        "type": "function",
        "function": {
            "name": TOOL,
            "description": "Runs Python in a Jupyter kernel that keeps its variables. Files lie in /mnt/data; "
            "pandas and matplotlib are installed; there is no internet. Returns what the code printed.",
            "parameters": {
                "type": "object",
                "properties": {"code": {"type": "string", "description": "Python source"}},
                "required": ["code"],
            },
        },
    },
)
HINT = (
    "You have a tool named `python`. Use it for every calculation and chart: never guess numbers, and never tell the "
    "person to run code. Link each file that you made in the answer as [label](sandbox:/mnt/data/NAME)."
)


@dataclass
class ToolCall:
    """A tool call, put together from the pieces of a stream."""

    id: str = ""
    name: str = ""
    arguments: str = ""

    @property
    def json(self) -> Json:
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": self.arguments}}

    @property
    def code(self) -> str | None:
        """The Python, or None. Small models now and then write it without the JSON around it."""
        try:
            arguments = json.loads(self.arguments, strict=False)
        except ValueError:
            return self.arguments
        code = arguments.get("code") if isinstance(arguments, dict) else arguments
        return code if isinstance(code, str) else None


class Reply:
    """One streamed reply of the endpoint: text to pass on, and the tool calls beside it."""

    def __init__(self, chunks: AsyncStream[ChatCompletionChunk]) -> None:
        self.text = ""
        self._chunks = chunks
        self._calls: dict[int, ToolCall] = {}

    @property
    def calls(self) -> list[ToolCall]:
        """The tool calls, complete once ``deltas`` has ended."""
        return [self._calls[index] for index in sorted(self._calls)]

    async def deltas(self) -> AsyncIterator[str]:
        """The text as it comes."""
        async with self._chunks as chunks:
            async for chunk in chunks:
                for choice in chunk.choices[:1]:
                    self._collect(choice.delta.tool_calls or ())
                    if choice.delta.refusal:
                        yield Refusal(choice.delta.refusal)
                    if choice.delta.content:
                        self.text += choice.delta.content
                        yield choice.delta.content

    def _collect(self, pieces: Iterable[ChoiceDeltaToolCall]) -> None:
        for piece in pieces:
            call = self._calls.setdefault(piece.index, ToolCall(id=f"call_{uuid4().hex[:24]}"))
            call.id = piece.id or call.id
            if piece.function is not None:
                call.name += piece.function.name or ""
                call.arguments += piece.function.arguments or ""


def messages(request: ModelRequest, *, by_fences: bool = False) -> Iterator[Json]:
    hint = [fences.HINT if by_fences else HINT] if request.can_run_code else []
    past = _past_by_fences if by_fences else _past
    if orders := "\n\n".join([request.instructions, *hint]).strip():
        yield {"role": "system", "content": orders}
    yield from past(request.history)
    yield {"role": "user", "content": "\n\n".join(request.user_parts)}
    yield from past(request.since)


def _past(items: Sequence[Past]) -> Iterator[Json]:
    for past in items:
        if past.call is not None:
            call = ToolCall(f"call_{uuid4().hex[:24]}", TOOL, json.dumps({"code": past.call.code}))
            yield assistant("", [call])
            yield output(call, _shortened(past.call.logs))
        elif past.made is not None:
            call = ToolCall(past.made.id, past.made.name, past.made.arguments)
            yield assistant("", [call])
            yield output(call, _shortened(past.made.output or ""))
        elif past.text:
            yield {"role": past.role, "content": past.text}


def _past_by_fences(items: Sequence[Past]) -> Iterator[Json]:
    """The same for a model that calls no tools; what others have called it reads as messages."""
    for past in items:
        if past.call is not None:
            yield {"role": "assistant", "content": f"```python\n{past.call.code}\n```"}
            yield {"role": "user", "content": fences.OUTPUT.format(output=_shortened(past.call.logs))}
        elif past.made is not None:
            yield {"role": "user", "content": _shortened(past.made.output or "")}
        elif past.text:
            yield {"role": past.role, "content": past.text}


def offered(function: FunctionTool) -> Json:
    told = {"name": function.name, "description": function.description, "parameters": function.parameters}
    return {"type": "function", "function": told}


def assistant(text: str, calls: Sequence[ToolCall]) -> Json:
    return {"role": "assistant", "content": text or None, "tool_calls": [call.json for call in calls]}


def output(call: ToolCall, content: str) -> Json:
    return {"role": "tool", "tool_call_id": call.id, "content": content}


async def run(call: ToolCall, run_code: RunCode) -> str:
    if call.name != TOOL:
        return f"There is no tool named {call.name!r}; there is only `{TOOL}`."
    if call.code is None:
        return 'The arguments must be {"code": "…"}.'
    return told(await run_code(call.code))


def told(execution: Execution) -> str:
    figures = f"\n[{len(execution.images)} figures are shown to the person]" if execution.images else ""
    return (_shortened(execution.logs) + figures).strip() or "(no output)"


def _shortened(logs: str) -> str:
    if len(logs) <= LONGEST_OUTPUT:
        return logs
    half = LONGEST_OUTPUT // 2
    return f"{logs[:half]}\n[… {len(logs) - LONGEST_OUTPUT} characters left out …]\n{logs[-half:]}"
