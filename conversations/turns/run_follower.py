"""One run of the assistant: its events go to the answer as they come, and what they add up to is kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from azure_assistant.events import (
    Artifact,
    CallsMade,
    ChartReady,
    CodeFinished,
    CodeStarted,
    Failed,
    FileReady,
    Finished,
    FunctionCall,
    Gone,
    ReceiptReady,
    RunEvent,
    RunStarted,
    TextDelta,
    Usage,
    Waiting,
)
from conversations.files.answer_budget import MOST_TEXT
from conversations.files.code import CODE_FILE, CodeKept
from conversations.files.shelf import Shelf
from conversations.ports.replies import Activity, Answer
from errors import AnalystError
from receipts.form import MOST_BYTES
from telemetry.metrics import reached

log = logging.getLogger(__name__)

PARTING = "\n\n"
"""Between what a model says before it calls something and after it."""


class RunStream:
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
    """What a run came to. ``error`` is set when it failed; ``gone`` when Azure does not know it any more.

    ``made`` is how many charts and files are handed over, ``missing`` names those that are known not to exist; it waits
    for what its ``calls`` come to.
    """

    text: str = ""
    code: list[dict[str, str]] = field(default_factory=list)
    made: int = 0
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    error: AnalystError | None = None
    gone: bool = False
    calls: Sequence[FunctionCall] = ()
    receipt: dict[str, Any] = field(default_factory=dict)


class RunFollower:
    """Follows the events of one run.

    ``before`` is what the turn came to until it went on with this one. With ``holds`` its text is not shown before code
    has run in the turn.
    """

    def __init__(
        self,
        answer: Answer,
        on_started: Callable[[str], Awaitable[None]],
        shelf: Shelf,
        before: RunResult | None = None,
        accepted_at: float = 0.0,
        *,
        holds: bool = False,
    ) -> None:
        self._answer = answer
        self._on_started = on_started
        self._shelf = shelf
        self._before = before or RunResult()
        self._accepted_at = accepted_at
        self._holds = holds
        self._text: list[str] = []
        self._begin(self._before.usage)

    def _begin(self, usage: Usage) -> None:
        before = self._before
        self._result = RunResult(before.text, missing=[*before.missing], notes=[*before.notes], usage=usage)
        self._length = len(before.text)
        self._text.clear()
        self._code = CodeKept()
        for step in before.code:
            self._code.add(step["code"], step["output"])
        self._held: list[str] | None = [] if self._holds and not before.code else None

    @property
    def is_held(self) -> bool:
        """Whether nothing of the text is shown yet, because no code has run."""
        return self._held is not None

    @property
    def result(self) -> RunResult:
        """What has come so far."""
        if self._text:
            self._result.text = "".join([self._result.text, *self._text])
            self._text.clear()
        self._result.code = self._code.kept
        self._result.made = self._shelf.number
        return self._result

    async def follow(self, events: AsyncIterable[RunEvent]) -> RunResult:
        """Consume the events to their end. Cancelling leaves what has come so far in ``result``."""
        async for event in events:
            match event:
                case ChartReady(artifact) | FileReady(artifact):
                    if not await self._shelf.put(artifact):
                        self._result.missing.append(artifact.name)
                case ReceiptReady(artifact):
                    self._result.receipt = _receipt(artifact)
                case Finished():
                    self._finish(event)
                case CallsMade(calls, text, usage):
                    self._end(text, usage)
                    self._result.calls = calls
                case Failed():
                    self._result.error = event.error
                    self._result.usage += event.usage
                case Gone():
                    self._result.gone = True
                case _:
                    await self._show(event)
        if self._code.is_cut and not (self._result.error or self._result.gone):
            await self._shelf.put_bytes(CODE_FILE, "text/x-python", await asyncio.to_thread(self._code.file))
            self._result.notes.append("long_code")
        return self.result

    async def restart(self) -> None:
        """Forget what a run that is gone has brought, not what it has cost; it is asked again."""
        self._begin(self._result.usage)
        await self._shelf.clear()

    async def _show(self, event: RunEvent) -> None:
        match event:
            case RunStarted(run_id):
                await self._on_started(run_id)
                await self._answer.status(Activity.THINKING)
            case Waiting(seconds):
                await self._answer.status(Activity.WAITING, seconds=f"{seconds:.0f}")
            case TextDelta(text):
                await self._write(text)
            case CodeStarted(index):
                await self._answer.code_started(len(self._before.code) + index)
            case CodeFinished(index, code, output):
                self._code.add(code, output)
                await self._let_go()
                await self._answer.code_finished(len(self._before.code) + index, code, output)

    async def _write(self, text: str) -> None:
        if text and not self._text and self._result.text and self._result.text == self._before.text:
            text = PARTING + text
        text = text[: MOST_TEXT - self._length]
        if text:
            self._length += len(text)
            self._text.append(text)
            if self._held is not None:
                self._held.append(text)
                return
            if self._length == len(text):
                reached("first_text", self._accepted_at)
            await self._answer.text(text)

    async def _let_go(self) -> None:
        """Show what was held."""
        held, self._held = "".join(self._held or ()), None
        if held:
            await self._answer.text(held)

    def _finish(self, event: Finished) -> None:
        self._result.missing += event.missing
        self._result.notes += event.notes
        self._end(event.text, event.usage)

    def _end(self, text: str, usage: Usage) -> None:
        self._text.clear()
        whole = PARTING.join(filter(None, [self._before.text, text]))
        self._result.text = whole[:MOST_TEXT]
        self._result.usage += usage
        if len(whole) > MOST_TEXT:
            self._result.notes.append("too_long")


def _receipt(artifact: Artifact) -> dict[str, Any]:
    """Where a receipt is, or its text: it is not read before the answer is shown."""
    if artifact.data is None:
        return {"ref": dict(artifact.ref)}
    return {"text": artifact.data[: MOST_BYTES + 1].decode("utf-8", "replace")}
