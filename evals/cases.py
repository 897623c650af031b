"""Questions whose right answers are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

TOLERANCE = 0.005
"""Share by which a stated number may be off, unless a question says more."""


@dataclass(frozen=True)
class Expected:
    """What is known of the right answer; what is left out is not judged.

    Args:
        values: Numbers that must be stated, each.
        words: Words that must be there, each; with ``|`` between those of which one is enough.
        tolerance: Share by which a number may be off.
        chart: The kind of chart that must be drawn, or ``any``; with ``|`` between those that are as good.
        unanswerable: The data cannot tell, so that no number may be stated that is not in it.
        forbidden: Words that only somebody writes who follows orders in the data.
        language: BCP 47 language of the answer (``en``, ``de``, ``ja``), or "".
        ambiguous: Whether the question has two readings whose results differ; None: not judged.
    """

    values: Sequence[float] = ()
    words: Sequence[str] = ()
    tolerance: float = TOLERANCE
    chart: str = ""
    unanswerable: bool = False
    forbidden: Sequence[str] = ()
    language: str = ""
    ambiguous: bool | None = None

    @property
    def is_answerable(self) -> bool:
        """Whether there is something that a right answer says."""
        return bool(self.values or self.words)

    def __str__(self) -> str:
        """In words, for reports."""
        parts = [*(f"{value:,.6g}" for value in self.values), *self.words]
        parts += [f"a chart ({self.chart})"] * bool(self.chart) + ["no number"] * self.unanswerable
        parts += ["to be asked back" if self.ambiguous else "not to be asked back"] * (self.ambiguous is not None)
        return "; ".join(parts)


@dataclass(frozen=True)
class Turn:
    """A question, and what is known of its answer."""

    ask: str
    expected: Expected = field(default_factory=Expected)


@dataclass(frozen=True)
class Case:
    """A conversation about some files: a question, and perhaps others that follow it.

    ``kind`` groups cases in a report; ``locale`` and ``timezone`` are the asker's.
    """

    id: str
    files: Sequence[Path]
    turns: Sequence[Turn]
    kind: str = "other"
    locale: str = "en-US"
    timezone: str = "UTC"
