"""What turns have used, read from a database without touching it; a bot may be running on it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from azure_assistant.events import Usage
from conversations.database.inspection import transact
from conversations.database.models import Question
from conversations.store.results import known

AT_ONCE = 1000
"""Rows in memory."""


@dataclass(frozen=True)
class ChannelUsage:
    """What the turns of a channel that were accepted on a day (ISO date, UTC) have used."""

    day: str
    channel: str
    turns: int
    usage: Usage


async def read_usage(url: str, since: float) -> list[ChannelUsage]:
    """Usage by day and channel, in this order. Turns without a run (``stop``, help) count nowhere.

    Raises:
        DatabaseUnusable: It cannot be read, or has no tables yet.
    """
    return await asyncio.to_thread(transact, url, lambda session: _read(session, since))


def _read(session: Session, since: float) -> list[ChannelUsage]:
    turns: defaultdict[tuple[str, str], int] = defaultdict(int)
    used: defaultdict[tuple[str, str], Usage] = defaultdict(Usage)
    query = select(Question.accepted_at, Question.channel, Question.usage).where(Question.accepted_at >= since)
    for accepted_at, channel, usage in session.execute(query.execution_options(yield_per=AT_ONCE)):
        if usage:
            key = (datetime.fromtimestamp(accepted_at, UTC).date().isoformat(), channel)
            turns[key] += 1
            used[key] += Usage(**known(Usage, usage))
    return [ChannelUsage(day, channel, turns[day, channel], used[day, channel]) for day, channel in sorted(turns)]
