"""What is shown of an answer's checked numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from conversations.ports.journal import Journal
from conversations.ports.replies import Place

CheckMode: TypeAlias = Literal["full", "quiet", "off"]
"""What happens to the numbers of an answer: they are checked, and differences told; only the footer tells; nothing."""

LINE = "check"
DIFFERENCE = "difference"
CORRECTION = "correction"
"""Parts of a turn."""


@dataclass(frozen=True)
class Difference:
    """A number that the files do not give: what it is, as it was stated, and what was found."""

    label: str
    stated: str
    found: str


@dataclass(frozen=True)
class Checked:
    """How many numbers an answer has, how many could not be checked, and those that differ."""

    numbers: int
    unchecked: int = 0
    differences: Sequence[Difference] = ()

    @property
    def agreed(self) -> int:
        """How many are what the files give."""
        return self.numbers - self.unchecked - len(self.differences)


class CheckReplies(Protocol):
    """Writing to Slack what came of a check. Raises ``SlackError`` when the thread takes nothing any more."""

    async def show_check(self, place: Place, checked: Checked, journal: Journal) -> None:
        """A line in the footer of the answer, or below it where Slack does not let it be changed. Safe to repeat."""
        ...

    async def tell_differences(self, place: Place, checked: Checked, journal: Journal) -> None:
        """One message with both values of each number that differs. Exactly once."""
        ...

    async def correct(self, place: Place, text: str, journal: Journal) -> None:
        """What the model says to that, marked as a correction. Exactly once."""
        ...
