"""One run of the assistant: its events go to the answer as they come, and what they add up to is kept."""

from __future__ import annotations

import asyncio
import logging
import mimetypes
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from azure_assistant.assistant import (
    Artifact,
    Assistant,
    ChartReady,
    CodeFinished,
    CodeStarted,
    Failed,
    FileReady,
    Finished,
    Gone,
    RunEvent,
    RunStarted,
    TextDelta,
    Usage,
    Waiting,
)
from azure_assistant.errors import AnalystError, AssistantError
from conversations.ports import Answer, Attachment, Step

log = logging.getLogger(__name__)

MAX_MADE_BYTES = 20 * 1024 * 1024
"""A larger chart or file is not kept in the database; it is named as too large to hand over."""


class LiveRun:
    """A run whose events arrive in this process.

    One task of its own reads them, so that the reader may change (the step that starts the run is not the one that
    follows it) and a slow Slack never holds up the stream from Azure.
    """

    def __init__(self, events: AsyncIterator[RunEvent]) -> None:
        self._queue: asyncio.Queue[RunEvent | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._pump(events))

    async def _pump(self, events: AsyncIterator[RunEvent]) -> None:
        try:
            async for event in events:
                self._queue.put_nowait(event)
        finally:
            self._queue.put_nowait(None)

    async def next(self) -> RunEvent | None:
        """The next event; None at the end. Raises what the run raised."""
        event = await self._queue.get()
        if event is None:
            self._queue.put_nowait(None)
            await self._task
        return event

    async def __aiter__(self) -> AsyncIterator[RunEvent]:
        """The events that have not been read yet."""
        while (event := await self.next()) is not None:
            yield event

    async def close(self) -> None:
        """Drop the connection to Azure, if the run has not ended. Never raises."""
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled() and (error := self._task.exception()):
            log.info("A run that is let go had broken: %s", type(error).__name__)


@dataclass
class RunResult:
    """What a run came to. ``error`` is set when it failed; ``gone`` when Azure does not know it any more."""

    text: str = ""
    code: list[dict[str, str]] = field(default_factory=list)
    made: list[Attachment] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    error: AnalystError | None = None
    gone: bool = False


class Run:
    """Follows the events of one run.

    Args:
        assistant: Where artifacts are read.
        answer: What is shown live.
        on_started: Told the run's id when the backend begins it anew.
    """

    def __init__(self, assistant: Assistant, answer: Answer, on_started: Callable[[str], Awaitable[None]]) -> None:
        self._assistant = assistant
        self._answer = answer
        self._on_started = on_started
        self.result = RunResult()

    async def follow(self, events: AsyncIterable[RunEvent]) -> RunResult:
        """Consume the events to their end. Cancelling leaves what has come so far in ``result``."""
        artifacts: list[Artifact] = []
        async for event in events:
            match event:
                case ChartReady(artifact) | FileReady(artifact):
                    artifacts.append(artifact)
                case Finished():
                    self._finish(event)
                case Failed():
                    self.result.error = event.error
                    self.result.usage += event.usage
                case Gone():
                    self.result.gone = True
                case _:
                    await self._show(event)
        for position, artifact in enumerate(artifacts):
            await self._keep(position, artifact)
        return self.result

    def restart(self) -> None:
        """Forget what a run that is gone has brought, not what it has cost; it is asked again."""
        self.result = RunResult(usage=self.result.usage)

    async def _show(self, event: RunEvent) -> None:
        match event:
            case RunStarted(run_id):
                await self._on_started(run_id)
                await self._answer.status(Step.THINKING)
            case Waiting(seconds):
                await self._answer.status(Step.WAITING, seconds=f"{seconds:.0f}")
            case TextDelta(text):
                self.result.text += text
                await self._answer.text(text)
            case CodeStarted(index):
                await self._answer.code_started(index)
            case CodeFinished(index, code, output):
                self.result.code.append({"code": code, "output": output})
                await self._answer.code_finished(index, code, output)
            case _:
                pass

    def _finish(self, event: Finished) -> None:
        self.result.text = event.text
        self.result.usage += event.usage
        self.result.missing = list(event.missing)
        self.result.notes = list(event.notes)

    async def _keep(self, position: int, artifact: Artifact) -> None:
        try:
            data = artifact.data if artifact.data is not None else await self._read(artifact)
        except AssistantError as error:
            log.warning("A file that a run made cannot be read: %s", type(error).__name__)
            data = None
        if not data:
            self.result.missing.append(artifact.name)
            return
        title = _title(artifact)
        self.result.made.append(
            Attachment(
                part=f"{artifact.kind}:{position}",
                kind=artifact.kind,
                name=artifact.name,
                title=title,
                alt=artifact.alt or title,
                media_type=artifact.media_type or mimetypes.guess_type(artifact.name)[0] or "application/octet-stream",
                data=data,
            )
        )

    async def _read(self, artifact: Artifact) -> bytes | None:
        buffer = bytearray()
        async for chunk in self._assistant.read_file(artifact.ref):
            buffer += chunk
            if len(buffer) > MAX_MADE_BYTES:
                return None
        return bytes(buffer)


def _title(artifact: Artifact) -> str:
    """A chart is called as the answer calls it; a file keeps its name, which says what opens it."""
    if artifact.kind == "file":
        return artifact.name
    spoken = PurePosixPath(artifact.name).stem.replace("_", " ").replace("-", " ").strip()
    label = artifact.alt if not artifact.alt.endswith(PurePosixPath(artifact.name).suffix) else ""
    title = label or spoken or artifact.name
    return title[:1].upper() + title[1:]
