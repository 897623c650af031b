"""The ``.env`` file: lines that are there stay, and only its owner may read it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values, set_key, unset_key

OWNER_ONLY = 0o600


class EnvFile:
    """Settings that are kept.

    Args:
        path: The file; it is made when something is kept.
        environment: What is set besides; it wins over the file, as it does when the bot starts.
    """

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        self.path = path
        self._environment = environment

    def value(self, name: str) -> str:
        """What a setting is; "" for nothing."""
        written = dotenv_values(self.path) if self.path.is_file() else {}
        return self._environment.get(name) or written.get(name) or ""

    def keep(self, **values: str) -> None:
        """Write settings; "" takes one out. None may have a blank or a quote in it.

        Raises:
            OSError: The file cannot be written.
        """
        self.path.touch(OWNER_ONLY)
        self.path.chmod(OWNER_ONLY)
        for name, value in values.items():
            if value:
                set_key(self.path, name, value, quote_mode="never")  # docker --env-file takes quotes for part of it
            elif name in dotenv_values(self.path):
                unset_key(self.path, name, quote_mode="never")
        self.path.chmod(OWNER_ONLY)
