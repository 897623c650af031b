"""One run of Assistants v2: what the model does, as events in the order of the service."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from playground.azure.assistants.threads import Thread, new_message
from playground.azure.containers.files import Files
from playground.azure.containers.sandbox import Ran, Sandbox
from playground.azure.model.drive import drive
from playground.azure.responses.citations import file_paths
from playground.azure.responses.items import tokens
from playground.azure.service import ids
from playground.azure.service.blobs import Blob
from playground.azure.service.events import Event, EventLog, RunEnd
from playground.azure.service.faults import Fault
from playground.azure.service.settings import Settings
from playground.azure.service.wire import Json
from playground.ports import Call, Execution, Model, ModelRequest, Refusal, SessionLost

logger = logging.getLogger(__name__)

DANGLING = "\n\n[the file](sandbox:/mnt/data/never_made.csv)"
OPENING_EVENTS = 3
SHORTEST_PIECE, MOST_PIECES = 8, 200
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass
class Context:
    """What a run works with. ``answered`` is the step whose calls got their outputs, when the run goes on after it."""

    thread: Thread
    run: Json
    request: ModelRequest
    file_ids: Sequence[str]
    files: Files
    settings: Settings
    azure: bool
    make_sandbox: Callable[[str], Sandbox]
    faults: Sequence[Fault] = ()
    answered: Json | None = None

    def has(self, fault: str) -> bool:
        """Whether a fault of that name strikes this run."""
        return any(armed.name == fault for armed in self.faults)


@dataclass
class _Writing:
    """The message that is being written, and its step."""

    message: Json
    step: Json
    images: int
    kind: type[str]
    pieces: list[str] = field(default_factory=list)


class AssistantRun:
    """Writes the events of one run. ``log`` has them; ``done`` is set after the last."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.log = EventLog(context.faults, 0 if context.answered else OPENING_EVENTS)
        self.done = asyncio.Event()
        self._thread = context.thread
        self._run = context.run
        self._now = context.settings.now
        self._writing: _Writing | None = None
        self._step: Json | None = None
        self._calling: Json | None = None
        self._images: list[str] = []
        self._written = 0

    async def execute(self, model: Model) -> None:
        """Run to the end. Cancelling it makes the run ``cancelled``, or ``expired`` if its time is over."""
        try:
            await self._begin()
            await drive(model, self.context.request, self)
            await (self._finish() if self._calling is None else self._wait(self._calling))
        except RunEnd as end:
            await self._end(end)
        except asyncio.CancelledError:
            await self._end(RunEnd("expired") if self._now() >= self._run["expires_at"] else None)
        except Exception:
            logger.exception("a run of the local model failed")
            await self._end(RunEnd("failed"))
        finally:
            self.log.events.append(Event("done", "[DONE]"))
            self.log.close()
            self.done.set()

    async def text(self, delta: str) -> None:
        """See ``Writer``."""
        kind = Refusal if isinstance(delta, Refusal) else type(delta)
        if self._writing is not None and self._writing.kind is not kind:
            await self._close_message()
        writing = self._writing or await self._open_message(kind)
        block = {"index": writing.images, "type": "text", "text": {"value": str(delta), "annotations": []}}
        await self._message_delta(writing, block)
        writing.pieces.append(str(delta))
        self._written += tokens(delta)

    async def code(self, code: str) -> Execution:
        """See ``Writer``."""
        await self._close_message()
        call: Json = {"id": ids.letter_id("call_"), "type": "code_interpreter"}
        details: Json = {"input": "", "outputs": []}
        step = await self._open_step("tool_calls", {"type": "tool_calls", "tool_calls": []})
        for delta in _LINE.findall(code):
            await self._step_delta(step, call, {"input": delta, "outputs": []})
        details["input"] = code
        step["step_details"]["tool_calls"] = [call | {"code_interpreter": details}]
        self._written += tokens(code)
        ran = await self._compute(code)
        for output in await self._outputs(ran):
            index = len(details["outputs"])
            details["outputs"].append(output)
            await self._step_delta(step, call, {"outputs": [{"index": index} | output]})
        await self._close_step(step)
        return ran.execution

    async def call(self, call: Call) -> None:
        """See ``Writer``. Calls that are made side by side share a step, which ends with their outputs."""
        await self._close_message()
        step = self._calling
        if step is None:
            step = self._calling = await self._open_step("tool_calls", {"type": "tool_calls", "tool_calls": []})
        calls = step["step_details"]["tool_calls"]
        where = {"index": len(calls), "type": "function"}
        identifier = ids.letter_id("call_") if call.id is None else call.id
        begun = where | {"id": identifier, "function": {"name": call.name, "arguments": "", "output": None}}
        await self._calls_delta(step, begun)
        size = max(SHORTEST_PIECE, len(call) // MOST_PIECES)
        for start in range(0, len(call), size):
            await self._calls_delta(step, where | {"function": {"arguments": str(call)[start : start + size]}})
        told = {"name": call.name, "arguments": str(call), "output": None}
        calls.append({"id": identifier, "type": "function", "function": told})
        self._written += tokens(call)

    async def _wait(self, step: Json) -> None:
        """Wait for the outputs of the calls in a step."""
        await self.log.strike()
        self._run["status"] = "requires_action"
        self._run["required_action"] = _required_action(step["step_details"]["tool_calls"])
        await self._emit_run("requires_action")

    async def _compute(self, code: str) -> Ran:
        """Run code; a sandbox that has died is silently replaced, as the service does."""
        for _ in range(2):
            for file_id in self.context.file_ids:
                if file_id not in self._thread.placed:
                    await self._thread.sandbox.put(file_id, self.context.files.find(file_id).blob)
                    self._thread.placed.add(file_id)
            try:
                return await self._thread.sandbox.run(code)
            except SessionLost:
                self._thread.sandbox = self.context.make_sandbox(self._thread.id)
                self._thread.placed.clear()
        return Ran(Execution("The Python session cannot be started.", failed=True))

    async def _outputs(self, ran: Ran) -> list[Json]:
        outputs: list[Json] = []
        if ran.execution.logs:
            outputs.append({"type": "logs", "logs": ran.execution.logs})
        for image in ran.execution.images:
            file_id = self._keep("image.png", image)
            self._images.append(file_id)
            outputs.append({"type": "image", "image": {"file_id": file_id}})
        for file in ran.changed:
            self._thread.made[file.name] = self._keep(file.name, await self._thread.sandbox.read(file.name))
        return outputs

    def _keep(self, name: str, data: bytes) -> str:
        files, azure = self.context.files, self.context.azure
        return files.add(name, Blob(data), purpose="assistants_output", azure=azure).id

    async def _begin(self) -> None:
        if (answered := self.context.answered) is not None:
            await self._close_step(answered)
            await self._emit_run("queued")
        else:
            await self._emit_run("created")
            await self._emit_run("queued")
            self._run["started_at"] = self._now()
        self._run["status"] = "in_progress"
        await self._emit_run("in_progress")

    async def _finish(self) -> None:
        if self._images and self._writing is None:
            await self._open_message(str)
        await self._close_message(final=True)
        await self.log.strike()
        self._run["status"] = "completed"
        self._run["completed_at"] = self._now()
        self._run["usage"] = self._usage()
        await self._emit_run("completed")

    async def _end(self, end: RunEnd | None) -> None:
        """End otherwise than completed; None means cancelled."""
        self.log.settle()
        outcome = end.outcome if end is not None else "cancelled"
        if outcome == "requires_action":
            await self.call(Call("{}", "lookup"))
            assert self._calling is not None
            return await self._wait(self._calling)
        await self._break_off(outcome, end.reason if end is not None else "")
        self._run["status"] = outcome
        if outcome in ("failed", "cancelled"):
            self._run[f"{outcome}_at"] = self._now()
        if end is not None and outcome == "failed":
            told = {"code": end.code, "message": end.message}
            self._run["last_error"] = None if end.form == "last" else told
            if end.form == "last":
                await self._emit_run(outcome)
            if end.form is not None:
                body = told | {"param": None, "type": end.kind}
                name = None if end.form == "azure" else "error"
                return await self.log.emit(Event(name, body if end.form == "flat" else {"error": body}))
        if outcome == "incomplete":
            self._run["incomplete_details"] = {"reason": "max_completion_tokens"}
        self._run["usage"] = self._usage()
        return await self._emit_run(outcome)

    async def _break_off(self, outcome: str, reason: str) -> None:
        why = {"failed": "run_failed", "cancelled": "run_cancelled", "expired": "run_expired"}.get(outcome)
        if (writing := self._writing) is not None:
            self._writing = None
            writing.message["status"] = "incomplete"
            writing.message["incomplete_at"] = self._now()
            cause = "content_filter" if reason == "content_filter" else "max_tokens"
            writing.message["incomplete_details"] = {"reason": why or cause}
            writing.message["content"] = self._blocks(writing, [])
            await self._emit("thread.message.incomplete", dict(writing.message))
        if (step := self._step) is not None:
            self._step = None
            status = outcome if outcome != "incomplete" else "completed"
            step["status"] = status
            step[f"{status}_at"] = self._now()
            await self._emit(f"thread.run.step.{status}", dict(step))

    async def _open_message(self, kind: type[str]) -> _Writing:
        message = new_message(self._thread, "assistant", self._now()) | {
            "status": "in_progress",
            "completed_at": None,
            "assistant_id": self._run["assistant_id"],
            "run_id": self._run["id"],
        }
        creation = {"type": "message_creation", "message_creation": {"message_id": message["id"]}}
        step = await self._open_step("message_creation", creation)
        self._thread.messages.append(message)
        images, self._images = self._images, []
        writing = _Writing(message, step, len(images), kind)
        self._writing = writing
        await self._emit("thread.message.created", dict(message))
        await self._emit("thread.message.in_progress", dict(message))
        message["content"] = [{"type": "image_file", "image_file": {"file_id": file_id}} for file_id in images]
        for index, block in enumerate(message["content"]):
            await self._message_delta(writing, {"index": index} | block)
        return writing

    async def _close_message(self, *, final: bool = False) -> None:
        writing = self._writing
        if writing is None:
            return
        if final and self.context.has("dangling_link"):
            await self.text(DANGLING)
        annotations = [] if self.context.has("no_citation") else file_paths("".join(writing.pieces), self._thread.made)
        for index, annotation in enumerate(annotations):
            text = {"annotations": [{"index": index} | annotation]}
            await self._message_delta(writing, {"index": writing.images, "type": "text", "text": text})
        self._writing = None
        message = writing.message
        message["content"] = self._blocks(writing, annotations)
        message["status"] = "completed"
        message["completed_at"] = self._now()
        await self._emit("thread.message.completed", dict(message))
        await self._close_step(writing.step)

    def _blocks(self, writing: _Writing, annotations: list[Json]) -> list[Json]:
        images: list[Json] = writing.message["content"][: writing.images]
        text = "".join(writing.pieces)
        return [*images, {"type": "text", "text": {"value": text, "annotations": annotations}}] if text else images

    async def _open_step(self, kind: str, details: Json) -> Json:
        step: Json = {
            "id": ids.letter_id("step_"),
            "object": "thread.run.step",
            "created_at": self._now(),
            "assistant_id": self._run["assistant_id"],
            "thread_id": self._thread.id,
            "run_id": self._run["id"],
            "type": kind,
            "status": "in_progress",
            "step_details": details,
            "last_error": None,
            "expired_at": None,
            "cancelled_at": None,
            "failed_at": None,
            "completed_at": None,
            "metadata": {},
            "usage": None,
        }
        self._thread.steps.setdefault(self._run["id"], []).append(step)
        self._step = step
        await self._emit("thread.run.step.created", step | {"step_details": dict(details)})
        await self._emit("thread.run.step.in_progress", step | {"step_details": dict(details)})
        return step

    async def _close_step(self, step: Json) -> None:
        step["status"] = "completed"
        step["completed_at"] = self._now()
        step["usage"] = self._usage()
        self._step = None
        await self._emit("thread.run.step.completed", dict(step))

    async def _step_delta(self, step: Json, call: Json, details: Json) -> None:
        await self._calls_delta(step, {"index": 0} | call | {"code_interpreter": details})

    async def _calls_delta(self, step: Json, call: Json) -> None:
        delta = {"step_details": {"type": "tool_calls", "tool_calls": [call]}}
        await self._emit("thread.run.step.delta", _delta(step, "thread.run.step.delta", delta))

    async def _message_delta(self, writing: _Writing, block: Json) -> None:
        delta = {"content": [block]}
        await self._emit("thread.message.delta", _delta(writing.message, "thread.message.delta", delta))

    async def _emit_run(self, what: str) -> None:
        await self._emit(f"thread.run.{what}", dict(self._run))

    async def _emit(self, name: str, data: Json) -> None:
        await self.log.emit(Event(name, data))

    def _usage(self) -> Json:
        request = self.context.request
        read = tokens(request.instructions) + sum(map(tokens, request.user_parts))
        read += sum(tokens(past.text) for past in request.history)
        return {"prompt_tokens": read, "completion_tokens": self._written, "total_tokens": read + self._written}


def _delta(of: Json, kind: str, delta: Json) -> Json:
    return {"id": of["id"], "object": kind, "delta": delta}


def _required_action(calls: list[Json]) -> Json:
    asked = [call | {"function": {name: call["function"][name] for name in ("name", "arguments")}} for call in calls]
    return {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": asked}}
