# ruff: noqa: D102 - ``RunLoop`` says what these methods do
"""One question: the request, and what to do when something breaks."""

from __future__ import annotations

from typing import Any

from openai import AsyncStream

from azure_assistant.assistant import Json, Prompt
from azure_assistant.errors import AssistantError, ContainerLost, ParameterRefused, ThreadLost
from azure_assistant.responses.content import INCLUDE
from azure_assistant.responses.outcome import ResponsesOutcome, ResponsesService
from azure_assistant.responses.state import ResponsesState
from azure_assistant.run import instructions
from azure_assistant.run.fonts import snippet
from azure_assistant.run.run_loop import RunLoop
from azure_assistant.sandbox_memory import gigabytes

FONT_PATTERN = "/mnt/data/*chart-font-*.zip"
CUT_PATIENCE = 60.0
"""Seconds to look for the rest of a response whose stream broke off."""
LONGEST_IDENTIFIER = 64
"""Characters of ``safety_identifier`` (https://developers.openai.com/api/reference/resources/responses)."""


class ResponsesRun(RunLoop):
    """A question on its way."""

    request = "responses"
    state: ResponsesState

    def __init__(self, service: ResponsesService, state: ResponsesState, prompt: Prompt) -> None:
        self._service = service
        self._lost_containers = 0
        super().__init__(service.api, state, prompt)

    def new_outcome(self, first_code: int) -> ResponsesOutcome:
        return ResponsesOutcome(self._service, self.state, first_code)

    async def ask(self) -> AsyncStream[object]:
        if self.prompt.compute:
            await self._service.containers.ensure(self.state, self.prompt.files, font=self.prompt.cjk_font)
        return await self.api.stream("responses", body=self._body())

    def _body(self) -> dict[str, Any]:
        prompt, state = self.prompt, self.state
        font = snippet(FONT_PATTERN) if prompt.compute and prompt.cjk_font and state.container_font else ""
        untold = state.untold or not self._service.threads.remembers(state)
        parts = instructions.user_parts(prompt, state.paths, transcript=untold, sandbox=self._sandbox())
        content = [{"type": "input_text", "text": part} for part in parts]
        body: dict[str, Json] = {
            "model": self.api.config.deployment,
            "instructions": instructions.whole(prompt, font),
            "input": [{"role": "user", "content": content}],
            **self._service.threads.reference(state),
        }
        if prompt.compute:
            body["tools"] = [{"type": "code_interpreter", "container": state.container}]
        return body | self.optional()

    def _sandbox(self) -> str:
        state = self.state
        return instructions.about_sandbox(
            gigabytes(state.memory), restarted=state.restarted, enlarged=state.enlarged, carried=state.carried
        )

    def wanted(self) -> dict[str, Json]:
        state, asker, effort = self.state, self.prompt.asker, self.api.config.reasoning_effort
        return {
            "include": [INCLUDE],
            "store": True,
            "truncation": "auto",
            "stream_options": {"include_obfuscation": False},
            "safety_identifier": asker[:LONGEST_IDENTIFIER],
            "reasoning": {"effort": effort} if effort else {},
            "metadata": {} if state.conversation else dict(state.metadata),
        }

    def cut_patience(self) -> float:
        return CUT_PATIENCE

    async def renew(self, error: AssistantError) -> bool:
        """A new sandbox for a lost one, a new conversation for a lost one, or for one that refers to a dead sandbox.

        Two sandboxes lost in a row mean the latter (https://github.com/pydantic/pydantic-ai/issues/7461).
        """
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
