"""What a turn has posted. ``conversations/store/journal.py`` implements it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class Post:
    """A visible part of a turn, as recorded: its Slack ts (or file id) and whether it is known to be complete."""

    part: str
    ref: str
    state: Literal["open", "posted"]


class Journal(Protocol):
    """Durable notes of what a turn has posted; lets another process finish without posting twice."""

    async def note(self, part: str, ref: str, state: Literal["open", "posted"]) -> None:
        """Record (idempotent upsert) that ``part`` exists at Slack under ``ref``."""
        ...

    async def noted(self) -> Mapping[str, Post]:
        """Everything recorded for the turn, by part."""
        ...
