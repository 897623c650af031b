"""What a turn has left to be checked, how far that is, and what came of it. It is forgotten with its question."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from azure_assistant.events import Usage
from conversations.access.ledger import Ledger
from conversations.audit.entry import Entry
from conversations.audit.log import note
from conversations.audit.questions import spent
from conversations.database.database import Database
from conversations.database.models import Check, ConversationFile, Question, StepRow
from conversations.files.answer_budget import KEPT_TEXT
from conversations.store.choices import OFFER
from conversations.store.prices import Prices
from conversations.store.results import Json, Offer, known
from receipts.form import Claim, Finding, read_claims

WAITING, CHECKED, ASKED, SAID, DONE, ENDED = "waiting", "checked", "asked", "said", "done", "ended"
"""States: nothing is done; the numbers are checked; the model is asked about differences, and has said something; all
is done; it was ended."""

_OPEN = (WAITING, CHECKED, ASKED, SAID)
MOST_TRIES = 3
"""How often a check is begun: one that ends its process is given up."""


class CheckRecords:
    """Rows of checks."""

    def __init__(self, database: Database, ledger: Ledger, prices: Prices) -> None:
        self._database = database
        self._ledger = ledger
        self._prices = prices

    async def keep(self, question: Question, receipt: Json, files: Sequence[ConversationFile]) -> None:
        """Note that an answer has a receipt, and from which versions of which files it is."""
        used = [{"id": row.slack_file, "name": row.name, "digest": row.digest} for row in files]
        row: Json = {"turn": question.id, "conversation": question.conversation, "state": WAITING, "receipt": receipt}
        row |= {"files": used, "created_at": time.time()}
        await self._database.run(lambda session: self._database.upsert(session, Check, row))

    async def get(self, turn: str) -> Check | None:
        """A turn's check."""
        return await self._database.run(lambda session: session.get(Check, turn))

    async def begin(self, turn: str) -> Check | None:
        """An open check, which is being tried once more; None when there is none, or it was tried often enough."""
        this = (Check.turn == turn) & Check.state.in_(_OPEN) & (Check.tries < MOST_TRIES)
        found = await self._database.scalars(update(Check).where(this).values(tries=Check.tries + 1).returning(Check))
        return found[0] if found else None

    async def save(self, turn: str, **values: Any) -> bool:
        """Save how far an open check is; False when it was ended, or forgotten."""
        this = (Check.turn == turn) & Check.state.in_(_OPEN)
        saved = update(Check).where(this).values(values).returning(Check.turn)
        return bool(await self._database.scalars(saved))

    async def offer(self, turn: str, offer: Offer) -> bool:
        """Save what people may choose below an answer; False when its check was ended, or it was forgotten."""

        def write(session: Session) -> bool:
            check = session.get(Check, turn, with_for_update=True)
            if check is None or check.state not in _OPEN:
                return False
            self._database.upsert(session, StepRow, {"turn": turn, "name": OFFER, "result": offer.to_json()})
            return True

        return await self._database.run(write)

    async def end(self, turn: str = "", conversation: str = "") -> Sequence[str]:
        """End the check of a turn, or those of a conversation; the turns whose checks were open."""
        which = Check.turn == turn if turn else Check.conversation == conversation
        ended = update(Check).where(which, Check.state.in_(_OPEN)).values(state=ENDED).returning(Check.turn)
        return await self._database.scalars(ended)

    async def said(self, question: Question, text: str, usage: Usage) -> bool:
        """Save what the model says of differences, with the answer, and what it has cost; False when that is known."""

        def write(session: Session) -> bool:
            check = session.get(Check, question.id, with_for_update=True)
            if check is None or check.state != ASKED:
                return False
            check.state, check.receipt = SAID, {**check.receipt, "said": text}
            whole = Usage(**known(Usage, question.usage)) + usage
            values = {"answer": f"{question.answer}\n\n{text}".strip()[:KEPT_TEXT], "usage": whole.to_json()}
            session.execute(update(Question).where(Question.id == question.id).values(values))
            self._ledger.add(session, question, usage)
            place = (question.team, question.channel, question.user, question.id)
            note(
                session,
                Entry(f"{question.id}:checked", "correction", *place, facts=spent(usage.to_json(), self._prices)),
            )
            return True

        return await self._database.run(write)

    async def has_room(self, turn: str) -> bool:
        """Whether the budgets allow that the model is asked once more."""
        return await self._ledger.has_room_for_more(turn)

    async def question(self, turn: str) -> Question | None:
        """The turn's question, unless it was forgotten."""
        kept = select(Question).where(Question.id == turn, Question.forgotten.is_(False))
        return next(iter(await self._database.scalars(kept)), None)

    async def files(self, check: Check) -> Mapping[str, ConversationFile]:
        """The rows of a check's files, as far as the conversation still has them, by id."""
        rows = select(ConversationFile).where(ConversationFile.conversation == check.conversation)
        return {row.slack_file: row for row in await self._database.scalars(rows)}


def claims_of(check: Check) -> Sequence[Claim]:
    """The numbers of a check whose receipt was read."""
    return read_claims(check.receipt.get("numbers"))


def findings_of(check: Check) -> Sequence[Finding]:
    """What came of them."""
    return [Finding.from_json(one) for one in check.findings]
