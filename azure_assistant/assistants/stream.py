# ruff: noqa: D102 - ``RunReader`` says what these methods do
"""Reads the events of a run, and catches up with what a broken stream has not delivered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from azure_assistant.assistants.artifacts import Evidence
from azure_assistant.calls import answerable
from azure_assistant.errors import (
    AnswerFiltered,
    AssistantError,
    RunCancelled,
    RunExpired,
    RunRequiresAction,
    UnknownError,
)
from azure_assistant.events import CodeFinished, FunctionCall, RunEvent
from azure_assistant.run.artifacts import LOOKED_AT, Cell, Upload
from azure_assistant.run.links import sandbox_path
from azure_assistant.run.reader import LIVE, RunReader
from azure_assistant.transport.error_mapping import from_wire
from azure_assistant.transport.wire_json import as_error, delta, each, integer, text, thing


class AssistantsReader(RunReader):
    """What is known of one run.

    ``saved`` are ids of files that the answer annotates, by path below ``/mnt/data/``; ``heard`` those of messages and
    steps. What ``told`` has of them is passed over.
    """

    def __init__(self, first_code: int = 0, told: Collection[str] = ()) -> None:
        super().__init__(first_code)
        self.heard: dict[str, None] = {}
        self._told = frozenset(told)
        self.saved: dict[str, str] = {}
        self._cells: dict[tuple[str, int], Cell] = {}
        self._shown: dict[str, None] = {}
        self._filtered = False

    def read(self, event: Any) -> Iterator[RunEvent]:
        name, data = text(thing(event).event), thing(thing(event).data)
        if name == "error":
            raise from_wire(as_error(data.error, data))
        reader = self._readers().get(name)
        if reader:
            yield from reader(data)
        elif name.startswith("thread.run.step."):
            yield from self._step(data)
        elif name.startswith("thread.run."):
            yield from self._run(data)

    def _readers(self) -> dict[str, Callable[[Any], Iterator[RunEvent]]]:
        return {
            "thread.run.step.delta": self._step_delta,
            "thread.message.delta": self._message_delta,
            "thread.message.completed": self.message,
            "thread.message.incomplete": self.message,
        }

    def read_whole(self, run: Any) -> Iterator[RunEvent]:
        """See ``RunReader``. Its steps and messages are still to be fetched."""
        if not text(thing(run).id):
            raise from_wire(as_error(thing(run).error, run), status=200)
        return self._begin(run)

    def catch_up(self, run: Any, steps: Sequence[Any], messages: Sequence[Any]) -> Iterator[RunEvent]:
        """Everything of a stored run, in the order of time, that was not told yet."""
        yield from self._begin(thing(run))
        for step in steps:
            yield from self._step(thing(step))
        for message in messages:
            yield from self.message(thing(message))
        self.final = thing(run)

    def message(self, message: Any) -> Iterator[RunEvent]:
        """A whole message."""
        if self._is_told(message):
            return
        self._filtered |= thing(message.incomplete_details).reason == "content_filter"
        for index, block in enumerate(each(message.content)):
            key = (text(message.id), index)
            if block.type == "image_file" and (image := text(thing(block.image_file).file_id)):
                self._shown[image] = None
            elif block.type == "text":
                yield from self._whole_piece(key, text(thing(block.text).value))
                self._annotations(thing(block.text).annotations)
            elif block.type == "refusal":
                yield from self._whole_piece(key, text(block.refusal))

    def calls(self) -> list[FunctionCall]:
        run = thing(self.final)
        if text(run.status) != "requires_action":
            return []
        asked = each(thing(thing(run.required_action).submit_tool_outputs).tool_calls)
        functions = [(text(call.id), thing(call.function)) for call in asked]
        return answerable((call, text(function.name), text(function.arguments)) for call, function in functions)

    def failure(self) -> AssistantError | None:
        run = thing(self.final)
        status = text(run.status)
        if self.calls():
            return None
        if status == "failed":
            return from_wire(as_error(run.last_error))
        if status == "incomplete" and (self._filtered or thing(run.incomplete_details).reason == "content_filter"):
            return AnswerFiltered(f"run {text(run.id)}")
        kinds: dict[str, type[AssistantError]] = {
            "expired": RunExpired,
            "cancelled": RunCancelled,
            "cancelling": RunCancelled,
            "requires_action": RunRequiresAction,
        }
        kind = kinds.get(status)
        return kind(f"run {text(run.id)}") if kind else None

    def evidence(self, uploads: Sequence[Upload]) -> Evidence:
        """What tells of charts and files."""
        return Evidence(self.text, self.saved, list(self._cells.values()), list(self._shown), uploads)

    def _run(self, run: Any) -> Iterator[RunEvent]:
        """A status. A failure without words may still be told."""
        yield from self._begin(run)
        status = text(run.status)
        if status == "failed" and isinstance(failed := from_wire(as_error(run.last_error)), UnknownError):
            self.failed = failed
        elif status and status not in LIVE:
            self.final = run

    def _is_told(self, item: Any) -> bool:
        self.heard[text(item.id)] = None
        return text(item.id) in self._told

    def _step_delta(self, step: Any) -> Iterator[RunEvent]:
        for call in each(thing(thing(step.delta).step_details).tool_calls):
            yield from self._start((text(step.id), integer(call.index)), call)

    def _step(self, step: Any) -> Iterator[RunEvent]:
        if self._is_told(step):
            return
        for index, call in enumerate(each(thing(step.step_details).tool_calls)):
            key = (text(step.id), index)
            yield from self._start(key, call)
            if call.type == "code_interpreter" and step.status != "in_progress" and key not in self._cells:
                yield self._end(key, thing(call.code_interpreter))

    def _start(self, key: tuple[str, int], call: Any) -> Iterator[RunEvent]:
        if call.type == "code_interpreter":
            yield from self._start_code(key)

    def _end(self, key: tuple[str, int], call: Any) -> RunEvent:
        outputs = each(call.outputs)
        images = [text(thing(output.image).file_id) for output in outputs if output.type == "image"]
        logs = "\n".join(text(output.logs) for output in outputs if output.type == "logs")
        code = text(call.input).replace("\r\n", "\n")
        self._cells[key] = Cell(code[:LOOKED_AT], [image for image in images if image])
        return CodeFinished(self._code_index[key], code, logs.replace("\r\n", "\n"))

    def _message_delta(self, message: Any) -> Iterator[RunEvent]:
        for block in each(thing(message.delta).content):
            if block.type == "text":
                key = (text(message.id), integer(block.index))
                yield from self._piece(key, delta(thing(block.text).value))
                self._annotations(thing(block.text).annotations)

    def _annotations(self, annotations: Any) -> None:
        for note in each(annotations):
            file = text(thing(note.file_path).file_id)
            if note.type == "file_path" and file:
                self.saved[sandbox_path(text(note.text)) or file] = file
