"""Reads the events of a run, and catches up with what a broken stream has not delivered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from azure_assistant.answer_text import AnswerText
from azure_assistant.assistant import Artifact, CodeFinished, CodeStarted, RunEvent, RunStarted, TextDelta
from azure_assistant.errors import (
    AnswerFiltered,
    AssistantError,
    RunCancelled,
    RunExpired,
    RunRequiresAction,
)
from azure_assistant.links import kind_of, media_type_of, sandbox_links
from azure_assistant.mapping import from_wire

LIVE = frozenset(("queued", "in_progress", "cancelling"))


class RunReader:
    """The state of one run as far as it is known.

    Attributes:
        id: The run's id, once known.
        final: The run in its last status, once it has one.
        codes: How many pieces of code were announced.
    """

    def __init__(self, first_code: int = 0) -> None:
        self.id = ""
        self.final: Any = None
        self.codes = first_code
        self._answer = AnswerText()
        self._code_index: dict[tuple[str, int], int] = {}
        self._finished: set[tuple[str, int]] = set()
        self._shown: dict[str, None] = {}
        self._displayed: dict[str, None] = {}
        self._saved: dict[str, str] = {}
        self._filtered = False

    @property
    def text(self) -> str:
        """The answer so far: the sum of all ``TextDelta``."""
        return self._answer.whole

    @property
    def cut_short(self) -> bool:
        """Whether the answer reached a limit of the model."""
        return getattr(self.final, "status", "") == "incomplete"

    def read(self, event: Any) -> Iterator[RunEvent]:
        """What an event of the stream means.

        Raises:
            AssistantError: The event says that the run has failed.
        """
        name = str(event.event or "")
        if name == "error":
            raise from_wire({key: getattr(event.data, key, None) for key in ("code", "message", "type", "param")})
        reader = self._readers().get(name)
        if reader:
            yield from reader(event.data)
        elif name.startswith("thread.run.step."):
            yield from self._step(event.data)
        elif name.startswith("thread.run."):
            yield from self._run(event.data)

    def _readers(self) -> dict[str, Callable[[Any], Iterator[RunEvent]]]:
        return {
            "thread.run.step.delta": self._step_delta,
            "thread.message.delta": self._message_delta,
            "thread.message.completed": self.message,
            "thread.message.incomplete": self.message,
        }

    def catch_up(self, run: Any, steps: Sequence[Any], messages: Sequence[Any]) -> Iterator[RunEvent]:
        """Everything of a stored run, in the order of time, that was not emitted yet."""
        if not self.id:
            self.id = run.id
            yield RunStarted(run.id)
        for step in steps:
            yield from self._step(step)
        for message in messages:
            yield from self.message(message)
        self.final = run

    def message(self, message: Any) -> Iterator[RunEvent]:
        """A whole message."""
        self._filtered |= getattr(message.incomplete_details, "reason", "") == "content_filter"
        for index, block in enumerate(message.content):
            if block.type == "image_file":
                self._shown[block.image_file.file_id] = None
            elif block.type == "text":
                yield from _spoken(self._answer.complete((message.id, index), block.text.value))
                self._annotations(block.text.annotations)
            elif block.type == "refusal":
                yield from _spoken(self._answer.complete((message.id, index), block.refusal))

    def failure(self) -> AssistantError | None:
        """Why the run is not an answer; None when it is one."""
        run = self.final
        if run.status == "failed":
            error = run.last_error
            return from_wire({"code": getattr(error, "code", None), "message": getattr(error, "message", "")})
        reason = getattr(run.incomplete_details, "reason", "")
        if run.status == "incomplete" and (self._filtered or reason == "content_filter"):
            return AnswerFiltered(f"run {run.id}")
        kinds: dict[str, type[AssistantError]] = {
            "expired": RunExpired,
            "cancelled": RunCancelled,
            "cancelling": RunCancelled,
            "requires_action": RunRequiresAction,
        }
        kind = kinds.get(run.status)
        return kind(f"run {run.id}") if kind else None

    def artifacts(self, uploads: Sequence[str]) -> tuple[list[Artifact], list[str]]:
        """Charts and files in the order of the answer, and the names of links that lead nowhere.

        Saved charts that are linked win over displayed ones: they are the same pictures.
        """
        links = {link.name: link for link in reversed(sandbox_links(self.text))}
        ordered = sorted(self._saved, key=lambda name: links[name].start if name in links else len(self.text))
        made = [_artifact(self._saved[name], name, links[name].label if name in links else "") for name in ordered]
        if not any(item.kind == "chart" for item in made):
            pictures = self._shown or self._displayed
            charts = [_artifact(file, f"chart-{n}.png", f"Chart {n}") for n, file in enumerate(pictures, start=1)]
            made = charts + made
        missing = [name for name in reversed(links) if name not in self._saved and name not in uploads]
        return made, missing

    def _run(self, run: Any) -> Iterator[RunEvent]:
        if not self.id:
            self.id = run.id
            yield RunStarted(run.id)
        if run.status not in LIVE:
            self.final = run

    def _step_delta(self, step: Any) -> Iterator[RunEvent]:
        for call in getattr(step.delta.step_details, "tool_calls", None) or ():
            yield from self._start(step.id, call.index, call)

    def _step(self, step: Any) -> Iterator[RunEvent]:
        for index, call in enumerate(getattr(step.step_details, "tool_calls", None) or ()):
            yield from self._start(step.id, index, call)
            key = (step.id, index)
            if call.type == "code_interpreter" and step.status != "in_progress" and key not in self._finished:
                self._finished.add(key)
                yield self._end(key, call.code_interpreter)

    def _start(self, step: str, index: int, call: Any) -> Iterator[RunEvent]:
        if call.type == "code_interpreter" and (step, index) not in self._code_index:
            self._code_index[step, index] = self.codes
            self.codes += 1
            yield CodeStarted(self._code_index[step, index])

    def _end(self, key: tuple[str, int], call: Any) -> RunEvent:
        outputs = call.outputs or ()
        for output in outputs:
            if output.type == "image":
                self._displayed[output.image.file_id] = None
        logs = "\n".join(output.logs or "" for output in outputs if output.type == "logs")
        return CodeFinished(self._code_index[key], (call.input or "").replace("\r\n", "\n"), logs.replace("\r\n", "\n"))

    def _message_delta(self, message: Any) -> Iterator[RunEvent]:
        for block in message.delta.content or ():
            if block.type == "text" and block.text:
                yield from _spoken(self._answer.add((message.id, block.index), block.text.value or ""))
                self._annotations(block.text.annotations or ())

    def _annotations(self, annotations: Sequence[Any]) -> None:
        for note in annotations:
            if note.type == "file_path" and note.file_path and note.file_path.file_id:
                name = PurePosixPath((note.text or "").removeprefix("sandbox:")).name or note.file_path.file_id
                self._saved[name] = note.file_path.file_id


def _artifact(file_id: str, name: str, alt: str) -> Artifact:
    ref = {"type": "file", "file": file_id, "name": name}
    label = alt or PurePosixPath(name).stem.replace("_", " ")
    return Artifact(kind_of(name), name, media_type_of(name), ref, alt=label)


def _spoken(text: str) -> Iterator[RunEvent]:
    if text:
        yield TextDelta(text)
