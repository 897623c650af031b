"""Computing the numbers of an answer a second time. ``helper/`` implements it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from receipts.form import Claim, Finding
from receipts.naming import Named


class Checker(Protocol):
    """Checks receipts, outside of the bot's process."""

    async def check(self, files: Mapping[Path, Named], claims: Sequence[Claim]) -> Sequence[Finding]:
        """What comes of each claim. Never raises: what cannot be checked has a finding that says so.

        Args:
            files: Where the bytes of the conversation's files lie, with what queries call them.
            claims: The numbers.
        """
        ...
