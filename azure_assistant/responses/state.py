"""``Thread.state`` of this backend, with names. It is plain JSON and enough for another process to go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from azure_assistant.assistant import Json, Thread
from azure_assistant.run.artifacts import Upload
from azure_assistant.run.links import sandbox_path

_SEEN_KEPT = 300
_RESPONSES_KEPT = 200


@dataclass(frozen=True)
class ContainerFile:
    """A file in a container: its id there, its path, and its bytes there (-1: unknown)."""

    id: str
    path: str
    size: int = -1


class ThreadState:
    """A view on the dictionary; every setter writes through.

    Keys: ``conversation``, ``previous`` (last response of a chain), ``metadata``, ``container`` (``id``, ``used`` epoch
    seconds, ``files`` by file id, ``font``), ``restarted``, ``opened`` (containers whose cost was not told yet),
    ``files`` (``name``, ``size`` by id), ``seen`` (bytes of container files by id), ``untold``, ``responses``,
    ``turns``, ``run``.
    """

    def __init__(self, thread: Thread) -> None:
        self.thread_id = thread.id
        self._data = thread.state

    def _table(self, key: str) -> dict[str, Json]:
        return cast("dict[str, Json]", self._data.setdefault(key, {}))

    def _list(self, key: str) -> list[str]:
        return cast("list[str]", self._data.setdefault(key, []))

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
    def metadata(self) -> dict[str, str]:
        """What the thread was opened with."""
        return self._table("metadata")

    @property
    def files(self) -> dict[str, Json]:
        """Uploaded files by id: ``{"name", "size"}``."""
        return self._table("files")

    @property
    def container(self) -> str:
        """Id of the container, or ""."""
        return str(self._table("container").get("id", ""))

    def open_container(self, container: str, *, font: str) -> None:
        """Replace the container by a new, empty one."""
        self._data["restarted"] = bool(self._data.get("had_container"))
        self._data["had_container"] = True
        self._data["opened"] = int(self._data.get("opened", 0)) + 1
        self._data["container"] = {"id": container, "used": 0.0, "files": {}, "font": font}

    def take_opened(self) -> int:
        """How many containers were opened since this was asked last."""
        return int(self._data.pop("opened", 0))

    def drop_container(self) -> None:
        """Forget the container."""
        self._data["container"] = {}

    @property
    def restarted(self) -> bool:
        """Whether the container replaced another one since the last complete turn."""
        return bool(self._data.get("restarted"))

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
    def responses(self) -> list[str]:
        """Ids of the latest responses, to be deleted with the thread."""
        return self._list("responses")

    @property
    def turns(self) -> int:
        """How many questions were answered."""
        return int(self._data.get("turns", 0))

    def begin_run(self, response: str) -> None:
        """Note a response that exists at the service."""
        self._data["run"] = response
        self._data["responses"] = [*self.responses, response][-_RESPONSES_KEPT:]

    @property
    def untold(self) -> bool:
        """Whether what was said so far has to be told to the service: the thread is new there."""
        return bool(self._data.get("untold")) or not self.turns

    @untold.setter
    def untold(self, value: bool) -> None:
        self._data["untold"] = value

    def end_turn(self, response: str, seen: Mapping[str, int]) -> None:
        """Note that a response is complete and which files lie in the container."""
        self.previous = response
        self._data["run"] = ""
        self._data["restarted"] = False
        self._data["turns"] = self.turns + 1
        self._data["untold"] = False
        kept = {file: size for file, size in self.seen.items() if file not in seen} | dict(seen)
        self._data["seen"] = dict(list(kept.items())[-_SEEN_KEPT:])
