"""Checks the numbers of answers: a process for each answer."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from helper.process import COMMAND, HelperFailed, HelperProcess
from helper.protocol import Garbage, unpack
from receipts.form import Claim, Finding
from receipts.naming import Named

log = logging.getLogger(__name__)

CHECK_COMMAND = (*COMMAND[:-1], "helper.checker")
SECONDS = 60.0
"""For an answer; what the process may compute is limited in ``limits.py``."""

MOST_FILES = 20


class HelperChecks:
    """Implements the port ``Checker``."""

    def __init__(self, command: Sequence[str] = CHECK_COMMAND, seconds: float = SECONDS) -> None:
        """Starts nothing yet."""
        self._command = command
        self._seconds = seconds

    async def check(self, files: Mapping[Path, Named], claims: Sequence[Claim]) -> Sequence[Finding]:
        """See ``Checker.check``."""
        found: list[Finding] = []
        try:
            async with asyncio.timeout(self._seconds):
                await self._check(dict(list(files.items())[:MOST_FILES]), claims, found)
        except (HelperFailed, Garbage, OSError) as error:  # a timeout is an OSError
            log.warning("Of %d numbers %d were checked: %s", len(claims), len(found), error or type(error).__name__)
        return [*found, *[Finding("cannot", why="time")] * (len(claims) - len(found))]

    async def _check(self, files: Mapping[Path, Named], claims: Sequence[Claim], found: list[Finding]) -> None:
        asked = {"files": list(map(asdict, files.values())), "claims": [claim.to_json() for claim in claims]}
        process = await HelperProcess.start(self._command)
        try:
            with ExitStack() as stack:
                handles = [stack.enter_context(path.open("rb")) for path in files]
                await process.send(json.dumps(asked).encode(), [handle.fileno() for handle in handles])
            while len(found) < len(claims):
                found.append(unpack(Finding, await process.receive()))
        finally:
            await process.kill()
