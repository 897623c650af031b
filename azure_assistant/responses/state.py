"""``Thread.state`` of this backend, with names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from azure_assistant.assistant import Json
from azure_assistant.calls import Waiting
from azure_assistant.run.artifacts import Findings, Upload
from azure_assistant.run.links import sandbox_path
from azure_assistant.run.state import ThreadState
from azure_assistant.sandbox_memory import SMALLEST, Tier, told

_SEEN_KEPT = 300
_RESPONSES_KEPT = 200


@dataclass(frozen=True)
class ContainerFile:
    """A file in a container: its id there, its path, and its bytes there (-1: unknown)."""

    id: str
    path: str
    size: int = -1


class ResponsesState(ThreadState):
    """A view on the dictionary; every setter writes through.

    Keys beside the common ones: ``conversation``, ``previous`` (last response of a chain), ``container`` (``id``,
    ``used`` epoch seconds, ``files`` by file id, ``font``, ``style``, ``memory``, ``asked``, ``carried``, ``unused``
    when no run has been given it), ``had_container`` (a run was given one), ``restarted``, ``enlarged``, ``opened``
    (containers whose cost was not told yet; ``opened_larger``: those with more memory, by it), ``seen`` (bytes of
    container files by id), ``handed`` (the same, of files that this turn has told already), ``responses``, ``closed``
    (ids of calls that were answered for good), ``pending`` (outputs that a chain gets with its next question).
    """

    @property
    def conversation(self) -> str:
        """Id of the conversation, or "" when the thread is a chain of responses."""
        return str(self._data.get("conversation", ""))

    @conversation.setter
    def conversation(self, value: str) -> None:
        self._data["conversation"] = value

    @property
    def previous(self) -> str:
        """Id of the last complete response of a chain, or ""."""
        return str(self._data.get("previous", ""))

    @previous.setter
    def previous(self, value: str) -> None:
        self._data["previous"] = value

    @property
    def container(self) -> str:
        """Id of the container, or ""."""
        return str(self._table("container").get("id", ""))

    @property
    def has_sandbox(self) -> bool:
        """Whether there is a container."""
        return bool(self.container)

    def open_container(self, container: str, used: float, *, asked: Tier = SMALLEST, memory: Tier = SMALLEST) -> None:
        """Replace the container by a new, empty one, for which a tier was asked, and that has some memory.

        ``used``: epoch seconds of now.
        """
        self._data["restarted"] = bool(self._data.get("had_container"))
        self._data["opened"] = int(self._data.get("opened", 0)) + 1
        if memory != SMALLEST:
            larger = self._table("opened_larger")
            larger[memory] = int(larger.get(memory, 0)) + 1
        made = {"id": container, "used": used, "files": {}, "font": "", "unused": True}
        self._data["container"] = made | {"asked": asked, "memory": memory}

    @property
    def is_container_unused(self) -> bool:
        """Whether there is a container that no run has been given."""
        return bool(self._table("container").get("unused"))

    def give_container(self) -> None:
        """Note that a run has been given the container."""
        self._data["had_container"] = True
        self._table("container").pop("unused", None)

    def take_opened(self) -> dict[str, int]:
        """How many containers were opened since this was asked last, by the names of ``Usage``."""
        larger = {f"containers_{tier}": int(number) for tier, number in self._data.pop("opened_larger", {}).items()}
        return {"containers": int(self._data.pop("opened", 0)), **larger}

    @property
    def memory(self) -> Tier:
        """The container's memory."""
        return told(str(self._table("container").get("memory", "")))

    @property
    def asked_memory(self) -> Tier:
        """What was asked for when the container was made; not every service gives it."""
        return told(str(self._table("container").get("asked", "")))

    @property
    def carried(self) -> dict[str, str]:
        """What runs made in the container before this one: paths there by paths here."""
        found = self._table("container").setdefault("carried", {})
        return cast("dict[str, str]", found)

    def drop_container(self) -> None:
        """Forget the container."""
        self._data["container"] = {}

    @property
    def restarted(self) -> bool:
        """Whether the container replaced another one since the last complete turn."""
        return bool(self._data.get("restarted"))

    def remarks(self) -> list[str]:
        """See ``ThreadState``."""
        return [*super().remarks(), *(["larger_sandbox"] if self.enlarged else [])]

    @property
    def enlarged(self) -> bool:
        """Whether the container replaced a living one that was too small, since the last complete turn."""
        return bool(self._data.get("enlarged"))

    @enlarged.setter
    def enlarged(self, value: bool) -> None:
        self._data["enlarged"] = value

    @property
    def container_used(self) -> float:
        """Epoch seconds of the container's last use."""
        return float(self._table("container").get("used", 0.0))

    @container_used.setter
    def container_used(self, value: float) -> None:
        self._table("container")["used"] = value

    @property
    def container_font(self) -> str:
        """File id of the font archive in the container, or ""."""
        return str(self._table("container").get("font", ""))

    @container_font.setter
    def container_font(self, value: str) -> None:
        self._table("container")["font"] = value

    @property
    def container_style(self) -> str:
        """File id of the archive with the look of charts in the container, or ""; the font's has it as well."""
        return str(self._table("container").get("style", ""))

    @container_style.setter
    def container_style(self, value: str) -> None:
        self._table("container")["style"] = value

    def container_file(self, file_id: str) -> ContainerFile | None:
        """Where an uploaded file is in the container, if it is there."""
        found = self._table("container").get("files", {}).get(file_id)
        return ContainerFile(found["id"], found["path"], found.get("size", -1)) if found else None

    def put_container_file(self, file_id: str, file: ContainerFile) -> None:
        """Note that an uploaded file is in the container."""
        placed = {"id": file.id, "path": file.path, "size": file.size}
        self._table("container").setdefault("files", {})[file_id] = placed

    def pop_container_file(self, file_id: str) -> ContainerFile | None:
        """Forget that a file is in the container."""
        found = self.container_file(file_id)
        self._table("container").get("files", {}).pop(file_id, None)
        return found

    def ids(self) -> dict[str, Json]:
        """A state with nothing but the ids of what is to be deleted."""
        return {
            "conversation": self.conversation,
            "left": list(self.left),
            "container": {"id": self.container},
            "files": dict.fromkeys(self.files),
            "responses": list(self.responses),
        }

    @property
    def paths(self) -> dict[str, str]:
        """Paths in the container by file id."""
        return {key: found["path"] for key, found in self._table("container").get("files", {}).items()}

    def uploads(self) -> list[Upload]:
        """What people shared and what we brought, as it lies in the container."""
        placed = self._table("container").get("files", {})
        found = []
        for file_id, file in placed.items():
            known = self.files.get(file_id) or {}
            path = sandbox_path(file["path"])
            name = str(known.get("name") or path)
            found.append(Upload(file_id, path, name, int(known.get("size", -1)), int(file.get("size", -1))))
        return found

    @property
    def seen(self) -> dict[str, int]:
        """Container files that runs left: bytes by id, -1 when unknown."""
        found = self._data.setdefault("seen", {})
        return cast("dict[str, int]", found if isinstance(found, dict) else dict.fromkeys(found, -1))

    @property
    def handed(self) -> dict[str, int]:
        """Container files that the turn has handed over before its calls: bytes by id, -1 when unknown."""
        return cast("dict[str, int]", self._data.get("handed", {}))

    @property
    def closed(self) -> list[str]:
        """Ids of the calls that ended the last turn: their outputs are all that is to be said."""
        return cast("list[str]", self._data.get("closed", []))

    @property
    def pending(self) -> dict[str, str]:
        """Outputs by call that the end of the chain still waits for."""
        pending = self._data.get("pending") or {}
        return cast("dict[str, str]", pending.get("outputs", {}) if pending.get("run") == self.previous else {})

    def close(self, run_id: str, outputs: Mapping[str, str], *, told: bool) -> None:
        """Note that the calls of a response are answered for good; ``told``: the service knows."""
        self.end_turn(run_id, Findings())
        self._data["closed"] = list(outputs)
        if not told:
            self._data["pending"] = {"run": run_id, "outputs": dict(outputs)}

    @property
    def responses(self) -> list[str]:
        """Ids of the latest responses, to be deleted with the thread."""
        return self._list("responses")

    def begin_run(self, run_id: str) -> None:
        """Note a response that exists at the service."""
        super().begin_run(run_id)
        self._data["responses"] = [*self.responses, run_id][-_RESPONSES_KEPT:]

    def pause(self, waiting: Waiting, findings: Findings) -> None:
        """Note that a response waits, and which files were handed over before that."""
        super().pause(waiting, findings)
        self._see(findings)
        files = [str(item.ref.get("file")) for item in findings.artifacts]
        self._data["handed"] = self.handed | {file: findings.seen.get(file, -1) for file in files}

    def end_turn(self, run_id: str, findings: Findings) -> None:
        """Note that a response is complete, and which files lie in the container."""
        super().end_turn(run_id, findings)
        self.previous = run_id
        self._data["restarted"] = False
        self.enlarged = False
        for key in ("handed", "closed", "pending"):
            self._data.pop(key, None)
        self._see(findings)

    def _see(self, findings: Findings) -> None:
        kept = {file: size for file, size in self.seen.items() if file not in findings.seen} | findings.seen
        self._data["seen"] = dict(list(kept.items())[-_SEEN_KEPT:])
