"""Files below a session's ``/mnt/data``, reached through an open directory handle.

The code inside may plant symbolic links, FIFOs or devices under any name: nothing is followed, and only regular files
are read. A directory handle (instead of a path) keeps every access inside.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence

from playground.ports import SandboxFile

SAFE_OPEN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def checked(name: str) -> str:
    """The name itself, when it is a plain file name; raises ``ValueError`` otherwise."""
    if not name or name in {".", ".."} or "/" in name or "\\" in name or "\0" in name or len(name.encode()) > 255:
        raise ValueError("not a plain file name")
    return name


class DataDirectory:
    """A directory, by handle. All methods block: call them in a thread."""

    def __init__(self, path: str, largest: int) -> None:
        """Open ``path``; ``largest`` is the most that is ever read of one file, in bytes."""
        self._fd = os.open(path, os.O_DIRECTORY | os.O_CLOEXEC)
        self._largest = largest

    def close(self) -> None:
        """Let go of the directory."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def put(self, name: str, data: bytes) -> None:
        """Write a file, in place of whatever had its name."""
        checked(name)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._fd)
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | SAFE_OPEN, 0o666, dir_fd=self._fd)
        with open(fd, "wb") as file:
            os.fchmod(fd, 0o666)
            file.write(data)

    def files(self) -> Sequence[SandboxFile]:
        """Regular files of the top level, by name."""
        found = []
        with os.scandir(self._fd) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    info = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(info.st_mode):
                        found.append(SandboxFile(entry.name, info.st_size, info.st_mtime))
        return sorted(found, key=lambda file: file.name)

    def read(self, name: str) -> bytes:
        """A regular file's bytes. Raises ``FileNotFoundError`` for anything else."""
        try:
            fd = os.open(checked(name), os.O_RDONLY | SAFE_OPEN, dir_fd=self._fd)
        except (OSError, ValueError) as error:
            raise FileNotFoundError(name) from error
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise FileNotFoundError(name)
        with open(fd, "rb") as file:
            return file.read(self._largest)

    def remove(self, name: str) -> None:
        """Delete a file. Raises ``FileNotFoundError`` when there is none."""
        os.unlink(checked(name), dir_fd=self._fd)
