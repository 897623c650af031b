"""``Thread.state`` of this backend, with names. Plain JSON."""

from __future__ import annotations

from typing import cast

from azure_assistant.assistant import Json, Thread
from azure_assistant.run.artifacts import Upload

_MADE_KEPT = 300


class ThreadState:
    """A view on the dictionary; every setter writes through.

    Keys: ``thread`` (id at the service; differs from ``Thread.id`` once the service has lost that one), ``metadata``,
    ``files`` (``name``, ``size`` by id), ``attached`` (file ids), ``made`` (ids of generated files), ``turns``,
    ``untold`` and ``run``.
    """

    def __init__(self, thread: Thread) -> None:
        self._data = thread.state
        self._data.setdefault("thread", thread.id)

    @property
    def thread(self) -> str:
        """Id of the thread at the service."""
        return str(self._data["thread"])

    def renew(self, thread: str) -> None:
        """Go on in another thread, which has nothing attached yet."""
        self._data["thread"] = thread
        self._data["attached"] = []
        self._data["untold"] = True

    @property
    def metadata(self) -> dict[str, str]:
        """What the thread was opened with."""
        return cast("dict[str, str]", self._data.setdefault("metadata", {}))

    @property
    def files(self) -> dict[str, Json]:
        """Uploaded files by id: ``{"name", "size"}``."""
        return cast("dict[str, Json]", self._data.setdefault("files", {}))

    def uploads(self) -> list[Upload]:
        """What people shared, as it lies in the sandbox: under its id."""
        return [Upload(file, file, str((known or {}).get("name", ""))) for file, known in self.files.items()]

    @property
    def attached(self) -> list[str]:
        """Ids of the files that the thread's sandbox holds."""
        return cast("list[str]", self._data.setdefault("attached", []))

    @property
    def made(self) -> list[str]:
        """Ids of files that runs made."""
        return cast("list[str]", self._data.setdefault("made", []))

    def ids(self) -> dict[str, Json]:
        """A state with nothing but the ids of what is to be deleted."""
        return {"thread": self.thread, "files": dict.fromkeys(self.files), "made": list(self.made)}

    @property
    def turns(self) -> int:
        """How many questions were answered."""
        return int(self._data.get("turns", 0))

    @property
    def untold(self) -> bool:
        """Whether what was said so far has to be told to the service: the thread is new there."""
        return bool(self._data.get("untold")) or not self.turns

    def begin_run(self, run: str) -> None:
        """Note a run that exists at the service."""
        self._data["run"] = run

    def end_turn(self, made: list[str]) -> None:
        """Note that a run is complete and what it made."""
        self._data["run"] = ""
        self._data["turns"] = self.turns + 1
        self._data["untold"] = False
        self._data["made"] = list(dict.fromkeys([*self.made, *made]))[-_MADE_KEPT:]
