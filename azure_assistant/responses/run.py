"""One question: the request, its stream, and what to do when something breaks."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from openai import AsyncStream

from azure_assistant.assistant import Json, Prompt, RunEvent, Usage
from azure_assistant.errors import (
    AssistantError,
    ContainerLost,
    ParameterRefused,
    StreamCut,
    ThreadLost,
)
from azure_assistant.responses.outcome import INCLUDE, Service, finish, settled, usage_of
from azure_assistant.responses.state import ThreadState
from azure_assistant.responses.stream import LIVE, ResponseReader
from azure_assistant.run import instructions
from azure_assistant.run.fonts import snippet
from azure_assistant.run.run_loop import RunLoop
from azure_assistant.transport.error_mapping import SDK_ERRORS, from_sdk
from azure_assistant.transport.wire_json import text

FONT_PATTERN = "/mnt/data/*chart-font-*.zip"
CUT_PATIENCE = 60.0
"""Seconds to look for the rest of a response whose stream broke off."""
LONGEST_IDENTIFIER = 64
"""Characters of ``safety_identifier`` (https://developers.openai.com/api/reference/resources/responses)."""


class Run(RunLoop):
    """A question on its way."""

    request = "responses"

    def __init__(self, service: Service, state: ThreadState, prompt: Prompt) -> None:
        super().__init__(service.config, prompt, service.parameters)
        self.reader: ResponseReader = ResponseReader()
        self._service = service
        self._state = state
        self._lost_containers = 0

    @property
    def has_history(self) -> bool:
        """See ``RunLoop``."""
        return bool(self._state.turns)

    def spent(self) -> Usage:
        """See ``RunLoop``. Containers of a response that never began are told with the next one."""
        opened = self._state.take_opened() if self.reader.id else 0
        return usage_of(self.reader.final, self._minutes(), opened)

    async def attempt(self) -> AsyncGenerator[RunEvent, None]:
        """Fill the container, ask, follow the stream, hand over what was made."""
        self.reader = ResponseReader(first_code=self.reader.codes)
        if self.prompt.compute:
            wanted = self._service.containers.ensure(self._state, self.prompt.files, font=self.prompt.cjk_font)
            await self.deadline.keep(wanted)
        stream = await self.deadline.keep(self._create())
        async with aclosing(self.follow(stream)) as events:
            async for event in events:
                yield event
        async with aclosing(finish(self._service, self._state, self.reader, self.notes, self._minutes())) as events:
            async for event in events:
                yield event

    async def _create(self) -> AsyncStream[object]:
        client = self._service.client
        body = self._body() | {"stream": True}
        try:
            return await client.post(
                "/responses", cast_to=object, body=body, stream=True, stream_cls=AsyncStream[object]
            )
        except SDK_ERRORS as raw:
            raise from_sdk(raw, deployment=self._service.config.deployment) from raw

    def _body(self) -> dict[str, Any]:
        prompt, state = self.prompt, self._state
        font = snippet(FONT_PATTERN) if prompt.compute and prompt.cjk_font and state.container_font else ""
        untold = state.untold or not self._service.threads.remembers(state)
        parts = instructions.user_parts(prompt, state.paths, transcript=untold, restarted=state.restarted)
        content = [{"type": "input_text", "text": part} for part in parts]
        body: dict[str, Json] = {
            "model": self._service.config.deployment,
            "instructions": instructions.whole(prompt, font),
            "input": [{"role": "user", "content": content}],
            **self._service.threads.reference(state),
        }
        if prompt.compute:
            body["tools"] = [{"type": "code_interpreter", "container": state.container}]
        return body | self.optional()

    def wanted(self) -> dict[str, Json]:
        """Parameters that some services and models refuse, and without which an answer is still one."""
        state, asker, effort = self._state, self.prompt.asker, self._service.config.reasoning_effort
        return {
            "include": [INCLUDE],
            "store": True,
            "truncation": "auto",
            "stream_options": {"include_obfuscation": False},
            "safety_identifier": asker[:LONGEST_IDENTIFIER],
            "reasoning": {"effort": effort} if effort else {},
            "metadata": {} if state.conversation else dict(state.metadata),
        }

    async def rest(self, reason: str) -> AsyncGenerator[RunEvent, None]:
        """See ``RunLoop``."""
        found = await self.deadline.keep(settled(self._service, self.reader.id, CUT_PATIENCE))
        if found is None or text(found.status) in LIVE or found.status == "cancelled":
            raise StreamCut(reason)
        for event in self.noted(self.reader.catch_up(found)):
            yield event

    def began(self, run: str) -> None:
        """See ``RunLoop``."""
        self._state.begin_run(run)

    async def renew(self, error: AssistantError) -> bool:
        """A new sandbox for a lost one, a new conversation for a lost one, or for one that refers to a dead sandbox.

        Two sandboxes lost in a row mean the latter (https://github.com/pydantic/pydantic-ai/issues/7461).
        """
        if isinstance(error, ContainerLost) and self._lost_containers == 0:
            self._lost_containers += 1
            self._state.drop_container()
            return True
        if not isinstance(error, ContainerLost | ThreadLost) or "new_thread" in self.notes:
            return False
        self.notes.append("new_thread")
        await self.new_thread()
        return True

    async def new_thread(self) -> None:
        """See ``RunLoop``."""
        await self._service.threads.renew(self._state)

    def leave_out(self, error: ParameterRefused) -> bool:
        """See ``RunLoop``. A thread can do without conversations, and without chains, too."""
        return self._service.threads.do_without(self._state, error.names[:1]) or super().leave_out(error)

    async def take_back(self) -> None:
        """See ``RunLoop``."""
        await self._service.threads.drop_unanswered(self._state)

    def _minutes(self) -> float:
        return self.deadline.elapsed / 60 if self.prompt.compute and self._state.container else 0.0
