"""What was open when a process died, in the database: counted once, by the process that finds it.

Work is marked with the process that it is begun in (``TurnRecords.begin``, ``Jobs.run``), and the mark goes with its
end. A process that ends as it should takes its marks away; so a mark of a process that is gone tells of a death.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from conversations.database.database import Database
from conversations.database.models import Job, Question
from conversations.engine.suspects import SUSPECT, after_death

log = logging.getLogger(__name__)

_KINDS = (Question, Job)


class Deaths:
    """Counts deaths."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, process: str) -> Mapping[str, int]:
        """A process is gone: count its death, once and if it was one; the suspects in it, with their deaths."""
        counted, proven = await self._database.run(lambda session: self._count(session, process))
        suspects = {work: deaths for work, deaths in counted.items() if deaths >= SUSPECT}
        if counted:
            log.warning("A process died with %d turns and jobs; %d are suspects.", len(counted), len(suspects))
        if proven:
            log.error("%s is set aside: it has ended its process again and again.", proven)
        return suspects

    async def ended(self, process: str) -> None:
        """A process ends as it should; what it leaves is not to blame."""

        def write(session: Session) -> None:
            for kind in _KINDS:
                session.execute(update(kind).where(kind.process == process).values(process=""))

        try:
            await self._database.run(write)
        except DBAPIError as error:
            log.warning("The end of this process cannot be noted: %s", type(error).__name__)

    def _count(self, session: Session, process: str) -> tuple[Mapping[str, int], str]:
        open_work: dict[str, int] = {}
        kinds: dict[str, Any] = {}
        for kind in _KINDS:
            for work, deaths in session.execute(select(kind.id, kind.deaths).where(kind.process == process)):
                open_work[work], kinds[work] = deaths, kind
        counted, proven = after_death(open_work)
        for work, deaths in counted.items():
            values: dict[str, Any] = {"process": "", "deaths": deaths}
            if work == proven:
                values["set_aside"] = time.time()
            self._database.change(session, kinds[work], work, values)
        return counted, proven
