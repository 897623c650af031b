"""A helper process: ``python -m helper PID``, with a socket to the bot as its standard input.

It gives up what it does not need before it is handed the first file.
"""

from __future__ import annotations

import os
import resource
import socket
import sys
import time
from pathlib import Path

from helper.landlock import give_up_files
from helper.limits import limit_resources, stand_apart
from helper.protocol import Answer, Guards, pack, receive_request
from helper.seccomp import give_up_calls
from tables.inspecting import inspect_now

KEPT_MEMORY = 30_000_000
KEPT_CPU_SECONDS = 5.0
"""A helper that has grown larger or older is replaced by a fresh one, which has all of its CPU seconds left."""

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("helper", "receipts", "tables", "untrusted")
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")


def main() -> None:
    """Look into one file after the other until the bot closes the connection."""
    connection = socket.socket(fileno=0)
    stand_apart(int(sys.argv[1]))
    memory = Memory()
    connection.sendall(pack(confine()))
    while request := receive_request(connection):
        answer = look_into(*request, memory)
        connection.sendall(pack(answer))
        if answer.retire:
            break


def confine() -> Guards:
    """Give up all that looking into a file does not need. The libraries are imported later, at first use."""
    bound = limit_resources()
    return Guards(memory=bound, files=give_up_files(readable()), calls=give_up_calls())


def readable() -> list[str]:
    """Where code is: Python's own folders and ours, but not the folder above ours, where settings and data may lie."""
    folders = [folder for folder in sys.path if folder and Path(folder).resolve() != ROOT]
    return [*folders, *(str(ROOT / room) for room in ROOMS), f"{sys.base_prefix}/lib", *LIBRARIES]


def look_into(file: int, name: str, memory: Memory) -> Answer:
    """An answer, whatever the file does to us short of killing us."""
    try:
        facts, failure = inspect_now(file, name), ""
    except BaseException as error:  # a panic in Rust is no Exception
        facts, failure = None, _where(error)
    finally:
        os.close(file)
    worn = memory.in_use() > KEPT_MEMORY or time.process_time() > KEPT_CPU_SECONDS
    return Answer(facts, failure, retire=worn or facts is None)


class Memory:
    """This process's memory; its file is opened while that is allowed."""

    def __init__(self) -> None:
        try:
            self._file = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._file = -1

    def in_use(self) -> int:
        """Bytes; the most so far where the system does not tell the present ones (macOS)."""
        if self._file < 0:
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return int(os.pread(self._file, 200, 0).split()[1]) * resource.getpagesize()


def _where(error: BaseException) -> str:
    """An exception's name and its place: its text may have words of the file."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    code = place.tb_frame.f_code if place else None
    where = f" in {Path(code.co_filename).name}:{place.tb_lineno}" if place and code else ""
    return f"{type(error).__name__}{where}"


if __name__ == "__main__":
    main()
