"""A model behind any OpenAI-compatible chat-completions endpoint: a hosted one, or Ollama, vLLM, llama.cpp at home."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, cast

from openai import APIStatusError, AsyncOpenAI, omit

from playground.azure.model import chat, fences
from playground.ports import Call, FunctionTool, ModelRequest, Refusal, RunCode

ROUNDS = 20
"""How often the model may run code for one answer; then it has to answer without."""
WITHOUT_KEY = "none"
"""Servers at home want no key, the SDK wants one."""


class UpstreamModel:
    """A ``Model`` whose code is not ours, so that it runs only where the interpreter is isolated.

    That it knows no tool calls shows when the endpoint refuses them, or when it writes Python into its first answers
    instead; from then on that Python is run.

    Args:
        url: Base URL, for example ``http://127.0.0.1:11434/v1``.
        name: The model's name there.
        key: API key; may be empty.
    """

    trusted = False

    def __init__(self, url: str, name: str, key: str = "") -> None:
        self._name = name
        self._calls: bool | None = None  # whether it calls tools, once that is known
        self._client = AsyncOpenAI(base_url=url, api_key=key or WITHOUT_KEY)
        # The SDK takes these two from the environment, where they are meant for other programs.
        self._client.organization = self._client.project = None

    async def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        """See ``Model``. Raises ``openai.OpenAIError`` when the endpoint fails."""
        begun: list[chat.Json] = []
        if self._calls is not False:
            try:
                async for delta in self._by_calls(request, run_code, begun):
                    yield delta
            except APIStatusError as error:
                if self._calls or not _refuses_tools(error):
                    raise
                self._calls = False
        if self._calls is False:
            async for delta in self._by_fences(request, run_code, begun):
                yield delta

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _by_calls(self, request: ModelRequest, run_code: RunCode, begun: list[chat.Json]) -> AsyncIterator[str]:
        """Answer with calls of tools; or find out that it calls none, and leave in ``begun`` what it has written."""
        messages = list(chat.messages(request))
        for round_ in range(ROUNDS + 1):
            may_run = request.can_run_code and round_ < ROUNDS
            reply = await self._ask(messages, request.functions if round_ < ROUNDS else (), may_run=may_run)
            held = ""
            async with aclosing(cast("AsyncGenerator[str, None]", reply.deltas())) as deltas:
                async for delta in deltas:
                    if self._calls or not may_run or isinstance(delta, Refusal):
                        yield delta
                    else:
                        held += delta
            if reply.calls:
                self._calls = True
            elif not self._calls and may_run and fences.fenced_python(reply.text):
                self._calls = False
                begun.append({"role": "assistant", "content": reply.text})
                return
            if held:
                yield held
            foreign = [call for call in reply.calls if call.name != chat.TOOL and request.functions]
            own = [call for call in reply.calls if call not in foreign] if may_run else []
            messages += [chat.assistant(reply.text, own)]
            messages += [chat.output(call, await chat.run(call, run_code)) for call in own]
            for call in foreign:
                yield Call(call.arguments, call.name)
            if foreign or not own:
                return

    async def _by_fences(
        self, request: ModelRequest, run_code: RunCode, begun: Sequence[chat.Json]
    ) -> AsyncIterator[str]:
        """Answer with Python between fences. What stands beside it is not shown: only the last reply is the answer."""
        messages = [*chat.messages(request, by_fences=True), *begun]
        text, has_run = str(begun[-1]["content"]) if begun else "", any(past.call for past in request.history)
        for round_ in range(fences.ROUNDS + 1):
            if not text:
                reply = await self._ask(messages, (), may_run=False)
                async for delta in reply.deltas():
                    if isinstance(delta, Refusal):
                        yield delta
                text = reply.text
                messages.append({"role": "assistant", "content": text})
            code = fences.fenced_python(text) if request.can_run_code else ""
            if not code or round_ == fences.ROUNDS:
                break
            output = fences.OUTPUT.format(output=chat.told(await run_code(code)))
            last = [fences.NO_MORE] if round_ == fences.ROUNDS - 1 else []
            messages.append({"role": "user", "content": "\n\n".join([output, *last])})
            text, has_run = "", True
        yield fences.without_fences(text) if request.can_run_code else text
        if request.can_run_code and not has_run:
            yield fences.NOT_COMPUTED

    async def _ask(self, messages: list[Any], functions: Sequence[FunctionTool], *, may_run: bool) -> chat.Reply:
        tools: Any = [*(chat.TOOLS if may_run else ()), *map(chat.offered, functions)] or omit
        return chat.Reply(
            await self._client.chat.completions.create(model=self._name, messages=messages, tools=tools, stream=True)
        )


def _refuses_tools(error: APIStatusError) -> bool:
    """Whether an endpoint refuses a request because of its tools.

    Ollama says "does not support tools", vLLM that "tool choice requires" an option, llama.cpp "tools param requires".
    """
    return "tool" in str(error).lower()


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
