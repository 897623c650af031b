"""Landlock: a process gives up the file system, but for reading Python's own files, and TCP.

Linux 5.13 and newer, without privileges: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress

from helper.kernel import NO_NEW_PRIVILEGES, prctl, system_call

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""The same on all architectures."""

_TELL_VERSION = 1
_PATH_BENEATH = 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_FILE_ACTIONS = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many actions on files each version knows; since the fifth 16."""

_NEWEST_ACTIONS = 16
_NETWORK_SINCE, _SCOPES_SINCE = 4, 6
_TCP = 0b11
_SCOPES = 0b11
"""Abstract sockets, and signals to processes outside."""


def give_up_files(readable: Sequence[str]) -> bool:
    """Allow nothing in the file system but reading below some paths, for ever; whether the kernel offers it."""
    version = system_call(_CREATE_RULESET, None, 0, _TELL_VERSION) if sys.platform == "linux" else 0
    if version < 1:
        return False
    handled = [(1 << _FILE_ACTIONS.get(version, _NEWEST_ACTIONS)) - 1]
    if version >= _NETWORK_SINCE:
        handled.append(_TCP)
    if version >= _SCOPES_SINCE:
        handled.append(_SCOPES)
    attributes = struct.pack(f"={len(handled)}Q", *handled)
    ruleset = system_call(_CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return False
    try:
        for path in readable:
            with suppress(OSError):
                _allow_reading(ruleset, path)
        return prctl(NO_NEW_PRIVILEGES, 1) and system_call(_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _allow_reading(ruleset: int, path: str) -> None:
    actions = _READ_FILE | (_READ_FOLDER if os.path.isdir(path) else 0)
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        system_call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", actions, handle), 0)
    finally:
        os.close(handle)
