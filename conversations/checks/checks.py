"""Checks the numbers of an answer that stands in its thread, right behind its turn and before the next one.

It is as durable as the turn: its row says how far it is, and the engine runs the turn again after a crash. ``stop``,
deleting and forgetting end it. What takes longer than the next turn may wait is done beside it, and then only the
footer says what came of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field

from conversations.checks.checking import Checking
from conversations.checks.correcting import Correcting
from conversations.checks.records import (
    ASKED,
    CHECKED,
    DONE,
    ENDED,
    SAID,
    WAITING,
    CheckRecords,
    claims_of,
    findings_of,
)
from conversations.database.models import Check, ConversationFile, Question
from conversations.engine.engine import Engine, Stopped
from conversations.ports.checks import Checked, CheckMode, Difference
from conversations.ports.journal import Journal
from conversations.ports.workplace import Person
from conversations.ports.workspaces import TeamReplies, Workspaces
from conversations.store.choices import inquiry_of
from conversations.store.questions import place_of
from conversations.store.results import Json, Offer
from errors import AnalystError
from receipts.form import Claim, Finding
from telemetry.metrics import checked as counted

log = logging.getLogger(__name__)

CHECK = "check"
WAIT_SECONDS = 15.0
"""How long the next turn of a conversation waits for the numbers of the one before it."""

Later = Callable[[Question], Awaitable[None]]


@dataclass(eq=False)
class Checks:
    """The checks of turns."""

    _engine: Engine
    _records: CheckRecords
    _checking: Checking
    _correcting: Correcting
    _workspaces: Workspaces
    _journal: Callable[[str], Journal]
    _mode: CheckMode
    later: Later | None = field(default=None, init=False)

    async def keep(self, question: Question, receipt: Json, files: Sequence[ConversationFile]) -> None:
        """Note what is to be checked, before the turn is closed."""
        if receipt and self._mode != "off":
            await self._records.keep(question, receipt, files)

    async def follow(self, turn: str) -> None:
        """Check what a closed turn has left. No failure of it is shown."""
        check, question = await self._records.begin(turn), await self._records.question(turn)
        if check is None or question is None or question.outcome != "answered":
            return
        try:
            await self._engine.interruptible(turn, self._follow(question, check))
        except Stopped:
            await self._records.end(turn)
        except AnalystError as error:
            log.info("A check ended in %s: %s", type(error).__name__, error.detail)
            await self._records.end(turn)

    async def late(self, turn: str) -> None:
        """Check what took too long, and say so in the footer only."""
        check, question = await self._records.begin(turn), await self._records.question(turn)
        if check and question and (found := await self._check(question, check)):
            await self._show(question, await self._asker(question), found)
            await self._records.save(turn, state=DONE)

    async def end(self, turn: str = "", conversation: str = "") -> bool:
        """End the check of a turn, or those of a conversation; whether there was one."""
        ended = await self._records.end(turn, conversation)
        for one in ended:
            await self._engine.stop(one)
        return bool(ended)

    async def _follow(self, question: Question, check: Check) -> None:
        if check.state == WAITING:
            try:
                async with asyncio.timeout(WAIT_SECONDS):
                    found = await self._check(question, check)
            except TimeoutError:
                if self.later:
                    await self.later(question)
                return
        else:
            found = _checked(claims_of(check), findings_of(check))
        if found is None:
            return
        asker = await self._asker(question)
        if check.state not in (ASKED, SAID):
            await self._show(question, asker, found)
        if found.differences and self._mode == "full":
            place, journal = place_of(question, asker), self._journal(question.id)
            await self._replies(question).tell_differences(place, found, journal)
            if text := await self._said(question, asker, found):
                await self._replies(question).correct(place, text, journal)
        await self._records.save(question.id, state=DONE)

    async def _check(self, question: Question, check: Check) -> Checked | None:
        """The numbers, checked; None when there are none, or the check was ended meanwhile."""
        claims, readings, left_out = await self._checking.read(check)
        if readings:
            await self._offer(question, readings)
        if not claims:
            counted("malformed", 0 if readings else 1)
            await self._records.save(question.id, state=ENDED)
            return None
        findings = await self._checking.findings(question, check, claims)
        receipt = {"numbers": [claim.to_json() for claim in claims], "left_out": [asdict(one) for one in left_out]}
        values = {"receipt": receipt, "findings": [one.to_json() for one in findings]}
        if not await self._records.save(question.id, state=CHECKED, **values):
            return None
        for finding in findings:
            counted(finding.verdict, 1)
        return _checked(claims, findings)

    async def _offer(self, question: Question, readings: Sequence[str]) -> None:
        """Let people choose what else the question could mean."""
        offer = Offer(choices=[{"key": str(number), "name": name} for number, name in enumerate(readings)])
        if await self._records.offer(question.id, offer):
            place = place_of(question, await self._asker(question))
            await self._replies(question).inquire(place, inquiry_of(offer), self._journal(question.id))

    async def _show(self, question: Question, asker: Person, found: Checked) -> None:
        await self._replies(question).show_check(place_of(question, asker), found, self._journal(question.id))

    async def _said(self, question: Question, asker: Person, found: Checked) -> str:
        """What the model says of differences; "" for nothing, or when the check was ended meanwhile."""
        check = await self._records.get(question.id)
        if check is None or check.state == SAID:
            return str(check.receipt.get("said", "")) if check else ""
        if not (await self._records.has_room(question.id) and await self._records.save(question.id, state=ASKED)):
            return ""
        said = await self._correcting.ask(question, check, asker, found.differences)
        return said.text if await self._records.said(question, said.text, said.usage) else ""

    def _replies(self, question: Question) -> TeamReplies:
        return self._workspaces.replies(question.team)

    async def _asker(self, question: Question) -> Person:
        return await self._workspaces.workplace(question.team).person(question.user)


def _checked(claims: Sequence[Claim], findings: Sequence[Finding]) -> Checked:
    pairs = list(zip(claims, findings, strict=False))
    differences = tuple(
        Difference(claim.label, f"{claim.stated} {claim.unit}".strip(), finding.found)
        for claim, finding in pairs
        if finding.verdict == "differs"
    )
    return Checked(len(claims), sum(finding.verdict == "cannot" for _, finding in pairs), differences)
