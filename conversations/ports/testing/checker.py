"""A checker that is told what it finds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from receipts.form import Claim, Finding
from receipts.naming import Named

AGREES = Finding("agrees", "1")


class FakeChecker:
    """Implements ``Checker``: knows the findings that it is given, by the claims' labels.

    ``asked`` are the names and bytes of the files, each time; while ``go`` is not set, nothing is found.
    """

    def __init__(self) -> None:
        self.findings: dict[str, Finding] = {}
        self.asked: list[dict[str, bytes]] = []
        self.go = asyncio.Event()
        self.go.set()

    async def check(self, files: Mapping[Path, Named], claims: Sequence[Claim]) -> Sequence[Finding]:
        """See ``Checker``."""
        self.asked.append({name.table: path.read_bytes() for path, name in files.items()})
        await self.go.wait()
        return [self.findings.get(claim.label, AGREES) for claim in claims]
