"""Reads what a run tells, in events or as it is stored: what both wires do alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator
from typing import Any

from azure_assistant.errors import AssistantError
from azure_assistant.events import CodeStarted, FunctionCall, RunEvent, RunStarted, TextDelta
from azure_assistant.transport.wire_json import number, text, thing
from untrusted.characters import whole

LIVE = frozenset(("queued", "in_progress", "cancelling"))
"""Statuses of a run that has not ended."""
SEPARATOR = "\n\n"


class RunReader(ABC):
    """The state of one run as far as it is known.

    Attributes:
        id: The run's id, once known.
        created: Epoch seconds of the service when it was created.
        final: The run in its last status, once it has one.
        failed: How it failed, as long as nothing tells why: that may follow.
        codes: How many pieces of code were announced.

    Args:
        first_code: Number of the first piece of code: an attempt goes on where the one before it was.
    """

    def __init__(self, first_code: int = 0) -> None:
        self.id = ""
        self.created = 0.0
        self.final: Any = None
        self.failed: AssistantError | None = None
        self.codes = first_code
        self._answer = AnswerText()
        self._code_index: dict[Hashable, int] = {}

    @abstractmethod
    def read(self, event: Any) -> Iterator[RunEvent]:
        """What an event of the stream means. Raises ``AssistantError`` when that is a failure."""

    @abstractmethod
    def read_whole(self, run: Any) -> Iterator[RunEvent]:
        """What plain JSON means that came in place of a stream. Raises ``AssistantError`` if it is no run."""

    @abstractmethod
    def failure(self) -> AssistantError | None:
        """Why the run is not an answer; None when it is one."""

    @abstractmethod
    def calls(self) -> list[FunctionCall]:
        """What the run, in its last status, waits for."""

    @property
    def text(self) -> str:
        """The answer so far: the sum of all ``TextDelta``."""
        return self._answer.whole

    @property
    def compacted(self) -> bool:
        """Whether the service has compacted the conversation before it answered."""
        return False

    @property
    def cut_short(self) -> bool:
        """Whether the answer reached a limit of the model."""
        return text(thing(self.final).status) == "incomplete"

    def _begin(self, run: Any) -> Iterator[RunEvent]:
        if not self.id and text(run.id):
            self.id = run.id
            self.created = number(run.created_at)
            yield RunStarted(self.id)

    def _start_code(self, key: Hashable) -> Iterator[RunEvent]:
        if key not in self._code_index:
            self._code_index[key] = self.codes
            self.codes += 1
            yield CodeStarted(self._code_index[key])

    def _piece(self, key: Hashable, delta: str) -> Iterator[RunEvent]:
        yield from _told(self._answer.add(key, delta))

    def _whole_piece(self, key: Hashable, piece: str) -> Iterator[RunEvent]:
        yield from _told(self._answer.complete(key, piece))


class AnswerText:
    """The answer so far, in whole characters: deltas may end in the middle of one.

    Several messages, or parts of one, are joined with a blank line. Pieces are known by a key, so that a broken stream
    can be completed without repeating any.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._taken: dict[Hashable, int] = {}
        self._halves: dict[Hashable, str] = {}
        self._starts: dict[Hashable, int] = {}

    @property
    def whole(self) -> str:
        """All of it."""
        self._parts = ["".join(self._parts)]
        return self._parts[0]

    def add(self, key: Hashable, delta: str) -> str:
        """Append to a piece; returns what the whole grew by."""
        if not delta:
            return ""
        text = self._halves.pop(key, "") + delta
        if "\ud800" <= text[-1] <= "\udbff":
            self._halves[key], text = text[-1], text[:-1]
        return self._append(key, text)

    def complete(self, key: Hashable, piece: str) -> str:
        """Append what is still missing of a piece; returns what the whole grew by."""
        self._halves.pop(key, None)
        return self._append(key, whole(piece)[self._taken.get(key, 0) :])

    def start(self, key: Hashable) -> int | None:
        """Where a piece starts in the whole; None when it is empty."""
        return self._starts.get(key)

    def _append(self, key: Hashable, text: str) -> str:
        if not text:
            return ""
        joint = SEPARATOR if key not in self._starts and self._length else ""
        self._starts.setdefault(key, self._length + len(joint))
        plain = whole(text)
        self._taken[key] = self._taken.get(key, 0) + len(plain)
        grown = joint + plain
        self._parts.append(grown)
        self._length += len(grown)
        return grown


def _told(grown: str) -> Iterator[RunEvent]:
    if grown:
        yield TextDelta(grown)
