"""What people think of answers."""

from __future__ import annotations

import time

from conversations.database.database import Database
from conversations.database.models import Feedback


class FeedbackBox:
    """Verdicts in the database, one for each person and answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, turn: str, user: str, verdict: str, reason: str) -> None:
        """Keep a verdict (``up`` or ``down``) and its reason; a newer one replaces it.

        A reason says ``down`` again, and may overtake the press on ``down`` that it was asked for after.
        """
        row = {"turn": turn, "user": user, "verdict": verdict, "reason": reason, "given_at": time.time()}
        update = ["verdict", "given_at", *(["reason"] if reason or verdict == "up" else [])]
        await self._database.run(lambda session: self._database.upsert(session, Feedback, row, update=update))
