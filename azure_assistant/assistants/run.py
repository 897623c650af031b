# ruff: noqa: D102 - ``RunLoop`` says what these methods do
"""One question: the message, the run, and what to do when something breaks."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

from openai import AsyncStream

from azure_assistant.assistant import Json, Prompt, Tool
from azure_assistant.assistants.definition import CODE_INTERPRETER
from azure_assistant.assistants.outcome import AssistantsOutcome, AssistantsService
from azure_assistant.assistants.state import AssistantsState
from azure_assistant.assistants.thread import lost_file
from azure_assistant.calls import Answered
from azure_assistant.errors import (
    AssistantError,
    ContainerLost,
    ContentFiltered,
    LostError,
    NotFound,
    SetupError,
    TemporaryError,
    ThreadBusy,
    ThreadLost,
)
from azure_assistant.run import instructions
from azure_assistant.run.fonts import snippet
from azure_assistant.run.run_loop import RunLoop
from azure_assistant.transport.api import with_retries
from azure_assistant.transport.error_mapping import SDK_ERRORS
from azure_assistant.transport.wire_json import as_objects, text

log = logging.getLogger(__name__)

_NO_REFUSAL = (TemporaryError, SetupError, ContentFiltered, LostError)
"""Errors of ``submit_tool_outputs`` that are not about the run; a run that is not found is."""
CANCEL_PATIENCE = 30.0
"""Seconds to wait until a run that is in the way has ended."""
MOST_ATTACHED = 10
"""Files that a message takes (https://platform.openai.com/docs/api-reference/messages/createMessage)."""
LONGEST_METADATA = 512
"""Characters of a value (https://platform.openai.com/docs/api-reference/runs/createRun)."""


class AssistantsRun(RunLoop):
    """A question on its way."""

    request = "runs"
    state: AssistantsState
    outcome: AssistantsOutcome

    def __init__(
        self, service: AssistantsService, state: AssistantsState, prompt: Prompt, answered: Answered | None = None
    ) -> None:
        self._service = service
        self._snippet = ""
        self._assistant = ""
        self._posted = False
        self._forgot = False
        self._cancelled = False
        super().__init__(service.api, state, prompt, answered)

    def new_outcome(self, first_code: int) -> AssistantsOutcome:
        return AssistantsOutcome(self._service, self.state, first_code)

    async def ask(self) -> AsyncStream[object]:
        """See ``RunLoop``. The question is posted once, however often it is asked."""
        if self.given and (stream := await self._answer(self.given)):
            return stream
        await self._service.threads.open(self.state)
        archive = await self._charts() if self.prompt.compute else ""
        self._assistant = await self._service.definitions.assistant_id(archive)
        if not self._posted:
            await self._post()
            self._posted = True
        return await self._start(self.functions())

    async def _charts(self) -> str:
        """The archive for charts: with the font if it is wanted and can be had."""
        wants_font = self.prompt.cjk_font
        font = await self._service.charts.file_id(font=True) if wants_font else ""
        archive = font or await self._service.charts.file_id(font=False)
        self._snippet = snippet(f"/mnt/data/{archive}", font=bool(font)) if archive else ""
        return archive

    async def _answer(self, given: Answered) -> AsyncStream[object] | None:
        """Give outputs to the run that waits for them; None when it waits no more, and the question is asked anew."""
        brought = [item.file.id for output in given.outputs for item in output.files]
        paths = {file: f"/mnt/data/{file}" for file in brought}
        outputs = [
            {"tool_call_id": output.id, "output": instructions.output_text(output, paths)} for output in given.outputs
        ]
        run = ("threads", self.state.thread, "runs", given.run, "submit_tool_outputs")
        try:
            if fresh := [file for file in dict.fromkeys(brought) if file not in self.state.attached]:
                await self._service.threads.attach(self.state, fresh)
            return await self.api.stream(*run, body={"tool_outputs": outputs})
        except AssistantError as error:
            if isinstance(error, _NO_REFUSAL) and type(error) is not NotFound:
                raise
            log.info("Run %s takes no outputs: %s", given.run, error)
        await self.outcome.cancel(given.run, CANCEL_PATIENCE)
        if self.state.waiting.run == given.run:
            await self._service.threads.take_back(self.state)
            self.state.forget_calls()
        self.speak()
        return None

    async def _post(self) -> None:
        """Post the question; files that do not fit into one message come in messages before it."""
        files = [item.file.id for item in self.prompt.files] if self.prompt.compute else []
        fresh = [file for file in dict.fromkeys(files) if file not in self.state.attached]
        while len(fresh) > MOST_ATTACHED:
            await self._message([instructions.MORE_FILES], fresh[:MOST_ATTACHED])
            fresh = fresh[MOST_ATTACHED:]
        paths = {file: f"/mnt/data/{file}" for file in files}
        parts = instructions.user_parts(
            self.told(),
            paths,
            transcript=self.state.untold,
            sandbox=instructions.RESTARTED if self.state.untold and self.state.turns else "",
            outputs=self.spoken.outputs if self.spoken else (),
        )
        await self._message(parts, fresh)

    async def _message(self, parts: Sequence[str], files: Sequence[str]) -> None:
        body: dict[str, Json] = {
            "role": "user",
            "content": [{"type": "text", "text": part} for part in parts],
            "attachments": [{"file_id": file, "tools": [CODE_INTERPRETER]} for file in files],
        }
        try:
            await self.api.post("threads", self.state.thread, "messages", body=body, retried=False)
        except AssistantError as error:
            raise lost_file(error, files) from error
        self.state.attached.extend(files)

    async def _start(self, functions: Sequence[Json] = ()) -> AsyncStream[object]:
        """Begin a run. It can compute if functions may open a file on its way: a run keeps its tools."""
        body: dict[str, Any] = {"assistant_id": self._assistant}
        can_compute = self.prompt.compute or bool(functions and self.prompt.nearby)
        if functions or not can_compute:
            body["tools"] = [*([CODE_INTERPRETER] if can_compute else []), *functions]
        return await self.api.stream("threads", self.state.thread, "runs", body=self.optional() | body)

    def function(self, tool: Tool) -> Json:
        told = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
        return {"type": "function", "function": told}

    def wanted(self) -> dict[str, Json]:
        asker = self.prompt.asker[:LONGEST_METADATA]
        return {
            "additional_instructions": instructions.more(self.told(), self._snippet, prints=True),
            "tools": list(map(self.function, self.prompt.tools)),
            "truncation_strategy": {"type": "auto"},
            "metadata": {"asker": asker} if asker else {},
            "reasoning_effort": self.api.config.reasoning_effort,
        }

    def cut_patience(self) -> float:
        """See ``RunLoop``. A run goes on without its stream."""
        return self.api.config.run_seconds - self.deadline.elapsed

    async def hand_over(self) -> None:
        """Ask once for files that the answer links to and that did not come with it. What it says is not shown."""
        lacking = (await self.outcome.findings()).missing if self.prompt.compute else []
        if not lacking:
            return
        other = self.new_outcome(0)
        paths = "\n".join(f"- sandbox:/mnt/data/{path}" for path in lacking)
        try:
            question = instructions.HAND_OVER.format(paths=paths)
            await with_retries(lambda: self._message([question], []), self.api.config.retries)
            stream = await self.deadline.keep(self._start())
            try:
                async with aclosing(self.deadline.each(aiter(stream))) as events:
                    async for event in events:
                        list(other.reader.read(as_objects(event)))
            finally:
                await stream.close()
        except (*SDK_ERRORS, AssistantError) as error:
            log.info("Files without an annotation were not handed over: %s", type(error).__name__)
            if other.reader.id and other.reader.final is None:
                await other.cancel(other.reader.id, CANCEL_PATIENCE)
        self.outcome.reader.saved = other.reader.saved | self.outcome.reader.saved

    async def recover(self, error: AssistantError) -> float:
        """See ``RunLoop``. A run that blocks the thread for too long is ended, and at once if it waits for us."""
        try:
            if isinstance(error, ThreadBusy) and await self._waits_for_us(error):
                raise error
            return await super().recover(error)
        except ThreadBusy as busy:
            blocking = str(busy.fields.get("run") or "")
            if self._cancelled or not blocking:
                raise
            self._cancelled = True
            await self.outcome.cancel(blocking, CANCEL_PATIENCE)
            return 0.0

    async def _waits_for_us(self, busy: ThreadBusy) -> bool:
        blocking = str(busy.fields.get("run") or "")
        if self._cancelled or not blocking:
            return False
        try:
            return text((await self.outcome.retrieve(blocking)).status) == "requires_action"
        except AssistantError:
            return False

    async def renew(self, error: AssistantError) -> bool:
        """A new thread for a lost one; of anything else that is gone, the assistant object may be the reason."""
        if isinstance(error, ThreadLost | ContainerLost) and await self.go_on_anew():
            return True
        if isinstance(error, NotFound) and not self._forgot:
            self._forgot = True
            self._service.definitions.forget()
            return True
        return False

    async def new_thread(self) -> None:
        self._posted = False
        await self._service.threads.renew(self.state)

    async def abandon(self) -> None:
        """Cancel the run: it would block the thread for ten minutes."""
        if self.reader.id:
            await self.outcome.cancel(self.reader.id, CANCEL_PATIENCE)
