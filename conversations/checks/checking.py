"""Has the numbers of an answer computed again, on the bytes that the answer was computed from."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from pathlib import Path

from azure_assistant.assistant import Assistant
from azure_assistant.errors import AssistantError
from conversations.checks.records import CheckRecords
from conversations.database.models import Check, Question
from conversations.errors import FileError
from conversations.files.uploads import FileUploads, as_shared
from conversations.ports.checker import Checker
from receipts.form import MOST_BYTES, Claim, Finding, LeftOut, read_readings, read_receipt, receipt_left_out
from receipts.naming import Named, named

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Checking:
    """Checks numbers: those of one answer at a time, so that files do not wait in the spool."""

    _records: CheckRecords
    _assistant: Assistant
    _uploads: FileUploads
    _checker: Checker
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def read(self, check: Check) -> tuple[Sequence[Claim], Sequence[str], Sequence[LeftOut]]:
        """The numbers that an answer states, what else its question could mean, and which rows were left out.

        None where the receipt is malformed, or cannot be had any more.
        """
        data = str(check.receipt.get("text", "")).encode()
        if ref := check.receipt.get("ref"):
            try:
                async with aclosing(self._assistant.read_file(ref)) as chunks:
                    async for chunk in chunks:
                        data += chunk
                        if len(data) > MOST_BYTES:
                            break
            except AssistantError as error:
                log.info("A receipt cannot be had: %s", type(error).__name__)
        return read_receipt(data) or (), read_readings(data), receipt_left_out(data)

    async def findings(self, question: Question, check: Check, claims: Sequence[Claim]) -> Sequence[Finding]:
        """What comes of each number. A file that has changed since, or is gone, is none of those that are asked."""
        held = await self._records.files(check)
        names = named(file["name"] for file in check.files)
        async with self._alone, AsyncExitStack() as stack:
            paths: dict[Path, Named] = {}
            for file, name in zip(check.files, names, strict=True):
                row = held.get(file["id"])
                if row is None or not (row.tables and file["digest"]):
                    continue
                try:
                    spooled = await stack.enter_async_context(self._uploads.spooled(question, as_shared(row)))
                except FileError as error:
                    log.info("A file of a check cannot be had: %s", type(error).__name__)
                    continue
                if await spooled.digest() == file["digest"]:
                    paths[spooled.path] = name
            if not paths:
                return [Finding("cannot", why="file")] * len(claims)
            return await self._checker.check(paths, claims)
