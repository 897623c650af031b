"""What the bot and a helper process say to each other, over one socket: a request with an open file, and its answer.

A request is a name of a file in UTF-8, with the file's descriptor. An answer is its length in four bytes, then JSON.
The bot takes answers for what they are: made by a process that has read a foreign file.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from receipts.form import Finding
from tables import FileFacts

if TYPE_CHECKING:
    from pydantic import TypeAdapter

HEADER = 4
MOST_BYTES = 1024 * 1024
_LONGEST_NAME = 512
_LONGEST_TEXT = 200
_MOST_ITEMS = 1000
_MOST_COUNTED = 10**10

Message = TypeVar("Message", "Guards", "Answer", "Finding")


@dataclass(frozen=True)
class Guards:
    """What the system enforces for a helper; its first message.

    ``memory``: a bound on memory; ``files``: no file of others can be opened (Landlock); ``calls``: no sockets, no
    programs, no writing (seccomp).
    """

    memory: bool
    files: bool
    calls: bool


@dataclass(frozen=True)
class Answer:
    """What is known of a file; or ``failure``, an exception's name and place. ``retire``: another helper is needed."""

    facts: FileFacts | None
    failure: str = ""
    retire: bool = False


class Garbage(Exception):
    """What came is no message of ours."""


def pack(message: Guards | Answer | Finding) -> bytes:
    """A message with its length."""
    body = json.dumps(asdict(message), ensure_ascii=False).encode("utf-8", "replace")
    return len(body).to_bytes(HEADER, "big") + body


def unpack(kind: type[Message], body: bytes) -> Message:
    """A message without its length. Raises ``Garbage`` if it is malformed, or larger than anything that we write."""
    from pydantic import ValidationError

    adapter: TypeAdapter[Message] = _adapters()[kind]
    try:
        message = adapter.validate_json(body, strict=True)
    except ValidationError as error:
        raise Garbage(f"{error.error_count()} faults") from error
    if not _is_bounded(message):
        raise Garbage("texts or lists that are too long")
    return message


def length(header: bytes) -> int:
    """How many bytes follow; raises ``Garbage`` for more than any message has."""
    size = int.from_bytes(header, "big")
    if size > MOST_BYTES:
        raise Garbage(f"{size} bytes announced")
    return size


def send_request(connection: socket.socket, file: int, name: str) -> None:
    """Hand over an open file, whose name ends in ``name``."""
    socket.send_fds(connection, [name[-_LONGEST_NAME // 4 :].encode("utf-8", "replace") or b"?"], [file])


def receive_request(connection: socket.socket) -> tuple[int, str] | None:
    """An open file and its name; None when the bot has closed the connection."""
    name, files, _, _ = socket.recv_fds(connection, _LONGEST_NAME, 1)
    return (files[0], name.decode()) if files else None


@cache
def _adapters() -> Mapping[type[Any], TypeAdapter[Any]]:
    from pydantic import TypeAdapter

    return {kind: TypeAdapter(kind) for kind in (Guards, Answer, Finding)}


def _is_bounded(value: Any) -> bool:
    if is_dataclass(value):
        return all(map(_is_bounded, vars(value).values()))
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT
    if isinstance(value, tuple):
        return len(value) <= _MOST_ITEMS and all(map(_is_bounded, value))
    return value is None or -1 <= value <= _MOST_COUNTED
