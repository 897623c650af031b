"""Reads the events of a response, and catches up with what a broken stream has not delivered.

Events are told apart by their ``type`` string alone; unknown ones (``keepalive``…) mean nothing. Output items are
keyed by their index, which is the same in the stream and in the stored response.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from azure_assistant.answer_text import AnswerText
from azure_assistant.assistant import CodeFinished, CodeStarted, Progress, RunEvent, RunStarted, TextDelta
from azure_assistant.errors import AnswerFiltered, RunCancelled
from azure_assistant.mapping import from_wire
from azure_assistant.responses.artifacts import Citation


class ResponseReader:
    """The state of one run as far as it is known.

    Attributes:
        id: The response's id, once known.
        final: The complete response, once it has come.
        codes: How many pieces of code were announced.
    """

    def __init__(self, first_code: int = 0) -> None:
        self.id = ""
        self.created = 0.0
        self.final: Any = None
        self.codes = first_code
        self._items: dict[int, Any] = {}
        self._answer = AnswerText()
        self._phases: dict[int, str] = {}
        self._code_index: dict[int, int] = {}
        self._finished: set[int] = set()
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
        """What an event of the stream means.

        Raises:
            AssistantError: The event says that the run has failed.
        """
        reader = self._readers.get(getattr(event, "type", ""))
        return reader(event) if reader else iter(())

    def catch_up(self, response: Any) -> Iterator[RunEvent]:
        """Everything in a stored response that was not emitted yet.

        Raises:
            AssistantError: The response has failed.
        """
        yield from self._begin(response)
        for index, item in enumerate(response.output or ()):
            yield from self._announce(index, item)
            yield from self._complete(index, item)
        self.final = response
        raise_unless_answered(response)

    @property
    def text(self) -> str:
        """The answer so far: the sum of all ``TextDelta``."""
        return self._answer.whole

    @property
    def cut_short(self) -> bool:
        """Whether the answer reached a limit of the model."""
        return getattr(self.final, "status", "") == "incomplete"

    @property
    def code(self) -> str:
        """All Python that ran."""
        calls = (item for item in self._items.values() if item.type == "code_interpreter_call")
        return "\n".join(item.code or "" for item in calls)

    def citations(self) -> list[Citation]:
        """Citations of container files in the answer."""
        found = []
        for index, item in sorted(self._items.items()):
            for part, content in enumerate(item.content if item.type == "message" else ()):
                start = self._answer.start((index, part)) or 0
                for note in getattr(content, "annotations", None) or ():
                    if getattr(note, "type", "") == "container_file_citation":
                        offset = start + (getattr(note, "start_index", 0) or 0)
                        name = getattr(note, "filename", "") or ""
                        found.append(Citation(note.container_id, note.file_id, name, offset))
        return found

    def images(self) -> list[str]:
        """URLs of the displayed figures."""
        return [
            output.url
            for _, item in sorted(self._items.items())
            if item.type == "code_interpreter_call"
            for output in item.outputs or ()
            if output.type == "image"
        ]

    def containers(self) -> list[str]:
        """Ids of the containers that ran code."""
        calls = (item for item in self._items.values() if item.type == "code_interpreter_call")
        return list(dict.fromkeys(item.container_id for item in calls if item.container_id))

    def _begin(self, response: Any) -> Iterator[RunEvent]:
        if not self.id:
            self.id = response.id
            self.created = float(getattr(response, "created_at", 0) or 0)
            yield RunStarted(self.id)

    def _created(self, event: Any) -> Iterator[RunEvent]:
        return self._begin(event.response)

    def _item_added(self, event: Any) -> Iterator[RunEvent]:
        return self._announce(event.output_index, event.item)

    def _item_done(self, event: Any) -> Iterator[RunEvent]:
        yield from self._announce(event.output_index, event.item)
        yield from self._complete(event.output_index, event.item)

    def _code(self, event: Any) -> Iterator[RunEvent]:
        return self._start_code(event.output_index)

    def _delta(self, event: Any) -> Iterator[RunEvent]:
        if self._phases.get(event.output_index) != "commentary":
            yield from _spoken(self._answer.add((event.output_index, event.content_index), event.delta))

    def _ended(self, event: Any) -> Iterator[RunEvent]:
        return self.catch_up(event.response)

    def _error(self, event: Any) -> Iterator[RunEvent]:
        raise from_wire({"code": event.code, "message": event.message, "param": getattr(event, "param", None)})

    def _announce(self, index: int, item: Any) -> Iterator[RunEvent]:
        if item.type == "message":
            self._phases.setdefault(index, getattr(item, "phase", None) or "")
        elif item.type == "code_interpreter_call":
            yield from self._start_code(index)

    def _start_code(self, index: int) -> Iterator[RunEvent]:
        if index not in self._code_index:
            self._code_index[index] = self.codes
            self.codes += 1
            yield CodeStarted(self._code_index[index])

    def _complete(self, index: int, item: Any) -> Iterator[RunEvent]:
        self._items[index] = item
        if item.type == "message" and self._phases.get(index) != "commentary":
            for part, content in enumerate(item.content):
                yield from _spoken(self._answer.complete((index, part), _text_of(content)))
        elif index not in self._finished:
            self._finished.add(index)
            yield from self._closed(index, item)

    def _closed(self, index: int, item: Any) -> Iterator[RunEvent]:
        if item.type == "code_interpreter_call":
            yield CodeFinished(self._code_index[index], _lines(item.code or ""), printed(item.outputs))
        elif item.type == "message":
            yield Progress(" ".join(_text_of(content) for content in item.content).strip())


def raise_unless_answered(response: Any) -> None:
    """Raise what a stored response that is not an answer failed with."""
    status = response.status
    reason = getattr(response.incomplete_details, "reason", None)
    if status == "failed":
        error = response.error
        raise from_wire({"code": getattr(error, "code", None), "message": getattr(error, "message", "")})
    if status == "cancelled":
        raise RunCancelled(f"response {response.id}")
    if status == "incomplete" and reason == "content_filter":
        raise AnswerFiltered(f"response {response.id}")


def printed(outputs: Sequence[Any] | None) -> str:
    """What a piece of code printed."""
    return _lines("\n".join(output.logs for output in outputs or () if output.type == "logs"))


def _spoken(text: str) -> Iterator[RunEvent]:
    if text:
        yield TextDelta(text)


def _text_of(content: Any) -> str:
    return str(getattr(content, "text", None) or getattr(content, "refusal", None) or "")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")
