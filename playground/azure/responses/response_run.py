"""One run of ``/responses``: what the model does, as events in the exact order of the service.

The order is the recorded one of the reference (azure-openai-wire.md, B.6).
"""

from __future__ import annotations

import asyncio
import base64
import logging
import re
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from playground.azure.containers.container import Container, ContainerFile
from playground.azure.model.drive import drive
from playground.azure.responses.citations import container_citations
from playground.azure.responses.items import code_call, function_call, shown, tokens
from playground.azure.service import ids
from playground.azure.service.events import Event, EventLog, RunEnd
from playground.azure.service.faults import Fault
from playground.azure.service.settings import Settings
from playground.azure.service.wire import Json
from playground.ports import Call, Commentary, Execution, Model, ModelRequest, Refusal

logger = logging.getLogger(__name__)

DANGLING = "\n\n[the file](sandbox:/mnt/data/never_made.csv)"
SHORTEST_PIECE, MOST_PIECES = 8, 200
_TOKEN = re.compile(r"\s?\w{1,12}|\s?[^\w\s]|\s+")


@dataclass
class Plan:
    """What a run needs to know.

    Attributes:
        response: The response object; filled in place, with all outputs (``shown`` takes them out again). What stands
            in its output before the run was compacted for it.
        request: What the model is asked.
        container: Where code runs, if the tool was offered.
        include: The values of ``include``.
        obfuscation: Whether deltas carry the padding of the service.
        input_tokens: Size of what the model reads.
        cached_tokens: How much of it the service has seen before.
        faults: Those that strike this run.
    """

    response: Json
    request: ModelRequest
    container: Container | None = None
    include: Collection[str] = ()
    obfuscation: bool = True
    input_tokens: int = 0
    cached_tokens: int = 0
    faults: Sequence[Fault] = ()

    def has(self, fault: str) -> bool:
        """Whether a fault of that name strikes this run."""
        return any(armed.name == fault for armed in self.faults)


@dataclass
class _Message:
    """The message that is being written."""

    item: Json
    index: int
    kind: type[str]
    pieces: list[str] = field(default_factory=list)


