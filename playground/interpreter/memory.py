"""How much of this machine's memory a session holds, all its processes together.

Limits of a process (RLIMIT_DATA) do not bound their sum, and count neither page tables nor the buffers of sockets nor
the inodes of a tmpfs. Elsewhere than on Linux nothing is told, and nothing watched.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

INTERVAL = 0.2
"""Seconds between two looks; there is no event for this without a cgroup."""
DESCRIPTORS = 256
"""Open files that a process may have (``Limits.resources``)."""
SOCKET = 212_992
"""Bytes that a socket buffers at most, unless an administrator has raised ``net.core.wmem_max``."""
INODE = 1024
"""Bytes of kernel memory that a file on a tmpfs costs besides its content, about."""
_KILOBYTE = 1024


def descendants(pid: int) -> Iterator[int]:
    """A process and all that it started and that still run, as far as they can be seen."""
    found = [pid]
    while found:
        one = found.pop()
        yield one
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                with suppress(OSError):
                    found += map(int, (task / "children").read_text().split())


def of_process(pid: int, *, shared: bool = True) -> int:
    """Bytes that a process holds in memory or swap, and of page tables; 0 once it is gone.

    Args:
        pid: The process.
        shared: Count what it shares with others in full, which is told at once; else its share, which is looked up
            (and not told of a process that hides itself: then in full as well).
    """
    status = _fields(f"/proc/{pid}/status")
    shares = {} if shared else _fields(f"/proc/{pid}/smaps_rollup")
    whole = status.get("VmRSS", 0) + status.get("VmSwap", 0)
    used = shares["Pss"] + shares.get("SwapPss", 0) if "Pss" in shares else whole
    return (used + status.get("VmPTE", 0)) * _KILOBYTE


def of_sockets(pids: Iterable[int]) -> int:
    """Bytes that the sockets of some processes can hold in the kernel, each socket once."""
    sockets, hidden = set(), 0
    for pid in pids:
        try:
            names = os.listdir(f"/proc/{pid}/fd")
        except FileNotFoundError:
            continue
        except PermissionError:  # it hides itself: as many as a process may have
            hidden += DESCRIPTORS
            continue
        for name in names:
            with suppress(OSError):
                target = os.readlink(f"/proc/{pid}/fd/{name}")
                sockets |= {target} if target.startswith("socket:") else set()
    return (len(sockets) + hidden) * SOCKET


def of_inodes(directories: Sequence[int]) -> int:
    """Bytes that the files of some file systems cost besides their content; ``directories`` are open handles."""
    states = [os.fstatvfs(directory) for directory in directories]
    return sum(state.f_files - state.f_ffree for state in states) * INODE


def over(pid: int, most: int, directories: Sequence[int]) -> bool:
    """Whether a process, all that it started, and the files of their file systems hold more than ``most`` bytes."""
    processes, files = list(descendants(pid)), of_inodes(directories)
    at_most = files + sum(of_process(one) + DESCRIPTORS * SOCKET for one in processes)
    if at_most <= most:
        return False  # which is cheap to tell, and mostly so
    return files + of_sockets(processes) + sum(of_process(one, shared=False) for one in processes) > most


async def watch(pid: int, most: int, directories: Sequence[int] = ()) -> None:
    """Return once a process and all that it started hold more than ``most`` bytes."""
    while not await asyncio.to_thread(over, pid, most, directories):  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(INTERVAL)


def _fields(path: str) -> dict[str, int]:
    """Kilobytes by name, of a file of ``/proc`` with lines such as ``VmRSS:  97000 kB``."""
    fields = {}
    with suppress(OSError), open(path) as file:
        for line in file:
            name, _, rest = line.partition(":")
            if rest.endswith("kB\n"):
                fields[name] = int(rest[:-3])
    return fields
