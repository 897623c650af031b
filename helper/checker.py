"""A process that checks the numbers of one answer: ``python -m helper.checker PID``, with a socket to the bot.

A request is its length in four bytes, with the files' descriptors; then JSON: the files' names, what queries call them,
and the claims. For each claim there is one answer, as soon as it is known.
"""

from __future__ import annotations

import json
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from helper.__main__ import readable
from helper.landlock import give_up_files
from helper.limits import CHECK_CPU_SECONDS, CHECK_MEMORY, limit_resources, stand_apart
from helper.protocol import HEADER, Guards, length, pack
from helper.seccomp import give_up_calls
from receipts.checking import findings
from receipts.database import Tables, TakesTooLong
from receipts.form import Finding, read_claims
from receipts.loading import Unloadable, load
from receipts.naming import Named
from receipts.variants import columns_in

QUERY_SECONDS = 5.0
"""CPU that a query may take."""

_LOOK_SECONDS = 0.25


class Clock:
    """Ends what takes too long. Its timer is set while that is allowed; DuckDB looks for signals while it works."""

    def __init__(self) -> None:
        self._until = 0.0
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _LOOK_SECONDS, _LOOK_SECONDS)

    def start(self) -> None:
        """A query begins."""
        self._until = time.process_time() + QUERY_SECONDS

    def stop(self) -> None:
        """It has ended."""
        self._until = 0.0

    def _look(self, *_: object) -> None:
        if self._until and time.process_time() > self._until:
            self._until = 0.0
            raise TakesTooLong


def main() -> None:
    """Check one receipt."""
    connection = socket.socket(fileno=0)
    stand_apart(int(sys.argv[1]))
    tables, clock = Tables(), Clock()
    bound = limit_resources(CHECK_MEMORY, CHECK_CPU_SECONDS)
    connection.sendall(pack(Guards(memory=bound, files=give_up_files(readable()), calls=give_up_calls())))
    files, request = received(connection)
    for finding in checked(tables, clock, files, request):
        connection.sendall(pack(finding))


def received(connection: socket.socket) -> tuple[list[int], Mapping[str, Any]]:
    """The open files, and what is asked about them."""
    header, files, _, _ = socket.recv_fds(connection, HEADER, 64)
    size, body = length(header), bytearray()
    while len(body) < size:
        piece = connection.recv(size - len(body))
        if not piece:
            raise SystemExit("the bot is gone")
        body += piece
    return files, json.loads(body)


def checked(tables: Tables, clock: Clock, files: list[int], request: Mapping[str, Any]) -> Iterator[Finding]:
    """What comes of each claim."""
    claims = read_claims(request["claims"])
    wanted = columns_in(claim.query for claim in claims)
    for file, told in zip(files, request["files"], strict=True):
        named = Named(**told)
        with suppress(Unloadable), open(file, "rb") as stream:
            tables.add(load(stream, named.file, named.table, wanted), named.aliases)
    tables.lock()
    for claim in claims:
        clock.start()
        try:
            (finding,) = findings(tables, [claim])
        except (TakesTooLong, MemoryError):
            finding = Finding("cannot", why="time")
        finally:
            clock.stop()
        yield finding


if __name__ == "__main__":
    main()
