# ruff: noqa: D102 - ``RunLoop`` says what these methods do
"""One question: the request, and what to do when something breaks."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from openai import AsyncStream

from azure_assistant.assistant import Json, Prompt, Tool
from azure_assistant.calls import Answered
from azure_assistant.context_window import compacted_at
from azure_assistant.errors import AssistantError, CallUnanswered, ContainerLost, ParameterRefused, ThreadLost
from azure_assistant.responses.content import INCLUDE
from azure_assistant.responses.outcome import ResponsesOutcome, ResponsesService
from azure_assistant.responses.state import ResponsesState
from azure_assistant.responses.thread import answers
from azure_assistant.run import instructions
from azure_assistant.run.fonts import snippet
from azure_assistant.run.run_loop import RunLoop
from azure_assistant.sandbox_memory import gigabytes
from azure_assistant.transport.api import all_done

FONT_PATTERN, STYLE_PATTERN = "/mnt/data/*chart-font-*.zip", "/mnt/data/*chart-style-*.zip"
CUT_PATIENCE = 60.0
"""Seconds to look for the rest of a response whose stream broke off."""
LONGEST_IDENTIFIER = 64
"""Characters of ``safety_identifier``, and of ``prompt_cache_key`` (https://developers.openai.com/api/reference/resources/responses)."""


class ResponsesRun(RunLoop):
    """A question on its way."""

    request = "responses"
    state: ResponsesState

    def __init__(
        self, service: ResponsesService, state: ResponsesState, prompt: Prompt, answered: Answered | None = None
    ) -> None:
        self._service = service
        self._lost_containers = 0
        self._mended = False
        super().__init__(service.api, state, prompt, answered)

    def new_outcome(self, first_code: int) -> ResponsesOutcome:
        return ResponsesOutcome(self._service, self.state, first_code)

    async def ask(self) -> AsyncStream[object]:
        """See ``RunLoop``. Most of what is needed is there already, brought by the caller while files were coming."""
        work: list[Awaitable[None]] = [self._service.threads.open(self.state)]
        if self.prompt.compute:
            work.append(self._service.containers.ensure(self.state, self.prompt.files, font=self.prompt.cjk_font))
        await all_done(*work)
        if self.given and not self._service.threads.remembers(self.state):
            self.speak()
        if self.given:
            await self._service.threads.rewind(self.state, self.given)
        stream = await self.api.stream("responses", body=self._body())
        if self.prompt.compute:
            self.state.give_container()
        return stream

    def _body(self) -> dict[str, Any]:
        prompt, state = self.told(), self.state
        tools = [{"type": "code_interpreter", "container": state.container}] if prompt.compute else []
        tools += self.functions()
        body: dict[str, Json] = {
            "model": self.api.config.deployment,
            "instructions": instructions.whole(prompt, self._snippet()),
            "input": self._outputs(self.given) if self.given else self._question(prompt),
            **self._service.threads.reference(state, self.given.run if self.given else ""),
        }
        return body | ({"tools": tools} if tools else {}) | self.optional()

    def _snippet(self) -> str:
        if self.state.container_font:
            return snippet(FONT_PATTERN)
        return snippet(STYLE_PATTERN, font=False) if self.state.container_style else ""

    def _outputs(self, given: Answered) -> list[Json]:
        paths, sandbox = self.state.paths, self._sandbox()
        return answers({output.id: instructions.output_text(output, paths, sandbox) for output in given.outputs})

    def _question(self, prompt: Prompt) -> list[Json]:
        """The question, after outputs that its thread still waits for."""
        state, threads = self.state, self._service.threads
        parts = instructions.user_parts(
            prompt,
            state.paths,
            transcript=not self.remembers(),
            sandbox=self._sandbox(),
            outputs=self.spoken.outputs if self.spoken else (),
        )
        content = [{"type": "input_text", "text": part} for part in parts]
        pending = answers(state.pending) if "previous_response_id" in threads.reference(state) else []
        return [*pending, {"role": "user", "content": content}]

    def function(self, tool: Tool) -> Json:
        told = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
        return {"type": "function", **told, "strict": False}

    def _sandbox(self) -> str:
        state = self.state
        return instructions.about_sandbox(
            gigabytes(state.memory), restarted=state.restarted, enlarged=state.enlarged, carried=state.carried
        )

    def wanted(self) -> dict[str, Json]:
        state, asker, effort = self.state, self.prompt.asker, self.api.config.reasoning_effort
        return {
            "include": [INCLUDE],
            "tools": list(map(self.function, self.prompt.tools)),
            "store": True,
            "context_management": [{"type": "compaction", "compact_threshold": compacted_at(self.api.config.window)}],
            "stream_options": {"include_obfuscation": False},
            "safety_identifier": asker[:LONGEST_IDENTIFIER],
            "prompt_cache_key": state.thread_id[:LONGEST_IDENTIFIER],
            "reasoning": {"effort": effort} if effort else {},
            "metadata": {} if state.conversation else dict(state.metadata),
        }

    def remembers(self) -> bool:
        return super().remembers() and self._service.threads.remembers(self.state)

    def cut_patience(self) -> float:
        return CUT_PATIENCE

    async def renew(self, error: AssistantError) -> bool:
        """A new sandbox for a lost one, a new conversation for a lost one, or for one that refers to a dead sandbox.

        Two sandboxes lost in a row mean the latter (https://github.com/pydantic/pydantic-ai/issues/7461). A call that
        an earlier question left without an output gets one.
        """
        if isinstance(error, CallUnanswered) and not (self._mended or self.given):
            self._mended = True
            if await self._service.threads.answer_open(self.state, {}):
                return True
        if isinstance(error, ContainerLost) and self._lost_containers == 0:
            self._lost_containers += 1
            self.state.drop_container()
            return True
        return isinstance(error, ContainerLost | ThreadLost) and await self.go_on_anew()

    async def new_thread(self) -> None:
        await self._service.threads.renew(self.state)

    def leave_out(self, error: ParameterRefused) -> bool:
        """See ``RunLoop``. A thread can do without conversations, and without chains, too."""
        return self._service.threads.do_without(self.state, error.names[:1]) or super().leave_out(error)

    async def take_back(self) -> None:
        await self._service.threads.drop_unanswered(self.state)
