"""The results of a turn's steps, and their JSON in the database.

Rows of other versions can be read: a missing key gets its default, an unknown one is ignored.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, Self

from errors import AnalystError, error_from_json, error_to_json

Json = dict[str, Any]
RunOutcome = Literal["answered", "failed", "stopped"]


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


@dataclass(frozen=True)
class Told(StepResult):
    """A command was carried out: the ``NoticeKind`` to show ("" for none), and the notice's fields."""

    notice: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer(StepResult):
    """It was asked which file is meant: the names that no file bears, and the JSON of the files to choose from."""

    missing: Sequence[str] = ()
    files: Sequence[Json] = ()


@dataclass(frozen=True)
class Chosen(StepResult):
    """The file that was chosen first: by whom, its name, and the job of that press."""

    by: str
    name: str
    job: str


@dataclass(frozen=True)
class Attached(StepResult):
    """A file is at Azure: its name, who shared it and when (epoch seconds), and remarks for the asker."""

    errors = ("notes",)

    name: str
    user: str
    shared_at: float
    notes: Sequence[AnalystError] = ()


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

    ``made`` is the number of its charts and files that can be handed over, ``missing`` names the others; ``notes`` are
    keys of remarks for the footer; ``unread`` is as of ``Started``.
    """

    errors = ("error", "unread")

    outcome: RunOutcome = "failed"
    made: int = 0
    missing: Sequence[str] = ()
    notes: Sequence[str] = ()
    error: AnalystError | None = None
    unread: Sequence[AnalystError] = ()


def known(kind: type[Any], value: Json) -> Json:
    """The part of some JSON that a dataclass has fields for."""
    return {one.name: value[one.name] for one in fields(kind) if one.name in value}


def _encoded(told: AnalystError | Sequence[AnalystError] | None) -> Any:
    if told is None or isinstance(told, AnalystError):
        return told and error_to_json(told)
    return [error_to_json(error) for error in told]


def _decoded(value: Any) -> Any:
    return [error_from_json(error) for error in value] if isinstance(value, list) else value and error_from_json(value)
