"""``Thread.state`` of this backend, with names."""

from __future__ import annotations

from collections.abc import Iterable

from azure_assistant.assistant import Json
from azure_assistant.calls import Waiting
from azure_assistant.run.artifacts import Findings, Upload
from azure_assistant.run.state import ThreadState

_MADE_KEPT = 300


class AssistantsState(ThreadState):
    """A view on the dictionary; every setter writes through.

    Keys beside the common ones: ``thread`` (id at the service), ``attached`` (file ids), ``made`` (ids of generated
    files), ``told`` (ids of the messages and steps of a run from before its calls).
    """

    @property
    def thread(self) -> str:
        """Id of the thread at the service, or "" before there is one."""
        return str(self._data.get("thread", ""))

    @thread.setter
    def thread(self, value: str) -> None:
        self._data["thread"] = value

    def renew(self, thread: str) -> None:
        """Go on in another thread, which has nothing attached yet."""
        if self.thread:
            self.left.append(self.thread)
        self.thread = thread
        self._data["attached"] = []
        self.untold = True
        self.forget_calls()

    def uploads(self) -> list[Upload]:
        """What people shared, as it lies in the sandbox: under its id."""
        return [Upload(file, file, str((known or {}).get("name", ""))) for file, known in self.files.items()]

    @property
    def attached(self) -> list[str]:
        """Ids of the files that the thread's sandbox holds."""
        return self._list("attached")

    @property
    def made(self) -> list[str]:
        """Ids of files that runs made."""
        return self._list("made")

    @property
    def told(self) -> list[str]:
        """Ids of messages and steps that are known to everybody: they come from before the calls of a run."""
        return self._list("told")

    def tell(self, ids: Iterable[str]) -> None:
        """Note further ones."""
        self._data["told"] = list(dict.fromkeys([*self.told, *ids]))

    def close(self, run_id: str) -> None:
        """Note that the calls of a run are answered for good."""
        self.end_turn(run_id, Findings())

    def ids(self) -> dict[str, Json]:
        """A state with nothing but the ids of what is to be deleted."""
        return {
            "thread": self.thread,
            "left": list(self.left),
            "files": dict.fromkeys(self.files),
            "made": list(self.made),
        }

    def end_turn(self, run_id: str, findings: Findings) -> None:
        """Note that a run is complete, and the ids of what it made."""
        super().end_turn(run_id, findings)
        self._data.pop("told", None)
        self._keep(findings)

    def pause(self, waiting: Waiting, findings: Findings) -> None:
        """Note that a run waits, and the ids of what it has made so far."""
        super().pause(waiting, findings)
        self._keep(findings)

    def _keep(self, findings: Findings) -> None:
        made = [item.ref["file"] for item in findings.artifacts]
        self._data["made"] = list(dict.fromkeys([*self.made, *made]))[-_MADE_KEPT:]
