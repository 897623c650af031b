"""The results of a turn's steps, and their JSON in the database.

Rows of other versions can be read: a missing key gets its default, an unknown one is ignored.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, Self

from errors import AnalystError, error_from_json, error_to_json

Json = dict[str, Any]
RunOutcome = Literal["answered", "called", "failed", "stopped"]


@dataclass(frozen=True)
class StepResult:
    """The result of a step that did not fail. This base is for steps that return nothing.

    The fields named in ``errors`` hold an error, a list of errors or None; all others are JSON values.
    """

    errors: ClassVar[Collection[str]] = ()

    def to_json(self) -> Json:
        """For the step's row."""
        return {name: _encoded(value) if name in self.errors else value for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """From the step's row."""
        found = known(cls, value)
        return cls(**{name: _decoded(one) if name in cls.errors else one for name, one in found.items()})

    def rows(self, step: str) -> dict[str, Json]:
        """All rows of a step, by name: its own, and perhaps one beside it that other versions do not look at."""
        return {step: self.to_json()}

    @classmethod
    def from_rows(cls, step: str, rows: Mapping[str, Json]) -> Self:
        """From the rows of a step, among those of others."""
        return cls.from_json(rows[step])


@dataclass(frozen=True)
class Told(StepResult):
    """A command was carried out: the ``NoticeKind`` to show ("" for none), and the notice's fields."""

    notice: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer(StepResult):
    """What a turn has asked, instead of an answer, or what it offers below one: only ``choices``, without ``words``.

    The names that no file bears, and the JSON of files that may be chosen; or the model's ``words``, with the JSON of
    its own ``choices`` (``Option``), of which some have a file's id as their key.
    """

    missing: Sequence[str] = ()
    files: Sequence[Json] = ()
    words: str = ""
    choices: Sequence[Json] = ()


@dataclass(frozen=True)
class Chosen(StepResult):
    """What was chosen first: by whom, what it is called, and the job of that press, or the question that says it."""

    by: str
    name: str
    job: str


@dataclass(frozen=True)
class Called(StepResult):
    """A call of the model's was carried out: what it is told, and the ids of Slack files that it got.

    ``offer`` is the JSON of what the turn asks, if the call ends it so; ``unread`` says why files cannot be used.
    """

    errors = ("unread",)

    text: str
    files: Sequence[str] = ()
    offer: Json = field(default_factory=dict)
    unread: Sequence[AnalystError] = ()


@dataclass(frozen=True)
class Attached(StepResult):
    """A file is at Azure: its name, who shared it and when (epoch seconds), remarks for the asker, and its id there.

    ``is_newest``: nobody named it, it is the channel's newest.
    """

    errors = ("notes",)

    name: str
    user: str
    shared_at: float
    notes: Sequence[AnalystError] = ()
    azure_file: str = ""
    is_newest: bool = False


@dataclass(frozen=True)
class Started(StepResult):
    """A run exists at Azure, or was stopped first; ``unread`` says why files that Azure lost cannot be used."""

    errors = ("unread",)

    run_id: str = ""
    unread: Sequence[AnalystError] = ()
    stopped: bool = False


@dataclass(frozen=True)
class Ran(StepResult):
    """A run has ended.

    ``made`` is the number of charts and files so far that can be handed over, ``missing`` names the others; ``notes``
    are keys of remarks for the footer; ``unread`` is as of ``Started``. ``calls`` are the JSON of what the run
    ``run_id`` has called, and waits for. ``receipt`` has its ``ref`` at Azure, or its ``text``.
    ``is_invented``: it states numbers, and nothing shows where they are from.
    """

    errors = ("error", "unread")

    outcome: RunOutcome = "failed"
    made: int = 0
    missing: Sequence[str] = ()
    notes: Sequence[str] = ()
    error: AnalystError | None = None
    unread: Sequence[AnalystError] = ()
    run_id: str = ""
    calls: Sequence[Json] = ()
    receipt: Json = field(default_factory=dict)
    is_invented: bool = False

    def to_json(self) -> Json:
        """For the step's row; what earlier versions do not know is left out where it says nothing."""
        return {name: value for name, value in super().to_json().items() if value or name not in _LATER}


_LATER = frozenset({"run_id", "calls", "is_invented", "receipt"})


def known(kind: type[Any], value: Json) -> Json:
    """The part of some JSON that a dataclass has fields for."""
    return {one.name: value[one.name] for one in fields(kind) if one.name in value}


def _encoded(told: AnalystError | Sequence[AnalystError] | None) -> Any:
    if told is None or isinstance(told, AnalystError):
        return told and error_to_json(told)
    return [error_to_json(error) for error in told]


def _decoded(value: Any) -> Any:
    return [error_from_json(error) for error in value] if isinstance(value, list) else value and error_from_json(value)
