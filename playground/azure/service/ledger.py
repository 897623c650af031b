"""What the server was asked, and what it answered."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, overload

from playground.azure.service.changes import Changes


@dataclass
class Entry:
    """One request.

    Attributes:
        method: HTTP method.
        path: Path below the mount, for example ``/responses``.
        mount: The mount, for example ``/openai/v1``.
        query: Query parameters (the last of each name).
        headers: Request headers in lower case, without credentials.
        body: The parsed JSON body, or of a form its fields and for each file name, type and size.
        status: The answered status; None while it is being worked on.
        error: The body of an answer other than success.
        at: Epoch seconds of its arrival.
        seconds: How long it took.
    """

    method: str
    path: str
    mount: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    status: int | None = None
    error: Any = None
    at: float = field(default_factory=time.time)
    seconds: float = 0.0


class Ledger(Sequence[Entry]):
    """All requests, in the order of their arrival."""

    def __init__(self, changes: Changes, limit: int = 100_000) -> None:
        self._entries: list[Entry] = []
        self._changes = changes
        self._limit = limit

    def open(self, entry: Entry) -> None:
        """Note a request."""
        if len(self._entries) >= self._limit:
            del self._entries[: self._limit // 10]
        self._entries.append(entry)
        self._changes.notify()

    def close(self, entry: Entry) -> None:
        """Note that a request was answered."""
        entry.seconds = time.time() - entry.at
        self._changes.notify()

    def of(self, method: str, path: str) -> list[Entry]:
        """The requests of a method (``*`` for any) whose path matches a glob."""
        return [entry for entry in self._entries if method in ("*", entry.method) and fnmatchcase(entry.path, path)]

    def clear(self) -> None:
        self._entries.clear()

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | Sequence[Entry]:
        return self._entries[index]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)
