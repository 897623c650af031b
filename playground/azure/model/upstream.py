"""A model behind any OpenAI-compatible chat-completions endpoint: a hosted one, or Ollama, vLLM, llama.cpp at home."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

from openai import AsyncOpenAI, AsyncStream, omit
from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCall

from playground.ports import Call, FunctionTool, ModelRequest, Past, Refusal, RunCode

Json = dict[str, Any]

ROUNDS = 20
"""How often the model may run code for one answer; then it has to answer without."""
LONGEST_OUTPUT = 20_000
"""Characters of a cell's output that the model gets to read."""
WITHOUT_KEY = "none"
"""Servers at home want no key, the SDK wants one."""

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
class _Call:
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


class _Reply:
    """One streamed reply of the endpoint: text to pass on, and the tool calls beside it."""

    def __init__(self, chunks: AsyncStream[ChatCompletionChunk]) -> None:
        self.text = ""
        self._chunks = chunks
        self._calls: dict[int, _Call] = {}

    @property
    def calls(self) -> list[_Call]:
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
            call = self._calls.setdefault(piece.index, _Call(id=f"call_{uuid4().hex[:24]}"))
            call.id = piece.id or call.id
            if piece.function is not None:
                call.name += piece.function.name or ""
                call.arguments += piece.function.arguments or ""


class UpstreamModel:
    """A ``Model`` whose code is not ours, so that it runs only where the interpreter is isolated.

    Args:
        url: Base URL, for example ``http://127.0.0.1:11434/v1``.
        name: The model's name there.
        key: API key; may be empty.
    """

    trusted = False

    def __init__(self, url: str, name: str, key: str = "") -> None:
        self._name = name
        self._client = AsyncOpenAI(base_url=url, api_key=key or WITHOUT_KEY)
        # The SDK takes these two from the environment, where they are meant for other programs.
        self._client.organization = self._client.project = None

    async def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        """See ``Model``. Raises ``openai.OpenAIError`` when the endpoint fails."""
        messages = list(_messages(request))
        for round_ in range(ROUNDS + 1):
            may_run = request.can_run_code and round_ < ROUNDS
            reply = await self._ask(messages, request.functions if round_ < ROUNDS else (), may_run=may_run)
            async with aclosing(cast("AsyncGenerator[str, None]", reply.deltas())) as deltas:
                async for delta in deltas:
                    yield delta
            foreign = [call for call in reply.calls if call.name != TOOL and request.functions]
            own = [call for call in reply.calls if call not in foreign] if may_run else []
            messages += [_assistant(reply.text, own)]
            messages += [_output(call, await _run(call, run_code)) for call in own]
            for call in foreign:
                yield Call(call.arguments, call.name)
            if foreign or not own:
                return

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _ask(self, messages: list[Any], functions: Sequence[FunctionTool], *, may_run: bool) -> _Reply:
        tools: Any = [*(TOOLS if may_run else ()), *map(_offered, functions)] or omit
        return _Reply(
            await self._client.chat.completions.create(model=self._name, messages=messages, tools=tools, stream=True)
        )


def upstream_model(environment: Mapping[str, str]) -> UpstreamModel | None:
    """The model that the environment names, or None.

    Args:
        environment: ``PLAYGROUND_MODEL_URL``, ``PLAYGROUND_MODEL_NAME`` and, if the endpoint wants one,
            ``PLAYGROUND_MODEL_KEY``.

    Raises:
        ValueError: There is an address, but no name; the text says so.
    """
    url, name = environment.get("PLAYGROUND_MODEL_URL"), environment.get("PLAYGROUND_MODEL_NAME")
    if not url:
        return None
    if not name:
        raise ValueError("PLAYGROUND_MODEL_NAME is missing: the name of the model at PLAYGROUND_MODEL_URL.")
    return UpstreamModel(url, name, environment.get("PLAYGROUND_MODEL_KEY", ""))


def _messages(request: ModelRequest) -> Iterator[Json]:
    hint = [HINT] if request.can_run_code else []
    if orders := "\n\n".join([request.instructions, *hint]).strip():
        yield {"role": "system", "content": orders}
    yield from _past(request.history)
    yield {"role": "user", "content": "\n\n".join(request.user_parts)}
    yield from _past(request.since)


def _past(items: Sequence[Past]) -> Iterator[Json]:
    for past in items:
        if past.call is not None:
            call = _Call(f"call_{uuid4().hex[:24]}", TOOL, json.dumps({"code": past.call.code}))
            yield _assistant("", [call])
            yield _output(call, _shortened(past.call.logs))
        elif past.made is not None:
            call = _Call(past.made.id, past.made.name, past.made.arguments)
            yield _assistant("", [call])
            yield _output(call, _shortened(past.made.output or ""))
        elif past.text:
            yield {"role": past.role, "content": past.text}


def _offered(function: FunctionTool) -> Json:
    told = {"name": function.name, "description": function.description, "parameters": function.parameters}
    return {"type": "function", "function": told}


def _assistant(text: str, calls: Sequence[_Call]) -> Json:
    return {"role": "assistant", "content": text or None, "tool_calls": [call.json for call in calls]}


def _output(call: _Call, content: str) -> Json:
    return {"role": "tool", "tool_call_id": call.id, "content": content}


async def _run(call: _Call, run_code: RunCode) -> str:
    if call.name != TOOL:
        return f"There is no tool named {call.name!r}; there is only `{TOOL}`."
    if call.code is None:
        return 'The arguments must be {"code": "…"}.'
    execution = await run_code(call.code)
    figures = f"\n[{len(execution.images)} figures are shown to the person]" if execution.images else ""
    return (_shortened(execution.logs) + figures).strip() or "(no output)"


def _shortened(logs: str) -> str:
    if len(logs) <= LONGEST_OUTPUT:
        return logs
    half = LONGEST_OUTPUT // 2
    return f"{logs[:half]}\n[… {len(logs) - LONGEST_OUTPUT} characters left out …]\n{logs[-half:]}"