class ResponseRun:
    """Writes the events of one response. ``log`` has them; ``done`` is set after the last."""

    def __init__(self, plan: Plan, settings: Settings) -> None:
        self.plan = plan
        self.log = EventLog(plan.faults)
        self.done = asyncio.Event()
        self._settings = settings
        self._items: list[Json] = plan.response["output"]
        self._message: _Message | None = None
        self._calls = 0
        self._written = 0
        self._shown: list[ContainerFile] = []
        self._settle: Callable[[], None] | None = None

    async def execute(self, model: Model, settle: Callable[[], None]) -> None:
        """Run to the end, whatever the end is. Cancelling it makes the response ``cancelled``.

        Args:
            model: Who answers.
            settle: Called once, when the outcome is known and before anybody hears of it.
        """
        response = self.plan.response
        self._settle = settle
        try:
            await self._begin()
            await drive(model, self.plan.request, self)
            await self._close_message(final=True)
            await self._finish("completed")
        except RunEnd as end:
            await self._end(end)
        except asyncio.CancelledError:
            response["status"] = "cancelled"
            self._break_off()
        except Exception:
            logger.exception("a run of the local model failed")
            await self._end(RunEnd("failed"))
        finally:
            self._settle_once()
            self.log.close()
            self.done.set()

    def snapshot(self, include: Collection[str] | None = None) -> Json:
        """The response object as it goes over the wire."""
        wanted = self.plan.include if include is None else include
        drop = self.plan.response["background"] and self.plan.has("background_drops_outputs")
        items = [shown(item, wanted, drop_outputs=bool(drop)) for item in self._items]
        return self.plan.response | {"output": items}

    async def text(self, delta: str) -> None:
        """See ``Writer``."""
        kind = type(delta) if isinstance(delta, Commentary | Refusal) else str
        if self._message is not None and self._message.kind is not kind:
            await self._close_message()
        message = self._message or await self._open_message(kind)
        where = self._part_of(message)
        if kind is Refusal:
            await self._emit("response.refusal.delta", where | {"delta": str(delta)})
        else:
            padding = self._obfuscation(delta)
            await self._emit("response.output_text.delta", where | {"delta": str(delta), "logprobs": []} | padding)
        message.pieces.append(str(delta))
        self._spend(delta)

    async def code(self, code: str) -> Execution:
        """See ``Writer``."""
        limit = self.plan.response["max_tool_calls"]
        container = self.plan.container
        if container is None or (limit is not None and self._calls >= limit):
            return Execution("The tool is not available any more.", failed=True)
        self._calls += 1
        await self._close_message()
        # The service hands out code with CRLF line ends.
        written = re.sub(r"\r?\n", "\r\n", code)
        item = code_call(ids.hex_id("ci_"), container.id)
        where = {"output_index": len(self._items), "item_id": item["id"]}
        await self._add(item)
        await self._emit("response.code_interpreter_call.in_progress", where)
        for delta in _TOKEN.findall(written):
            padding = self._obfuscation(delta)
            await self._emit("response.code_interpreter_call_code.delta", where | {"delta": delta} | padding)
        item["code"] = written
        self._spend(written)
        await self._emit("response.code_interpreter_call_code.done", where | {"code": written})
        item["status"] = "interpreting"
        await self._emit("response.code_interpreter_call.interpreting", where)
        ran = await container.run(code)
        item["outputs"] = [{"type": "logs", "logs": ran.execution.logs}] if ran.execution.logs else []
        for file in ran.shown:
            item["outputs"].append({"type": "image", "url": _data_uri(file)})
        self._shown += ran.shown
        item["status"] = "completed"
        await self._emit("response.code_interpreter_call.completed", where)
        await self._item_done(item, where["output_index"])
        return ran.execution

    async def call(self, call: Call) -> None:
        """See ``Writer``."""
        await self._close_message()
        item = function_call(call)
        where = {"output_index": len(self._items), "item_id": item["id"]}
        await self._add(item)
        size = max(SHORTEST_PIECE, len(call) // MOST_PIECES)
        for start in range(0, len(call), size):
            delta = str(call)[start : start + size]
            padding = self._obfuscation(delta)
            await self._emit("response.function_call_arguments.delta", where | {"delta": delta} | padding)
        item["arguments"] = str(call)
        self._spend(call)
        told = {"name": call.name, "arguments": str(call)}
        await self._emit("response.function_call_arguments.done", where | told)
        item["status"] = "completed"
        await self._item_done(item, where["output_index"])

    async def _begin(self) -> None:
        response = self.plan.response
        compacted = [self._items.pop(0) for _ in list(self._items)]
        await self._emit("response.created", {"response": self.snapshot()})
        if response["background"]:
            await self._emit("response.queued", {"response": self.snapshot()})
            response["status"] = "in_progress"
        await self._emit("response.in_progress", {"response": self.snapshot()})
        reasoning = [{"id": ids.hex_id("rs_"), "type": "reasoning", "summary": []}] if self._settings.reasoning else []
        for item in [*compacted, *reasoning]:
            await self._add(item)
            await self._item_done(item, len(self._items) - 1)

    async def _finish(self, status: str) -> None:
        response = self.plan.response
        await self.log.strike()
        response["status"] = status
        if status == "completed":
            response["completed_at"] = self._settings.now()
        response["usage"] = self._usage()
        self._settle_once()
        await self._emit(f"response.{status}", {"response": self.snapshot()})

    def _settle_once(self) -> None:
        settle, self._settle = self._settle, None
        if settle is not None:
            settle()

    async def _end(self, end: RunEnd) -> None:
        self.log.settle()
        self._break_off()
        body = {"code": end.code, "message": end.message, "param": None}
        if end.form == "azure":
            await self.log.emit(Event(None, {"error": body | {"type": end.kind}}))
        elif end.form == "nested":
            await self._emit("error", {"error": {"type": end.kind} | body})
        elif end.form == "flat":
            await self._emit("error", body)
        if end.outcome == "incomplete":
            self.plan.response["incomplete_details"] = {"reason": end.reason}
            await self._finish("incomplete")
            return
        told = None if end.form == "last" else {"code": end.code, "message": end.message}
        self.plan.response |= {"error": told, "status": "failed"}
        if end.form != "azure":
            await self._finish("failed")
        if end.form == "last":
            await self._emit("error", {"error": {"type": end.kind} | body})

    def _break_off(self) -> None:
        if self._message is not None:
            self._message.item["content"] = [self._part(self._message, [])]
            self._message = None
        for item in self._items:
            if item.get("status") in ("in_progress", "interpreting"):
                item["status"] = "incomplete"

    async def _open_message(self, kind: type[str]) -> _Message:
        item: Json = {
            "id": ids.hex_id("msg_"),
            "type": "message",
            "status": "in_progress",
            "content": [],
            "role": "assistant",
        }
        if self._settings.phases:
            item["phase"] = "commentary" if kind is Commentary else "final_answer"
        message = _Message(item, len(self._items), kind)
        self._message = message
        await self._add(item)
        await self._emit("response.content_part.added", self._part_of(message) | {"part": self._part(message, [])})
        return message

    async def _close_message(self, *, final: bool = False) -> None:
        message = self._message
        if message is None:
            return
        if final and self.plan.has("dangling_link") and message.kind is str:
            await self.text(DANGLING)
        annotations = self._annotations(message)
        where, part = self._part_of(message), self._part(message, annotations)
        for index, annotation in enumerate(annotations):
            which = {"annotation_index": index, "annotation": annotation}
            await self._emit("response.output_text.annotation.added", where | which)
        if message.kind is Refusal:
            await self._emit("response.refusal.done", where | {"refusal": part["refusal"]})
        else:
            await self._emit("response.output_text.done", where | {"text": part["text"], "logprobs": []})
        await self._emit("response.content_part.done", where | {"part": part})
        message.item["content"] = [part]
        message.item["status"] = "completed"
        self._message = None
        await self._item_done(message.item, message.index)

    def _annotations(self, message: _Message) -> list[Json]:
        container = self.plan.container
        if container is None or message.kind is not str or self.plan.has("no_citation"):
            return []
        made = [file for file in container.files.values() if file.source == "assistant"]
        displayed, self._shown = self._shown, []
        return container_citations("".join(message.pieces), container.id, displayed, made)

    def _part(self, message: _Message, annotations: Sequence[Json]) -> Json:
        text = "".join(message.pieces)
        if message.kind is Refusal:
            return {"type": "refusal", "refusal": text}
        return {"type": "output_text", "annotations": list(annotations), "logprobs": [], "text": text}

    def _part_of(self, message: _Message) -> Json:
        return {"item_id": message.item["id"], "output_index": message.index, "content_index": 0}

    async def _add(self, item: Json) -> None:
        self._items.append(item)
        added = shown(dict(item), self.plan.include)
        await self._emit("response.output_item.added", {"output_index": len(self._items) - 1, "item": added})

    async def _item_done(self, item: Json, index: int) -> None:
        done = shown(dict(item), self.plan.include)
        await self._emit("response.output_item.done", {"output_index": index, "item": done})

    async def _emit(self, name: str, members: Json) -> None:
        await self.log.emit(Event(name, {"type": name, "sequence_number": len(self.log.events)} | members))

    def _obfuscation(self, delta: str) -> Json:
        if not self.plan.obfuscation:
            return {}
        return {"obfuscation": secrets.token_urlsafe(16)[: max(1, 16 - len(delta) % 16)]}

    def _spend(self, text: str) -> None:
        self._written += tokens(text)
        limit = self.plan.response["max_output_tokens"]
        if limit is not None and self._written > limit:
            raise RunEnd("incomplete", reason="max_output_tokens")

    def _usage(self) -> dict[str, Any]:
        read = self.plan.input_tokens
        return {
            "input_tokens": read,
            "input_tokens_details": {"cached_tokens": self.plan.cached_tokens, "cache_write_tokens": 0},
            "output_tokens": self._written,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": read + self._written,
        }


def _data_uri(file: ContainerFile) -> str:
    assert file.blob is not None, "displayed figures are kept"
    return "data:image/png;base64," + base64.b64encode(file.blob.data).decode()
