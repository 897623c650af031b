"""Tries what a file might do that has taken its reader over, and prints what it could do, as JSON.

``python -m tests.hostile.confined HOW UID FOLDER PID``: ``free`` or ``confined``, the user to be, a folder whose files
may be lost, and a process that may be hurt.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from helper.__main__ import confine
from helper.limits import MEMORY
from tables.inspecting import inspect_now

PTRACE_ATTACH = 16
Attempt = Callable[[Path, int], object]

ATTEMPTS: dict[str, Attempt] = {
    "take memory": lambda folder, pid: mmap.mmap(-1, MEMORY),
    "read a file": lambda folder, pid: (folder / "secret.txt").read_text(),
    "read the list of users": lambda folder, pid: Path("/etc/passwd").read_text(),
    "read another's environment": lambda folder, pid: Path(f"/proc/{pid}/environ").read_bytes(),
    "list a folder": lambda folder, pid: os.listdir(folder),
    "open for writing": lambda folder, pid: (folder / "secret.txt").open("r+"),
    "make a file": lambda folder, pid: (folder / "made.txt").open("w"),
    "make a file in memory": lambda folder, pid: os.memfd_create("made"),
    "make a folder": lambda folder, pid: (folder / "made").mkdir(),
    "remove": lambda folder, pid: (folder / "removed.txt").unlink(),
    "rename": lambda folder, pid: (folder / "renamed.txt").rename(folder / "new.txt"),
    "change rights": lambda folder, pid: (folder / "changed.txt").chmod(0o600),
    "truncate": lambda folder, pid: os.truncate(folder / "changed.txt", 0),
    "connect": lambda folder, pid: socket.socket().connect_ex(("127.0.0.1", 1)),
    "send datagrams": lambda folder, pid: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.1", 9)),
    "use local sockets": lambda folder, pid: socket.socket(socket.AF_UNIX),
    "ask the kernel for routes": lambda folder, pid: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "fork": lambda folder, pid: os.fork() or os._exit(0),
    "run a program": lambda folder, pid: subprocess.run(["/bin/true"], check=True),
    "start a thread": lambda folder, pid: threading.Thread(target=len, args=("",)).start(),
    "raise a limit": lambda folder, pid: resource.setrlimit(resource.RLIMIT_CORE, resource.getrlimit(4)),
    "look for a process": lambda folder, pid: os.kill(pid, 0),
    "trace a process": lambda folder, pid: succeeded(ctypes.CDLL(None).ptrace(PTRACE_ATTACH, pid, 0, 0)),
    "end a process": lambda folder, pid: os.kill(pid, signal.SIGKILL),
}


def succeeded(result: int) -> None:
    if result < 0:
        raise OSError("refused")


def main(how: str, user: int, folder: Path, pid: int) -> None:
    table = os.open(folder / "table.csv", os.O_RDONLY)
    if user:
        inspect_now(table, "table.csv")  # what it imports may lie where this user cannot read
        os.lseek(table, 0, os.SEEK_SET)
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    guards = vars(confine()) if how == "confined" else {}
    done: list[str] = []
    for name, attempt in ATTEMPTS.items():
        try:
            attempt(folder, pid)
        except (OSError, MemoryError, RuntimeError, ValueError):
            continue
        done.append(name)
    remark = inspect_now(table, "table.csv").remark()
    sys.stdout.write(json.dumps({"guards": guards, "done": done, "remark": remark}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
