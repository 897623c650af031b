"""One question: the message, the streamed run, every status that it can end in."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from openai import AsyncOpenAI, AsyncStream

from azure_assistant.assistant import ChartReady, FileReady, Finished, Json, Prompt, RunEvent, Usage
from azure_assistant.assistants.artifacts import Findings, collect
from azure_assistant.assistants.definition import CODE_INTERPRETER, Definitions
from azure_assistant.assistants.state import ThreadState
from azure_assistant.assistants.stream import LIVE, RunReader
from azure_assistant.assistants.thread import Threads
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
)
from azure_assistant.run import instructions
from azure_assistant.run.fonts import ChartFont, snippet
from azure_assistant.run.run_loop import RunLoop
from azure_assistant.transport.error_mapping import SDK_ERRORS, from_sdk
from azure_assistant.transport.optional_parameters import OptionalParameters
from azure_assistant.transport.sending import persistent
from azure_assistant.transport.wire_json import as_objects, integer, text, thing
from untrusted.off_loop import aside

log = logging.getLogger(__name__)

CANCEL_PATIENCE = 30.0
MOST_ATTACHED = 10
"""Files that a message takes (https://platform.openai.com/docs/api-reference/messages/createMessage)."""
BETA = {"OpenAI-Beta": "assistants=v2"}


@dataclass
class Service:
    """What all runs share. ``parameters``: what this service has refused."""

    client: AsyncOpenAI
    config: AssistantConfig
    threads: Threads
    definitions: Definitions
    font: ChartFont
    parameters: OptionalParameters


class Run(RunLoop):
    """A question on its way."""

    request = "runs"

    def __init__(self, service: Service, state: ThreadState, prompt: Prompt) -> None:
        super().__init__(service.config, prompt, service.parameters)
        self.reader: RunReader = RunReader()
        self._service = service
        self._state = state
        self._snippet = ""
        self._posted = False
        self._forgot = False
        self._cancelled = False

    @property
    def has_history(self) -> bool:
        """See ``RunLoop``."""
        return bool(self._state.turns)

    def spent(self) -> Usage:
        """See ``RunLoop``."""
        return usage_of(self.reader.final, self._minutes())

    async def attempt(self) -> AsyncGenerator[RunEvent, None]:
        """Post the question once, start a run, follow its stream, hand over what it made."""
        self.reader = RunReader(first_code=self.reader.codes)
        font = await self._font()
        self._snippet = snippet(f"/mnt/data/{font}") if font else ""
        assistant = await self.deadline.keep(self._service.definitions.assistant_id(font))
        if not self._posted:
            await self.deadline.keep(self._post())
            self._posted = True
        stream = await self.deadline.keep(self._start(assistant))
        async with aclosing(self.follow(stream)) as events:
            async for event in events:
                yield event
        if isinstance(failure := self.reader.failure(), RunRequiresAction):
            await self._service.threads.cancel(self._state.thread, self.reader.id, CANCEL_PATIENCE)
        if failure:
            raise failure
        if self.prompt.compute and (lacking := (await findings_of(self._state, self.reader)).missing):
            await self._ask_for(lacking, assistant)
        for event in await finish(self._state, self.reader, self.notes, self._minutes()):
            yield event

    async def recover(self, error: AssistantError) -> float:
        """See ``RunLoop``. A run that blocks the thread for too long is ended."""
        try:
            return await super().recover(error)
        except ThreadBusy as busy:
            blocking = str(busy.fields.get("run") or "")
            if self._cancelled or not blocking:
                raise
            self._cancelled = True
            await self._service.threads.cancel(self._state.thread, blocking, CANCEL_PATIENCE)
            return 0.0

    async def renew(self, error: AssistantError) -> bool:
        """A new thread for a lost one; of anything else that is gone, the assistant object may be the reason."""
        if isinstance(error, ThreadLost | ContainerLost) and "new_thread" not in self.notes:
            self.notes.append("new_thread")
            await self.new_thread()
            return True
        if isinstance(error, NotFound) and not self._forgot:
            self._forgot = True
            self._service.definitions.forget()
            return True
        return False

    async def new_thread(self) -> None:
        """See ``RunLoop``."""
        self._posted = False
        self._state.renew(await self._service.threads.open(self._state.metadata))

    async def abandon(self) -> None:
        """Cancel the run: it would block the thread for ten minutes."""
        if self.reader.id:
            await self._service.threads.cancel(self._state.thread, self.reader.id, CANCEL_PATIENCE)

    async def _font(self) -> str:
        wanted = self.prompt.compute and self.prompt.cjk_font
        return await self._service.font.file_id() if wanted else ""

    async def _post(self) -> None:
        """Post the question; files that do not fit into one message come in messages before it."""
        files = [item.file.id for item in self.prompt.files] if self.prompt.compute else []
        fresh = [file for file in dict.fromkeys(files) if file not in self._state.attached]
        while len(fresh) > MOST_ATTACHED:
            await self._message([instructions.MORE_FILES], fresh[:MOST_ATTACHED])
            fresh = fresh[MOST_ATTACHED:]
        paths = {file: f"/mnt/data/{file}" for file in files}
        await self._message(instructions.user_parts(self.prompt, paths, transcript=self._state.untold), fresh)

    async def _message(self, parts: Sequence[str], files: Sequence[str]) -> None:
        content: Any = [{"type": "text", "text": part} for part in parts]
        attachments: Any = [{"file_id": file, "tools": [CODE_INTERPRETER]} for file in files]
        try:
            await self._service.client.beta.threads.messages.create(
                self._state.thread, role="user", content=content, attachments=attachments
            )
        except SDK_ERRORS as raw:
            error = from_sdk(raw)
            lost = [file for file in files if re.search(rf"\b{re.escape(file)}\b", error.detail)]
            raise (FileLost(file_ids=lost) if lost else error) from raw
        self._state.attached.extend(files)

    async def _start(self, assistant: str) -> AsyncStream[object]:
        body: dict[str, Json] = {"assistant_id": assistant, "stream": True}
        if not self.prompt.compute:
            body["tools"] = []
        try:
            return await self._service.client.post(
                f"/threads/{quote(self._state.thread, safe='')}/runs",
                cast_to=object,
                body=self.optional() | body,
                options={"headers": BETA, "synthesize_event_and_data": True},
                stream=True,
                stream_cls=AsyncStream[object],
            )
        except SDK_ERRORS as raw:
            raise from_sdk(raw, deployment=self._service.config.deployment) from raw

    def wanted(self) -> dict[str, Json]:
        """Parameters that some servers and models refuse, and without which an answer is still one."""
        return {
            "additional_instructions": instructions.asker(self.prompt, self._snippet),
            "truncation_strategy": {"type": "auto"},
            "metadata": {"asker": self.prompt.asker[:512]} if self.prompt.asker else {},
            "reasoning_effort": self._service.config.reasoning_effort,
        }

    async def rest(self, reason: str) -> AsyncGenerator[RunEvent, None]:
        """See ``RunLoop``. The run goes on without its stream."""
        patience = self._service.config.run_seconds - self.deadline.elapsed
        run = await self._service.threads.settled(self._state.thread, self.reader.id, patience)
        if run is None or text(run.status) in LIVE:
            raise StreamCut(reason)
        steps, messages = await self._service.threads.outcome(self._state.thread, self.reader.id)
        for event in self.noted(self.reader.catch_up(run, steps, messages)):
            yield event

    def began(self, run: str) -> None:
        """See ``RunLoop``."""
        self._state.begin_run(run)

    async def _ask_for(self, paths: Sequence[str], assistant: str) -> None:
        """Ask once for files that the answer links to and that did not come with it. What it says is not shown."""
        reader = RunReader()
        try:
            question = instructions.HAND_OVER.format(paths="\n".join(f"- sandbox:/mnt/data/{path}" for path in paths))
            await persistent(lambda: self._message([question], []), self._service.config.retries)
            stream = await self.deadline.keep(self._start(assistant))
            try:
                async with aclosing(self.deadline.each(aiter(stream))) as events:
                    async for event in events:
                        list(reader.read(as_objects(event)))
            finally:
                await stream.close()
        except (*SDK_ERRORS, AssistantError) as error:
            log.info("files without an annotation were not handed over: %s", type(error).__name__)
            if reader.id and reader.final is None:
                await self._service.threads.cancel(self._state.thread, reader.id, CANCEL_PATIENCE)
        self.reader.saved = reader.saved | self.reader.saved

    def _minutes(self) -> float:
        return self.deadline.elapsed / 60 if self.prompt.compute else 0.0


async def findings_of(state: ThreadState, reader: RunReader) -> Findings:
    """Charts and files that a run made, as far as its answer tells of them."""
    evidence = reader.evidence(state.uploads())
    return await aside(evidence.length, collect, evidence)


async def finish(state: ThreadState, reader: RunReader, notes: list[str], minutes: float) -> list[RunEvent]:
    """Charts, files, and the end of a run that has answered."""
    findings = await findings_of(state, reader)
    made = findings.artifacts
    if not reader.text.strip() and not made:
        raise EmptyAnswer(f"run {reader.id}")
    state.end_turn([item.ref["file"] for item in made])
    log.info("run %s: %d artifacts, %d pieces of code", reader.id, len(made), reader.codes)
    notes = [*notes, *(["cut_short"] if reader.cut_short else [])]
    missing = [path.rpartition("/")[2] for path in findings.missing]
    return [
        *(ChartReady(item) if item.kind == "chart" else FileReady(item) for item in made),
        Finished(reader.text, usage_of(reader.final, minutes), missing, notes),
    ]


def usage_of(run: Any, minutes: float) -> Usage:
    """What a run has cost; of one that did not end, the minutes of its sandbox alone."""
    usage = thing(thing(run).usage)
    return Usage(integer(usage.prompt_tokens), 0, integer(usage.completion_tokens), minutes)
