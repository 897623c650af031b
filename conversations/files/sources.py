"""Which files an answer used, and what was found in them: kept with each file, and as a step of the turn.

The step stays while the turn is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from conversations.database.database import Database
from conversations.database.models import Check, ConversationFile, StepRow
from conversations.ports.windows import Account, Number, Part, Source
from conversations.store.choices import SOURCES
from receipts.form import Finding, read_claims, read_left_out
from tables import FileFacts, Sheet

MOST_PARTS = 10


def facts_json(facts: FileFacts) -> dict[str, Any]:
    """What is kept with a file of what was found in it; nothing of a file that is no table."""
    parts = [_part(one) for one in facts.sheets or facts.tables]
    if facts.kind == "table" and not parts:
        parts = [Part("", facts.rows, facts.column_count)]
    kept = {
        "encoding": facts.encoding,
        "delimiter": facts.delimiter,
        "exact": facts.rows_exact,
        "parts": [asdict(part) for part in parts[:MOST_PARTS]],
        "readings": [asdict(reading) for reading in facts.all_readings()],
        "traps": [asdict(trap) for trap in facts.all_traps()],
    }
    return {name: value for name, value in kept.items() if value} if parts else {}


def sources_json(files: Iterable[ConversationFile]) -> dict[str, Any]:
    """The step's result, of the files that a conversation has when a run begins."""
    return {
        "files": [
            {"name": row.name, "size": row.size, "shared_at": row.shared_at, "user": row.user} | row.facts
            for row in files
        ]
    }


async def sources_of(database: Database, turn: str) -> Sequence[Source]:
    """The files that a turn used, oldest first."""
    step = select(StepRow.result).where(StepRow.turn == turn, StepRow.name == SOURCES)
    return [Source.from_json(file) for result in await database.scalars(step) for file in result.get("files", ())]


async def account_of(database: Database, turn: str) -> Account:
    """The numbers of an answer that were computed again, and the rows that it leaves out."""
    check = await database.run(lambda session: session.get(Check, turn))
    claims = read_claims(check.receipt.get("numbers")) if check else ()
    findings = map(Finding.from_json, check.findings if check else ())
    numbers = [
        Number(claim.label, f"{claim.stated} {claim.unit}".strip(), claim.query, finding.verdict, finding.found)
        for claim, finding in zip(claims, findings, strict=False)
    ]
    return Account(numbers, read_left_out(check.receipt.get("left_out")) if check else ())


def _part(sheet: Sheet) -> Part:
    return Part(sheet.name, sheet.rows, sheet.column_count)
