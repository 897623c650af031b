"""seccomp: a process gives up all system calls but those that reading and computing need.

Linux, without privileges: https://docs.kernel.org/userspace-api/seccomp_filter.html. What is not in the list is
refused: sockets, programs, processes, signals, and opening a file for writing.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterator

from helper.kernel import NO_NEW_PRIVILEGES, SECCOMP, prctl

_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""Audit's numbers for architectures: include/uapi/linux/audit.h."""

_CALLS = {
    # name: its numbers on x86_64 and on aarch64, -1 where there is none
    "read": (0, 63),
    "readv": (19, 65),
    "pread64": (17, 67),
    "write": (1, 64),
    "close": (3, 57),
    "lseek": (8, 62),
    "fstat": (5, 80),
    "stat": (4, -1),
    "lstat": (6, -1),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "access": (21, -1),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, -1),
    "readlinkat": (267, 78),
    "getcwd": (79, 17),
    "getdents64": (217, 61),
    "recvmsg": (47, 212),
    "recvfrom": (45, 207),
    "sendto": (44, 206),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "munmap": (11, 215),
    "madvise": (28, 233),
    "brk": (12, 214),
    "futex": (202, 98),
    "rseq": (334, 293),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "times": (100, 153),
    "getrusage": (98, 165),
    "getrandom": (318, 278),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
_OPENING = {"open": ((2, -1), 1), "openat": ((257, 56), 2)}
"""Their numbers, and which argument has the flags."""

_WRITING = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_X32 = 0x40000000

_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16
_FILTER = 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def give_up_calls() -> bool:
    """Refuse all other system calls for ever; whether the kernel offers it, on a machine that is known here."""
    machine = os.uname().machine
    if sys.platform != "linux" or sys.byteorder != "little" or sys.maxsize < 2**32 or machine not in _MACHINES:
        return False
    code = b"".join(_instructions(machine))
    program = _Program(len(code) // 8, code)
    return prctl(NO_NEW_PRIVILEGES, 1) and prctl(SECCOMP, _FILTER, ctypes.addressof(program))


def _instructions(machine: str) -> Iterator[bytes]:
    """The filter: one look at the machine, then a comparison and an answer for each call."""
    column = list(_MACHINES).index(machine)
    yield _instruction(_LOAD, _MACHINE)
    yield _instruction(_IF_EQUAL, _MACHINES[machine], 1, 0)
    yield _instruction(_RETURN, _REFUSE)
    yield _instruction(_LOAD, _NUMBER)
    yield _instruction(_IF_AT_LEAST, _X32, 0, 1)
    yield _instruction(_RETURN, _REFUSE)
    for numbers in _CALLS.values():
        if numbers[column] >= 0:
            yield _instruction(_IF_EQUAL, numbers[column], 0, 1)
            yield _instruction(_RETURN, _ALLOW)
    for numbers, flags in _OPENING.values():
        if numbers[column] >= 0:
            yield _instruction(_IF_EQUAL, numbers[column], 0, 4)
            yield _instruction(_LOAD, _ARGUMENTS + 8 * flags)
            yield _instruction(_IF_ANY, _WRITING, 0, 1)
            yield _instruction(_RETURN, _REFUSE)
            yield _instruction(_RETURN, _ALLOW)
    yield _instruction(_RETURN, _REFUSE)


def _instruction(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, operand)
