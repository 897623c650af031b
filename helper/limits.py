"""What a helper process may use. Set by itself, before it has seen a file; nothing can take it back."""

from __future__ import annotations

import mmap
import os
import resource
import signal
from contextlib import suppress
from pathlib import Path

from helper.kernel import PARENT_DEATH_SIGNAL, prctl

MEMORY = 512 * 2**20
"""Bytes of address space. A workbook of 30 MB unpacked takes 100 to 200 MB (measured)."""

CPU_SECONDS = 20
CHECK_MEMORY, CHECK_CPU_SECONDS = 1536 * 2**20, 40
"""Of a process that checks numbers: DuckDB maps more than it uses."""

OPEN_FILES = 64
NICENESS = 5
"""Behind the bot where both want the same core, but not starved by it: its jobs have a time limit."""

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def stand_apart(parent: int) -> None:
    """Live as long as the bot and no longer: what is said to its process group is not said to us.

    Service managers send SIGTERM to all processes of a service, and the bot finishes its work after that.
    """
    for number in _PASSED_ON:
        signal.signal(number, signal.SIG_IGN)
    prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)  # elsewhere than on Linux the closed socket ends us
    if os.getppid() != parent:
        raise SystemExit("the bot is gone")
    with suppress(OSError):
        os.nice(NICENESS)
    with suppress(OSError):  # when memory runs out, this is what can be spared
        Path("/proc/self/oom_score_adj").write_text("1000")


def limit_resources(memory: int = MEMORY, cpu_seconds: int = CPU_SECONDS) -> bool:
    """Bound memory (bytes), CPU and open files; forbid writing, threads and other processes.

    Returns:
        Whether the system enforces the bound on memory: macOS takes it and does not.
    """
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
    try:
        mmap.mmap(-1, memory).close()
    except (OSError, MemoryError):
        return True
    return False
