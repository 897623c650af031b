"""``python -m tests.support.pythons``: the oldest and the newest Python of this machine besides the one that runs it.

For CI, which tries the bot on them too. Needs nothing but Python.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import which

MINORS = range(11, 30)
"""From the oldest that the bot runs on."""


def others() -> list[str]:
    """Their paths, oldest first; one, or none, when there are no more."""
    found = [path for minor in MINORS if minor != sys.version_info.minor and (path := python(minor))]
    return [*dict.fromkeys([found[0], found[-1]])] if found else []


def python(minor: int) -> str | None:
    """The path of some Python 3.x that works; a version manager puts names into PATH that do not."""
    check = f"import sys, sqlite3, venv; sys.exit(sys.version_info[:2] != (3, {minor}))"
    for path in candidates(minor):
        if subprocess.run([path, "-c", check], check=False, capture_output=True).returncode == 0:
            return path
    return None


def candidates(minor: int) -> Iterator[str]:
    """Where it may be."""
    if path := which(f"python3.{minor}"):
        yield path
    yield from map(str, sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"), reverse=True))


if __name__ == "__main__":
    sys.stdout.write("".join(f"{path}\n" for path in others()))
