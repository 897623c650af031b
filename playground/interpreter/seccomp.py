"""System calls that a session has no use for and that reach beyond its limits: a filter for ``bwrap --seccomp``.

Shared memory without a name (memfd, System V, anonymous shared mappings) is the host's memory, and neither RLIMIT_DATA
nor the size of a tmpfs bounds it. A network namespace does not shut in every family of sockets (AF_VSOCK reaches the
machine that hosts this one): https://docs.kernel.org/userspace-api/seccomp_filter.html.
"""

from __future__ import annotations

import errno
import os
import platform
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_REFUSED = {
    # (x86_64, aarch64): include/uapi/asm-generic/unistd.h and arch/x86/entry/syscalls/syscall_64.tbl
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
}
_SOCKET, _SOCKETPAIR, _MMAP = (41, 198), (53, 199), (9, 222)
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, 16)
"""16 is AF_NETLINK, with which programs ask for the addresses of their network."""
_SHARED, _ANONYMOUS = 0x1, 0x20

# struct seccomp_data: the call's number, the architecture, the instruction pointer, six arguments of 64 bits.
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_X32 = 0x40000000


def is_known() -> bool:
    """Whether there is a filter for this machine: Linux on x86_64 or aarch64."""
    return sys.platform == "linux" and platform.machine() in _ARCHITECTURES


def program() -> bytes:
    """The filter as an array of ``struct sock_filter``, where it ``is_known``."""
    machine = platform.machine()
    return b"".join(_instructions(_ARCHITECTURES[machine], list(_ARCHITECTURES).index(machine)))


@contextmanager
def descriptor() -> Iterator[int]:
    """A file descriptor from which bubblewrap reads the filter; closed at the end."""
    reading, writing = os.pipe()
    try:
        with open(writing, "wb") as pipe:
            pipe.write(program())  # a few hundred bytes: they fit into the pipe
        yield reading
    finally:
        os.close(reading)


def _instructions(architecture: int, column: int) -> Iterator[bytes]:
    yield _one(_LOAD, _ARCHITECTURE)
    yield _one(_JUMP_EQUAL, architecture, 1, 0)
    yield _one(_RETURN, _KILL)
    yield _one(_LOAD, _NUMBER)
    yield _one(_JUMP_GREATER_EQUAL, _X32, 0, 1)
    yield _refuse(errno.ENOSYS)
    for numbers in _REFUSED.values():
        yield _one(_JUMP_EQUAL, numbers[column], 0, 1)
        yield _refuse(errno.ENOSYS)
    for numbers in (_SOCKET, _SOCKETPAIR):
        yield _one(_JUMP_EQUAL, numbers[column], 0, len(_FAMILIES) + 3)
        yield _one(_LOAD, _ARGUMENTS)
        for place, family in enumerate(_FAMILIES):
            yield _one(_JUMP_EQUAL, family, len(_FAMILIES) - place, 0)
        yield _refuse(errno.EAFNOSUPPORT)
        yield _one(_RETURN, _ALLOW)
    yield _one(_JUMP_EQUAL, _MMAP[column], 0, 4)
    yield _one(_LOAD, _ARGUMENTS + 3 * 8)
    yield _one(_JUMP_ANY_BIT, _SHARED, 0, 2)
    yield _one(_JUMP_ANY_BIT, _ANONYMOUS, 0, 1)
    yield _refuse(errno.EPERM)
    yield _one(_RETURN, _ALLOW)


def _refuse(error: int) -> bytes:
    return _one(_RETURN, _ERRNO | error)


def _one(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, operand)
