"""Runs inside the sandbox, as its first process: takes limits, then becomes a Jupyter kernel.

Reads one JSON line from stdin: ``connection`` (Jupyter connection info), ``limits`` (``resource`` name → value),
``guard`` (leave a process 1 behind), ``uid`` (to become, or null), ``preload`` (modules to import before the first
cell), ``leftovers`` (a directory to delete if the parent dies). Writes ``ready`` to stdout once the kernel's sockets
are bound.
Self-contained: it imports nothing of this repository, which the sandbox does not see.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import resource
import shutil
import threading
from pathlib import Path
from typing import Any

PR_SET_NO_NEW_PRIVS = 38


def become(uid: int) -> None:
    """Give up root for ``uid``: RLIMIT_NPROC does not bind root."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def guard() -> None:
    """Stay behind as process 1 and let a child go on, for its whole life.

    A change of user id clears the parent-death signal that bubblewrap has set, and takes from bubblewrap the right to
    send it (prctl(2), kill(2)); so the process that bubblewrap kills keeps its id, and the rest of the namespace dies
    with it.
    """
    child = os.fork()
    if child:
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        while os.wait()[0] != child:
            pass
        os._exit(1)


def limit(limits: dict[str, int]) -> None:
    """Set hard and soft resource limits; a kind that this system lacks is skipped."""
    for name, value in limits.items():
        with contextlib.suppress(ValueError, OSError, AttributeError):
            resource.setrlimit(getattr(resource, name), (value, value))


def exit_with_parent(fd: int, leftovers: str) -> None:
    """End this process when the pipe's other end closes (the playground died, however it did).

    ``leftovers``: a directory to delete then, since nobody else will; "" for none.
    """

    def wait() -> None:
        while os.read(fd, 1):
            pass
        if leftovers:
            shutil.rmtree(leftovers, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def read_line(fd: int) -> str:
    """One line, byte by byte, so that nothing is left in a buffer."""
    line = b""
    while (byte := os.read(fd, 1)) not in (b"\n", b""):
        line += byte
    return line.decode()


def start_kernel(connection: dict[str, Any]) -> Any:
    """An initialised kernel application whose sockets are bound."""
    from ipykernel.kernelapp import IPKernelApp

    path = Path(connection["ip"]).with_name("connection.json")
    path.write_text(json.dumps(connection))
    app: Any = IPKernelApp.instance()
    app.initialize(
        [
            "-f",
            str(path),
            "--InteractiveShell.colors=nocolor",
            "--HistoryManager.enabled=False",
            "--IPKernelApp.parent_handle=1",
        ]
    )
    return app


def main() -> None:
    """Become a kernel."""
    setup = json.loads(read_line(0))
    if setup["guard"]:
        guard()
    if setup["uid"] is not None:
        become(setup["uid"])
    limit(setup["limits"])
    app = start_kernel(setup["connection"])
    for module in setup["preload"]:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    parent, ready = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        if fd == 0 or os.fstat(fd).st_ino == os.fstat(ready).st_ino:
            os.dup2(null, fd)
    exit_with_parent(parent, setup["leftovers"])
    os.write(ready, b"\nready\n")
    os.close(ready)
    app.start()


if __name__ == "__main__":
    main()
