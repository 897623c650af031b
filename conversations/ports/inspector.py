"""Looking into files. ``helper/`` implements it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tables import FileFacts


class Inspector(Protocol):
    """Looks into files, outside of the bot's process."""

    def expect(self) -> None:
        """A file is on its way: get ready while it comes."""
        ...

    async def inspect(self, path: Path, name: str, *, urgent: bool = True) -> FileFacts:
        """What is known of a file. Never raises: one that cannot be looked into has facts that say so.

        Args:
            path: Where its bytes lie.
            name: Its original name.
            urgent: Whether somebody waits for an answer about it.
        """
        ...
