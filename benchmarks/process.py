"""What a process has used, by Linux's own count: to the nanosecond, where ``/proc/PID/stat`` only counts its ticks.

https://www.kernel.org/doc/html/latest/scheduler/sched-stats.html
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Usage:
    """CPU seconds of the threads that live, memory now and at its highest (MB), threads."""

    cpu: float
    memory: float
    peak: float
    threads: int


def usage(pid: int) -> Usage:
    """What a process, with all its threads, has used."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    cpu = sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9
    lines = (line.partition(":") for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    status = {name: value.split() for name, _, value in lines}
    return Usage(
        cpu=cpu,
        memory=int(status["VmRSS"][0]) / 1024,
        peak=int(status["VmHWM"][0]) / 1024,
        threads=int(status["Threads"][0]),
    )


def own_memory(pid: int) -> float:
    """Memory (MB) that a process shares with no other one."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def children(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    with suppress(OSError):  # it may end meanwhile
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += children(int(child))
    return found


def parent(pid: int) -> int:
    """The process that a process was started by."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
