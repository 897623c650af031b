"""``Thread.state`` with names: what both wires keep. It is plain JSON and enough for another process to go on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import cast

from azure_assistant.assistant import Json, Thread
from azure_assistant.calls import Waiting
from azure_assistant.run.artifacts import Findings, Upload


class ThreadState(ABC):
    """A view on the dictionary; every setter writes through.

    Keys: ``metadata``, ``files`` (``name``, ``size`` by id), ``turns``, ``untold``, ``run``, ``calls`` (``run`` and
    ``ids`` of what waits), ``held`` and ``asked`` (tokens), ``left`` (ids of what the thread was before),
    ``remarks``. Each wire adds its own.
    """

    def __init__(self, thread: Thread) -> None:
        self.thread_id = thread.id
        self._data = thread.state

    @abstractmethod
    def ids(self) -> dict[str, Json]:
        """A state with nothing but the ids of what is to be deleted."""

    @abstractmethod
    def uploads(self) -> list[Upload]:
        """What people shared, as it lies in the sandbox."""

    @property
    def has_sandbox(self) -> bool:
        """Whether runs have a sandbox that costs something."""
        return True

    @property
    def metadata(self) -> dict[str, str]:
        """What the thread was opened with."""
        return self._table("metadata")

    @property
    def files(self) -> dict[str, Json]:
        """Uploaded files by id: ``{"name", "size"}``."""
        return self._table("files")

    @property
    def turns(self) -> int:
        """How many questions were answered."""
        return int(self._data.get("turns", 0))

    @property
    def untold(self) -> bool:
        """Whether what was said so far has to be told to the service: the thread is new there."""
        return bool(self._data.get("untold")) or not self.turns

    @untold.setter
    def untold(self, value: bool) -> None:
        self._data["untold"] = value
        if value:
            self._data["held"] = 0

    @property
    def held(self) -> int:
        """About how many tokens the service holds of the thread."""
        return int(self._data.get("held", 0))

    def ask(self, tokens: int) -> None:
        """Note about how many tokens a question has that is not answered yet."""
        self._data["asked"] = tokens

    def hold(self, answer: int, *, most: int, compacted: bool) -> None:
        """Count a question and the tokens of its answer.

        ``most``: what the service says that it has read and written, 0 when that is not known. Once the service has
        ``compacted`` it, what was held before is little.
        """
        whole = self.held + int(self._data.pop("asked", 0)) + answer
        self._data["held"] = answer if compacted else min(whole, most or whole)

    @property
    def left(self) -> list[str]:
        """Ids of what the thread was at the service before."""
        return self._list("left")

    def remarks(self) -> list[str]:
        """Keys of what the reader of the next answer has to know."""
        return list(self._list("remarks"))

    def remark(self, keys: Sequence[str]) -> None:
        """Keep keys for the next answer."""
        self._data["remarks"] = list(dict.fromkeys([*self._list("remarks"), *keys]))

    @property
    def run(self) -> str:
        """The last run, as long as its end is not known; else ""."""
        return str(self._data.get("run", ""))

    def begin_run(self, run_id: str) -> None:
        """Note a run that exists at the service."""
        self._data["run"] = run_id

    @property
    def waiting(self) -> Waiting:
        """The run that waits for the outputs of its calls."""
        known = self._data.get("calls") or {}
        return Waiting(str(known.get("run", "")), [str(call) for call in known.get("ids", ())])

    def pause(self, waiting: Waiting, findings: Findings) -> None:
        """Note that a run waits, and what it has made so far."""
        self._data["calls"] = {"run": waiting.run, "ids": list(waiting.ids)}

    def forget_calls(self) -> None:
        """Note that nothing waits any more."""
        self._data.pop("calls", None)

    def end_turn(self, run_id: str, findings: Findings) -> None:
        """Note that a run is complete, and what it made."""
        self.forget_calls()
        self._data.pop("remarks", None)
        self._data["run"] = ""
        self._data["turns"] = self.turns + 1
        self._data["untold"] = False

    def _table(self, key: str) -> dict[str, Json]:
        return cast("dict[str, Json]", self._data.setdefault(key, {}))

    def _list(self, key: str) -> list[str]:
        return cast("list[str]", self._data.setdefault(key, []))
