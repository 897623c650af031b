"""One question: the request, its stream, and what to do when something breaks."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from openai import AsyncStream

from azure_assistant import instructions
from azure_assistant.assistant import Json, Prompt, RunEvent, RunStarted, Usage
from azure_assistant.broken import BROKEN
from azure_assistant.errors import (
    AssistantError,
    ContainerLost,
    EndpointWrong,
    NotFound,
    NotSupported,
    StreamCut,
    TemporaryError,
    ThreadLost,
    Unreachable,
)
from azure_assistant.fonts import snippet
from azure_assistant.mapping import SDK_ERRORS, from_sdk
from azure_assistant.responses.outcome import INCLUDE, LIVE, Service, finish, settled, usage_of
from azure_assistant.responses.state import ThreadState
from azure_assistant.responses.stream import ResponseReader
from azure_assistant.run_loop import RunLoop
from azure_assistant.wire import as_objects

log = logging.getLogger(__name__)

FONT_PATTERN = "/mnt/data/*chart-font-*.zip"
CUT_PATIENCE = 60.0
"""Seconds to look for the rest of a response whose stream broke off."""
LONGEST_IDENTIFIER = 64
"""Characters of ``safety_identifier`` (https://developers.openai.com/api/reference/resources/responses)."""


class Run(RunLoop):
    """A question on its way."""

    def __init__(self, service: Service, state: ThreadState, prompt: Prompt) -> None:
        super().__init__(service.config)
        self._service = service
        self._state = state
        self._prompt = prompt
        self._reader = ResponseReader()
        self._lost_containers = 0
        self._new_thread = False

    @property
    def run_id(self) -> str:
        """Id of the response."""
        return self._reader.id

    @property
    def text(self) -> str:
        """The answer so far."""
        return self._reader.text

    def spent(self) -> Usage:
        """See ``RunLoop``. Containers of a response that never began are told with the next one."""
        opened = self._state.take_opened() if self.run_id else 0
        return usage_of(self._reader.final, self._minutes(), opened)

    async def attempt(self) -> AsyncGenerator[RunEvent, None]:
        """Fill the container, ask, follow the stream, hand over what was made."""
        self._reader = ResponseReader(first_code=self._reader.codes)
        if self._prompt.compute:
            wanted = self._service.containers.ensure(self._state, self._prompt.files, font=self._prompt.cjk_font)
            await self.deadline.keep(wanted)
        stream = await self.deadline.keep(self._create())
        async with aclosing(self._follow(stream)) as events:
            async for event in events:
                yield event
        async with aclosing(finish(self._service, self._state, self._reader, self._notes(), self._minutes())) as events:
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
            error = from_sdk(raw, deployment=self._service.config.deployment)
            raise (EndpointWrong(error.detail) if isinstance(error, NotFound) else error) from raw

    def _body(self) -> dict[str, Any]:
        prompt, state = self._prompt, self._state
        font = snippet(FONT_PATTERN) if prompt.compute and prompt.cjk_font and state.container_font else ""
        parts = instructions.user_parts(
            prompt, state.paths, transcript=self._new_thread or not state.turns, restarted=state.restarted
        )
        content = [{"type": "input_text", "text": part} for part in parts]
        body: dict[str, Json] = {
            "model": self._service.config.deployment,
            "instructions": instructions.whole(prompt, font),
            "input": [{"role": "user", "content": content}],
            "include": [INCLUDE],
            "store": True,
            **self._service.threads.reference(state),
        }
        if prompt.compute:
            body["tools"] = [{"type": "code_interpreter", "container": state.container}]
        return body | self._optional()

    def _optional(self) -> dict[str, Json]:
        """Parameters that older services and some models refuse; each is left out after its first refusal."""
        optional: dict[str, Json] = {"truncation": "auto", "stream_options": {"include_obfuscation": False}}
        if self._prompt.asker:
            optional["safety_identifier"] = self._prompt.asker[:LONGEST_IDENTIFIER]
        if self._service.config.reasoning_effort:
            optional["reasoning"] = {"effort": self._service.config.reasoning_effort}
        return {key: value for key, value in optional.items() if key not in self._service.refused}

    async def _follow(self, stream: AsyncStream[object]) -> AsyncGenerator[RunEvent, None]:
        """The events of the stream, and of the stored response if the stream breaks off."""
        reader = self._reader
        try:
            async with aclosing(self.deadline.each(aiter(stream))) as events:
                async for event in events:
                    for meaning in reader.read(as_objects(event)):
                        self._note(meaning)
                        yield meaning
                    if reader.final is not None:
                        return
            reason = "end of stream"
        except BROKEN as raw:
            if not reader.id:
                raise from_sdk(raw) from raw
            reason = type(raw.__cause__ or raw).__name__
        except SDK_ERRORS as raw:
            raise from_sdk(raw, deployment=self._service.config.deployment) from raw
        finally:
            await stream.close()
        async for event in self._rest(reason):
            yield event

    async def _rest(self, reason: str) -> AsyncGenerator[RunEvent, None]:
        log.warning("stream of %s broke off (%s)", self._reader.id or "a response", reason)
        if not self._reader.id:
            raise Unreachable(reason)
        found = await self.deadline.keep(settled(self._service, self._reader.id, CUT_PATIENCE))
        if found is None or found.status in LIVE or found.status == "cancelled":
            raise StreamCut(reason)
        for event in self._reader.catch_up(found):
            self._note(event)
            yield event

    def _note(self, event: RunEvent) -> None:
        if isinstance(event, RunStarted):
            self._state.begin_run(event.run_id)

    async def recover(self, error: AssistantError) -> float:
        """Replace what was lost, leave out what is not known, or wait."""
        if isinstance(error, ContainerLost) and self._lost_containers == 0:
            self._lost_containers += 1
            self._state.drop_container()
        elif isinstance(error, ContainerLost | ThreadLost) and not self._new_thread:
            # A second loss in a row means that the conversation itself refers to a dead container
            # (https://github.com/pydantic/pydantic-ai/issues/7461).
            self._new_thread = True
            await self._service.threads.renew(self._state)
        elif isinstance(error, NotSupported) and self._refuse(error):
            log.info("going on without the parameter %s", error.fields["parameter"])
        else:
            delay = self.later(error)
            if isinstance(error, TemporaryError) and not error.before_work:
                await self._service.threads.drop_unanswered(self._state)
            return delay
        return 0.0

    def _refuse(self, error: NotSupported) -> bool:
        key = str(error.fields.get("parameter") or "").partition(".")[0]
        known = key in self._optional()
        self._service.refused.add(key)
        return known

    def _notes(self) -> list[str]:
        return ["new_thread"] if self._new_thread else []

    def _minutes(self) -> float:
        return self.deadline.elapsed / 60 if self._prompt.compute and self._state.container else 0.0
