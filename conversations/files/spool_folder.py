"""The spool's folders: one for each user of the machine, which nobody else may enter, and in it one for each process.

A process holds a lock on its folder; the folders of processes that died are removed when the next one starts. The
user's folder lies where others may write, too (the system's temporary folder), so what is found there under its name is
not trusted: https://owasp.org/www-community/vulnerabilities/Insecure_Temporary_File
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO
from uuid import uuid4

from errors import CannotStart

log = logging.getLogger(__name__)

FULL = (errno.ENOSPC, errno.EDQUOT)
_LOCK = "lock"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class SpoolFolderUnusable(CannotStart):
    """There is no place for files; the text says why, and what to do."""


def user_folder(parent: Path) -> Path:
    """Where the files of this user's bots lie below ``parent``."""
    return parent / f"slack-data-analyst-{os.geteuid()}"


@dataclass(frozen=True)
class ProcessFolder:
    """This process's folder and the lock that says it is alive."""

    path: Path
    lock: BinaryIO

    @classmethod
    def open(cls, root: Path) -> ProcessFolder:
        """Make one, and remove those of dead processes.

        Raises:
            SpoolFolderUnusable: It cannot be made, or would not be ours alone.
            OSError: The disk is full.
        """
        with _explained(root):
            _make_private(root)
            for other in root.iterdir():
                _remove_if_dead(other)
            while True:
                path = root / uuid4().hex
                path.mkdir(mode=0o700)
                lock = (path / _LOCK).open("wb")
                if _try_lock(lock) and (path / _LOCK).exists():
                    return cls(path, lock)
                lock.close()  # another process, starting now, took the new folder for a dead one

    def remove(self) -> None:
        """Remove it with all that is in it."""
        self.lock.close()
        shutil.rmtree(self.path, ignore_errors=True)


def try_out(root: Path) -> None:
    """See whether a process could have a folder, and leave no trace.

    Raises:
        SpoolFolderUnusable: It could not.
        OSError: The disk is full.
    """
    with _explained(root):
        missing = [folder for folder in (root, *root.parents) if not folder.exists()]
        try:
            _make_private(root)
            with TemporaryFile(dir=root) as file:
                file.write(b"?")
        finally:
            for folder in missing:
                with suppress(OSError):
                    folder.rmdir()


def _make_private(folder: Path) -> None:
    """Make a folder, or see that the one that is there is this user's alone."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise _unusable(folder, "is not a folder")
    if found.st_uid != os.geteuid():
        raise _unusable(folder, "belongs to another user")
    if found.st_mode & _OTHERS:
        raise _unusable(folder, f"is open to other users (chmod 700 {folder})")


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise
        raise _unusable(folder, f"cannot be written ({error.strerror})") from error


def _unusable(folder: Path, reason: str) -> SpoolFolderUnusable:
    return SpoolFolderUnusable(f"SPOOL_DIR: {folder} {reason}. Name a folder in which the bot may make one of its own.")


def _remove_if_dead(folder: Path) -> None:
    lock = folder / _LOCK
    with suppress(OSError):
        with lock.open("r+b") as stream:
            if not _try_lock(stream):
                return
        log.info("Removing what a dead process left in the spool: %s", folder.name)
        shutil.rmtree(folder, ignore_errors=True)


def _try_lock(stream: BinaryIO) -> bool:
    """Lock a file until it is closed; False when another process holds it."""
    try:
        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
