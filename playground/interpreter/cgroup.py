"""A cgroup for each session, where systemd gives one: the only limit that binds all memory of all processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil

PATIENCE = 5.0
_FROM_THE_SESSION = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")


def environment() -> dict[str, str]:
    """What ``systemd-run`` needs to find the user's manager; nothing of it comes into the sandbox."""
    return {name: os.environ[name] for name in _FROM_THE_SESSION if name in os.environ}


async def find_scope(memory: int, tasks: int) -> tuple[str, ...]:
    """The beginning of a command line that runs the rest in a scope of its own; empty where that does not work.

    Tried by doing: https://www.freedesktop.org/software/systemd/man/latest/systemd-run.html.

    Args:
        memory: Bytes that all its processes and its files in memory may hold.
        tasks: Processes and threads.
    """
    program = shutil.which("systemd-run")
    if program is None:
        return ()
    manager = [] if os.getuid() == 0 else ["--user"]
    limits = [f"MemoryMax={memory}", "MemorySwapMax=0", f"TasksMax={tasks}"]
    properties = [part for limit in limits for part in ("-p", limit)]
    scope = (program, *manager, "--scope", "--quiet", "--collect", *properties, "--")
    return scope if await _succeeds([*scope, "true"]) else ()


async def _succeeds(command: list[str]) -> bool:
    null = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment(), stdin=null, stdout=null, stderr=null
        )
    except OSError:
        return False
    try:
        return await asyncio.wait_for(process.wait(), PATIENCE) == 0
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        return False
