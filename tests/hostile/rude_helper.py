"""A helper process that does with a file what the file's name says."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict

from helper.limits import MEMORY, stand_apart
from helper.protocol import Answer, Guards, pack, receive_request
from tables import FileFacts

FACTS = asdict(FileFacts(name="", size=0, rows=1))


def main() -> None:
    manner = sys.argv[1]
    connection = socket.socket(fileno=0)
    stand_apart(int(sys.argv[-1]))
    if manner == "silent":
        signal.pause()
    if manner == "babbling":
        connection.sendall(b"Traceback (most recent call last)")
    connection.sendall(pack(Guards(memory=manner != "unbounded", files=True, calls=True)))
    while request := receive_request(connection):
        file, name = request
        os.close(file)
        connection.sendall(MANNERS.get(name.partition(".")[0], lambda: answer({}))())


def answer(changed: dict[str, object]) -> bytes:
    return framed(json.dumps({"facts": FACTS | changed, "failure": "", "retire": False}).encode())


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def hang() -> bytes:
    signal.pause()
    return b""


def kill() -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return hang()


def half() -> bytes:
    socket.socket(fileno=os.dup(0)).sendall(answer({})[:20])
    os._exit(0)


def grow() -> bytes:
    held = bytearray(MEMORY + 2**26)
    held[::4096] = b"x" * len(held[::4096])
    return hang()


MANNERS: dict[str, Callable[[], bytes]] = {
    "die": lambda: os._exit(3),
    "kill": kill,
    "hang": hang,
    "half": half,
    "grow": grow,
    "noise": lambda: os.urandom(4096),
    "endless": lambda: (2**31).to_bytes(4, "big"),
    "text": lambda: framed(b"\xff\xfe not JSON"),
    "deep": lambda: framed(b"[" * 100_000),
    "number": lambda: framed(b'{"facts": ' + b"9" * 5000 + b', "failure": "", "retire": false}'),
    "other": lambda: framed(b'{"facts": {"rows": "many"}, "failure": "", "retire": false}'),
    "long": lambda: answer({"problem": "x" * 100_000}),
    "many": lambda: answer({"first_rows": [["x"]] * 2000}),
    "huge": lambda: answer({"rows": 10**30}),
    "column": lambda: answer({"columns": [{"name": "a", "type": "<script>", "samples": []}]}),
    "failed": lambda: pack(Answer(None, "IndexError in dialect.py:1")),
}


if __name__ == "__main__":
    main()
