"""What "Which file?" has offered, and what was chosen first: steps of a closed turn that stay while it is known."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.database.database import Database
from conversations.database.models import StepRow
from conversations.store.results import Chosen, Offer

OFFER = "offer"
CHOSEN = "chosen"
KEPT_STEPS = (OFFER, CHOSEN)
"""Names of steps that outlive their turn."""


class FileChoices:
    """Files that turns have offered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def offer(self, turn: str) -> Offer | None:
        """What a turn has offered, if it has."""
        step = (StepRow.turn == turn) & (StepRow.name == OFFER)
        found = await self._database.scalars(select(StepRow.result).where(step))
        return Offer.from_json(found[0]) if found else None

    async def choose(self, turn: str, chosen: Chosen) -> Chosen:
        """Choose, unless somebody has already.

        Returns:
            The first choice.
        """
        step = (StepRow.turn == turn) & (StepRow.name == CHOSEN)
        row = {"turn": turn, "name": CHOSEN, "result": chosen.to_json()}

        def choose(session: Session) -> Chosen:
            self._database.upsert(session, StepRow, row)
            return Chosen.from_json(session.scalars(select(StepRow.result).where(step)).one())

        return await self._database.run(choose)
