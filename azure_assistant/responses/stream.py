# ruff: noqa: D102 - ``RunReader`` says what these methods do
"""Reads the events of a response, and catches up with what a broken stream has not delivered.

Events are told apart by their ``type`` string alone; unknown ones (``keepalive``…) mean nothing. Output items are
keyed by their index, which is the same in the stream and in the stored response.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from azure_assistant.calls import answerable
from azure_assistant.errors import AnswerFiltered, AssistantError, RunCancelled, UnknownError
from azure_assistant.events import CodeFinished, FunctionCall, RunEvent
from azure_assistant.responses.artifacts import Citation, Evidence
from azure_assistant.responses.repetitions import Repetitions
from azure_assistant.run.artifacts import LOOKED_AT, Cell, Upload
from azure_assistant.run.reader import LIVE, RunReader
from azure_assistant.transport.error_mapping import from_wire
from azure_assistant.transport.wire_json import as_error, delta, each, integer, text, thing


class ResponsesReader(RunReader):
    """What is known of one response; see ``RunReader``."""

    def __init__(self, first_code: int = 0) -> None:
        super().__init__(first_code)
        self._items: dict[int, Any] = {}
        self._phases: dict[int, str] = {}
        self._finished: set[int] = set()
        self._repetitions = Repetitions()
        self._readers: dict[str, Callable[[Any], Iterator[RunEvent]]] = {
            "response.created": self._created,
            "response.output_item.added": self._item_added,
            "response.output_item.done": self._item_done,
            "response.output_text.delta": self._delta,
            "response.refusal.delta": self._delta,
            "response.code_interpreter_call.in_progress": self._code,
            "response.code_interpreter_call_code.delta": self._code,
            "response.completed": self._ended,
            "response.incomplete": self._ended,
            "response.failed": self._ended,
            "error": self._error,
        }

    def read(self, event: Any) -> Iterator[RunEvent]:
        event = thing(event)
        reader = self._readers.get(text(event.type))
        return reader(event) if reader and not self._repetitions.repeats(event) else iter(())

    def read_whole(self, run: Any) -> Iterator[RunEvent]:
        response = thing(run)
        if not text(response.id) and not each(response.output):
            raise from_wire(as_error(response.error, response), status=200)
        yield from self._begin(response)
        if text(response.status) not in LIVE:
            yield from self.catch_up(response)

    def catch_up(self, response: Any) -> Iterator[RunEvent]:
        """Everything in a stored response that was not told yet."""
        response = thing(response)
        yield from self._begin(response)
        for index, item in enumerate(each(response.output)):
            yield from self._announce(index, item)
            yield from self._complete(index, item)
        self.final = response

    def failure(self) -> AssistantError | None:
        response = thing(self.final)
        status, reason = text(response.status), text(thing(response.incomplete_details).reason)
        if status == "failed":
            return from_wire(as_error(response.error))
        if status == "cancelled":
            return RunCancelled(f"response {text(response.id)}")
        if status == "incomplete" and reason == "content_filter":
            return AnswerFiltered(f"response {text(response.id)}")
        return None

    def calls(self) -> list[FunctionCall]:
        made = [item for _, item in sorted(self._items.items()) if item.type == "function_call"]
        return answerable((text(call.call_id), text(call.name), text(call.arguments)) for call in made)

    def evidence(self, uploads: Sequence[Upload], seen: Mapping[str, int]) -> Evidence:
        """What tells of charts and files; uploads and seen: see there."""
        return Evidence(self.id, self.text, self.citations(), self.cells(), self.created, uploads, seen)

    @property
    def compacted(self) -> bool:
        return any(item.type == "compaction" for item in self._items.values())

    def cells(self) -> list[Cell]:
        """The Python that ran, with the URLs of the figures that each piece displayed; mostly data URIs."""
        return [
            Cell(
                text(call.code)[:LOOKED_AT],
                [text(output.url) for output in each(call.outputs) if output.type == "image"],
            )
            for call in self._code_calls()
        ]

    def citations(self) -> list[Citation]:
        """Citations of container files in the answer."""
        found = []
        for index, item in sorted(self._items.items()):
            for part, content in enumerate(each(item.content) if item.type == "message" else ()):
                start = self._answer.start((index, part)) or 0
                for note in each(content.annotations):
                    if note.type == "container_file_citation" and text(note.file_id):
                        place = start + integer(note.start_index)
                        found.append(Citation(text(note.container_id), note.file_id, text(note.filename), place))
        return found

    def containers(self) -> list[str]:
        """Ids of the containers that ran code."""
        return list(dict.fromkeys(text(call.container_id) for call in self._code_calls() if text(call.container_id)))

    def _code_calls(self) -> list[Any]:
        return [item for _, item in sorted(self._items.items()) if item.type == "code_interpreter_call"]

    def _created(self, event: Any) -> Iterator[RunEvent]:
        return self._begin(thing(event.response))

    def _item_added(self, event: Any) -> Iterator[RunEvent]:
        return self._announce(_index(event), thing(event.item))

    def _item_done(self, event: Any) -> Iterator[RunEvent]:
        yield from self._announce(_index(event), thing(event.item))
        yield from self._complete(_index(event), thing(event.item))

    def _code(self, event: Any) -> Iterator[RunEvent]:
        return self._start_code(_index(event))

    def _delta(self, event: Any) -> Iterator[RunEvent]:
        if self._phases.get(_index(event)) != "commentary":
            yield from self._piece((_index(event), integer(event.content_index)), delta(event.delta))

    def _ended(self, event: Any) -> Iterator[RunEvent]:
        """The end. Without a response the stored one is looked up; a failure without words may still be told."""
        response = thing(event.response)
        if text(response.status) == "failed" or event.type == "response.failed":
            yield from self._begin(response)
            self.failed = from_wire(as_error(response.error, event.error))
            if not isinstance(self.failed, UnknownError):
                raise self.failed
        elif response is event.response:
            yield from self.catch_up(response)

    def _error(self, event: Any) -> Iterator[RunEvent]:
        raise from_wire(as_error(event.error, event))

    def _announce(self, index: int, item: Any) -> Iterator[RunEvent]:
        if item.type == "message":
            self._phases.setdefault(index, text(item.phase))
        elif item.type == "code_interpreter_call":
            yield from self._start_code(index)

    def _complete(self, index: int, item: Any) -> Iterator[RunEvent]:
        if not text(item.type):
            return
        self._items[index] = item
        if item.type == "message" and self._phases.get(index) != "commentary":
            for part, content in enumerate(each(item.content)):
                yield from self._whole_piece((index, part), _text_of(content))
        elif item.type == "code_interpreter_call" and index not in self._finished:
            self._finished.add(index)
            yield CodeFinished(self._code_index[index], _lines(text(item.code)), printed(item.outputs))


def printed(outputs: Any) -> str:
    """What a piece of code printed."""
    return _lines("\n".join(text(output.logs) for output in each(outputs) if output.type == "logs"))


def _index(event: Any) -> int:
    return integer(event.output_index, -1)


def _text_of(content: Any) -> str:
    return text(content.text) or text(content.refusal)


def _lines(code: str) -> str:
    return code.replace("\r\n", "\n")
