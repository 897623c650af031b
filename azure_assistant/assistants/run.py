"""One question: the message, the streamed run, every status that it can end in."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

from openai import AsyncOpenAI, AsyncStream

from azure_assistant import instructions
from azure_assistant.assistant import ChartReady, FileReady, Finished, Json, Prompt, RunEvent, RunStarted, Usage
from azure_assistant.assistants.definition import CODE_INTERPRETER, Definitions
from azure_assistant.assistants.state import ThreadState
from azure_assistant.assistants.stream import LIVE, RunReader
from azure_assistant.assistants.thread import Threads
from azure_assistant.broken import BROKEN
from azure_assistant.config import AssistantConfig
from azure_assistant.errors import (
    AssistantError,
    ContainerLost,
    EmptyAnswer,
    FileLost,
    NotFound,
    RunRequiresAction,
    StreamCut,
    ThreadBusy,
    ThreadLost,
    Unreachable,
)
from azure_assistant.fonts import ChartFont, snippet
from azure_assistant.mapping import SDK_ERRORS, from_sdk
from azure_assistant.run_loop import RunLoop

log = logging.getLogger(__name__)

CANCEL_PATIENCE = 30.0


@dataclass
class Service:
    """What all runs share."""

    client: AsyncOpenAI
    config: AssistantConfig
    threads: Threads
    definitions: Definitions
    font: ChartFont


class Run(RunLoop):
    """A question on its way."""

    def __init__(self, service: Service, state: ThreadState, prompt: Prompt) -> None:
        super().__init__(service.config)
        self._service = service
        self._state = state
        self._prompt = prompt
        self._reader = RunReader()
        self._posted = False
        self._new_thread = False
        self._forgot = False
        self._cancelled = False

    @property
    def run_id(self) -> str:
        """Id of the run."""
        return self._reader.id

    @property
    def text(self) -> str:
        """The answer so far."""
        return self._reader.text

    def spent(self) -> Usage:
        """See ``RunLoop``."""
        return usage_of(self._reader.final, self._minutes())

    async def attempt(self) -> AsyncGenerator[RunEvent, None]:
        """Post the question once, start a run, follow its stream, hand over what it made."""
        self._reader = RunReader(first_code=self._reader.codes)
        font = await self._font()
        assistant = await self.deadline.keep(self._service.definitions.assistant_id(font))
        if not self._posted:
            await self.deadline.keep(self._post())
            self._posted = True
        stream = await self.deadline.keep(self._start(assistant, font))
        async with aclosing(self._follow(stream)) as events:
            async for event in events:
                yield event
        if isinstance(failure := self._reader.failure(), RunRequiresAction):
            await self._service.threads.cancel(self._state.thread, self._reader.id, CANCEL_PATIENCE)
        if failure:
            raise failure
        for event in finish(self._state, self._reader, ["new_thread"] if self._new_thread else [], self._minutes()):
            yield event

    async def recover(self, error: AssistantError) -> float:
        """Open a new thread or assistant for a lost one, end a run that blocks the thread, or wait."""
        if isinstance(error, ThreadLost | ContainerLost) and not self._new_thread:
            self._new_thread = True
            self._posted = False
            self._state.renew(await self._service.threads.open(self._state.metadata))
            return 0.0
        if isinstance(error, NotFound) and not self._forgot:
            self._forgot = True
            self._service.definitions.forget()
            return 0.0
        try:
            return self.later(error)
        except ThreadBusy as busy:
            blocking = str(busy.fields.get("run") or "")
            if self._cancelled or not blocking:
                raise
            self._cancelled = True
            await self._service.threads.cancel(self._state.thread, blocking, CANCEL_PATIENCE)
            return 0.0

    async def abandon(self) -> None:
        """Cancel the run: it would block the thread for ten minutes."""
        if self.run_id:
            await self._service.threads.cancel(self._state.thread, self.run_id, CANCEL_PATIENCE)

    async def _font(self) -> str:
        wanted = self._prompt.compute and self._prompt.cjk_font
        return await self._service.font.file_id() if wanted else ""

    async def _post(self) -> None:
        files = [item.file.id for item in self._prompt.files] if self._prompt.compute else []
        fresh = [file for file in dict.fromkeys(files) if file not in self._state.attached]
        parts = instructions.user_parts(
            self._prompt,
            {file: f"/mnt/data/{file}" for file in files},
            transcript=self._new_thread or not self._state.turns,
        )
        content: Any = [{"type": "text", "text": part} for part in parts]
        attachments: Any = [{"file_id": file, "tools": [CODE_INTERPRETER]} for file in fresh]
        try:
            await self._service.client.beta.threads.messages.create(
                self._state.thread, role="user", content=content, attachments=attachments
            )
        except SDK_ERRORS as raw:
            error = from_sdk(raw)
            lost = [file for file in fresh if re.search(rf"\b{re.escape(file)}\b", error.detail)]
            raise (FileLost(file_ids=lost) if lost else error) from raw
        self._state.attached.extend(fresh)

    async def _start(self, assistant: str, font: str) -> AsyncStream[Any]:
        options: dict[str, Json] = {} if self._prompt.compute else {"tools": []}
        if self._prompt.asker:
            options["metadata"] = {"asker": self._prompt.asker[:512]}
        if self._service.config.reasoning_effort:
            options["reasoning_effort"] = self._service.config.reasoning_effort
        try:
            started = await self._service.client.beta.threads.runs.create(
                self._state.thread,
                assistant_id=assistant,
                additional_instructions=instructions.asker(self._prompt, snippet(f"/mnt/data/{font}") if font else ""),
                truncation_strategy={"type": "auto"},
                stream=True,
                **options,
            )
        except SDK_ERRORS as raw:
            raise from_sdk(raw, deployment=self._service.config.deployment) from raw
        return cast("AsyncStream[Any]", started)

    async def _follow(self, stream: AsyncStream[Any]) -> AsyncGenerator[RunEvent, None]:
        """The events of the stream; the run goes on without it, so a broken one is made up for by looking."""
        reader = self._reader
        try:
            async with aclosing(self.deadline.each(aiter(stream))) as events:
                async for event in events:
                    for meaning in reader.read(event):
                        self._note(meaning)
                        yield meaning
            reason = "end of stream"
        except BROKEN as raw:
            if not reader.id:
                raise from_sdk(raw) from raw
            reason = type(raw.__cause__ or raw).__name__
        except SDK_ERRORS as raw:
            raise from_sdk(raw, deployment=self._service.config.deployment) from raw
        finally:
            await stream.close()
        if reader.final is None:
            async for event in self._rest(reason):
                yield event

    async def _rest(self, reason: str) -> AsyncGenerator[RunEvent, None]:
        log.warning("stream of %s broke off (%s)", self._reader.id or "a run", reason)
        if not self._reader.id:
            raise Unreachable(reason)
        patience = self._service.config.run_seconds - self.deadline.elapsed
        run = await self._service.threads.settled(self._state.thread, self._reader.id, patience)
        if run is None or run.status in LIVE:
            raise StreamCut(reason)
        steps, messages = await self._service.threads.outcome(self._state.thread, self._reader.id)
        for event in self._reader.catch_up(run, steps, messages):
            self._note(event)
            yield event

    def _note(self, event: RunEvent) -> None:
        if isinstance(event, RunStarted):
            self._state.begin_run(event.run_id)

    def _minutes(self) -> float:
        return self.deadline.elapsed / 60 if self._prompt.compute else 0.0


def finish(state: ThreadState, reader: RunReader, notes: list[str], minutes: float) -> list[RunEvent]:
    """Charts, files, and the end of a run that has answered."""
    made, missing = reader.artifacts(list(state.files))
    if not reader.text.strip() and not made:
        raise EmptyAnswer(f"run {reader.id}")
    state.end_turn([item.ref["file"] for item in made])
    log.info("run %s: %d artifacts, %d pieces of code", reader.id, len(made), reader.codes)
    notes = [*notes, *(["cut_short"] if reader.cut_short else [])]
    return [
        *(ChartReady(item) if item.kind == "chart" else FileReady(item) for item in made),
        Finished(reader.text, usage_of(reader.final, minutes), missing, notes),
    ]


def usage_of(run: Any, minutes: float) -> Usage:
    """What a run has cost; of one that did not end, the minutes of its sandbox alone."""
    usage = getattr(run, "usage", None)
    if usage is None:
        return Usage(container_minutes=minutes)
    return Usage(usage.prompt_tokens, 0, usage.completion_tokens, minutes)
