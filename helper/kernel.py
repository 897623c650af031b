"""Calls of the operating system that Python has no function for."""

from __future__ import annotations

import ctypes

NO_NEW_PRIVILEGES = 38
PARENT_DEATH_SIGNAL = 1
SECCOMP = 22
"""Options of ``prctl``: https://man7.org/linux/man-pages/man2/prctl.2.html"""


def prctl(option: int, *arguments: int) -> bool:
    """Change something about this process. False where that is refused or unknown."""
    try:
        function = ctypes.CDLL(None).prctl
    except AttributeError:  # only Linux has it
        return False
    padded = [*arguments, 0, 0, 0][:4]
    return int(function(ctypes.c_int(option), *map(ctypes.c_ulong, padded))) == 0


def system_call(number: int, *arguments: int | bytes | None) -> int:
    """A call by its number; -1 where it is refused or unknown."""
    plain = (ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments)
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), *plain))
