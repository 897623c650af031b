"""What a process has used, by Linux's own count (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """CPU seconds so far, memory now and at its highest (MB), threads."""

    cpu: float
    memory: float
    peak: float
    threads: int


def usage(pid: int) -> Usage:
    """What a process, with all its threads, has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    lines = (line.partition(":") for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    status = {name: value.split() for name, _, value in lines}
    return Usage(
        cpu=(int(fields[11]) + int(fields[12])) / TICKS,
        memory=int(status["VmRSS"][0]) / 1024,
        peak=int(status["VmHWM"][0]) / 1024,
        threads=int(status["Threads"][0]),
    )


def children(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += children(int(child))
    return found


def parent(pid: int) -> int:
    """The process that a process was started by."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
