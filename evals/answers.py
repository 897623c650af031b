"""What a question came to, as it is judged and reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conversations.ports.checks import Checked
from evals.cases import Case, Turn


@dataclass(frozen=True)
class Picture:
    """A chart of an answer. Its bytes are the sandbox's, so they may be anything."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Given:
    """What was said and done.

    ``outcome`` is that of the question's row (``answered``, ``asked``, ``failed``…), ``error`` the sentence of what
    failed, ``code`` pairs of Python and its output, ``files`` the names of generated files; ``notes`` are keys
    of remarks in the footer, ``checked`` what came of the receipt; ``usage`` is in tokens and
    sandboxes, ``cost`` in the installation's currency, None without prices.
    """

    text: str
    outcome: str
    error: str = ""
    code: Sequence[tuple[str, str]] = ()
    charts: Sequence[Picture] = ()
    files: Sequence[str] = ()
    seconds: float = 0.0
    notes: Sequence[str] = ()
    checked: Checked | None = None
    usage: Mapping[str, float] = field(default_factory=dict)
    cost: float | None = None

    @property
    def tokens(self) -> float:
        """Read and written."""
        return self.usage.get("input_tokens", 0) + self.usage.get("output_tokens", 0)


@dataclass(frozen=True)
class Judged:
    """A question, what it came to, and what is so of that, by measure (``judging/judge.py``)."""

    case: Case
    number: int
    given: Given
    verdicts: Mapping[str, bool]

    @property
    def turn(self) -> Turn:
        """The question."""
        return self.case.turns[self.number]

    @property
    def id(self) -> str:
        """The same in each report of a set: ``CASE`` or, for what follows, ``CASE/2``."""
        return self.case.id if self.number == 0 else f"{self.case.id}/{self.number + 1}"
