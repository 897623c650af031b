"""What a run tells while it goes on, what it made, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field
from operator import add
from typing import Any, Literal, TypeAlias

from azure_assistant.errors import AssistantError
from azure_assistant.sandbox_memory import Tier
from receipts.charts import Drawn

LONGEST_ARGUMENTS = 20_000
"""Characters of a call's arguments that are passed on."""


@dataclass(frozen=True)
class FunctionCall:
    """A call that the model made, of whatever it takes for a function.

    ``arguments`` is the model's raw text, cut at ``LONGEST_ARGUMENTS`` characters: no JSON perhaps, or of no schema.
    """

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Artifact:
    """A chart or a file that a run made.

    ``ref`` is opaque JSON for ``Assistant.read_file``; ``data`` holds the bytes when the run delivered them inline;
    ``drawn`` is what a chart shows, as far as its code has told.
    """

    kind: Literal["chart", "file"]
    name: str
    media_type: str
    ref: Mapping[str, Any]
    alt: str = ""
    data: bytes | None = None
    drawn: Drawn | None = None


@dataclass(frozen=True)
class Usage:
    """What a run cost, as far as it is known.

    Args:
        input_tokens: Tokens read, the cached ones included.
        cached_tokens: Those of them that the service had in its cache.
        output_tokens: Tokens written, reasoning included.
        container_minutes: How long the run kept a sandbox busy, measured by us.
        containers: Sandboxes that were opened for it; ``assistants`` does not tell, and has 0.
        containers_4g: Those of them that have 4 GB of memory, not 1 GB.
        containers_16g: The same for 16 GB.
        containers_64g: The same for 64 GB.
    """

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    container_minutes: float = 0.0
    containers: int = 0
    containers_4g: int = 0
    containers_16g: int = 0
    containers_64g: int = 0

    @property
    def sandboxes(self) -> Mapping[Tier, int]:
        """How many were opened, by their memory."""
        larger: dict[Tier, int] = {
            "4g": self.containers_4g,
            "16g": self.containers_16g,
            "64g": self.containers_64g,
        }
        return {"1g": self.containers - sum(larger.values()), **larger}

    def to_json(self) -> dict[str, Any]:
        """For the question's row. Larger sandboxes, of which the version before knows nothing, only if there are."""
        return {name: value for name, value in asdict(self).items() if value or name in _LONG_KNOWN}

    def __add__(self, other: Usage) -> Usage:
        return Usage(*map(add, astuple(self), astuple(other)))


_LONG_KNOWN = ("input_tokens", "cached_tokens", "output_tokens", "container_minutes", "containers")


@dataclass(frozen=True)
class RunStarted:
    """The run exists at Azure; ``run_id`` is what ``resume`` and ``cancel`` take.

    Comes again, with another id, when a run was begun anew because its sandbox was lost before any text came.
    """

    run_id: str


@dataclass(frozen=True)
class Waiting:
    """The client waits before it goes on: may come at any time, even before ``RunStarted``."""

    seconds: float
    reason: Literal["rate_limit", "busy", "retry"] = "retry"


@dataclass(frozen=True)
class TextDelta:
    """The next piece of the answer (raw Markdown of the model, ``sandbox:`` links and all)."""

    text: str


@dataclass(frozen=True)
class CodeStarted:
    """The model is writing or running its ``index``-th piece of Python (counting from 0)."""

    index: int


@dataclass(frozen=True)
class CodeFinished:
    """A piece of Python ran. ``output`` is what it printed, tracebacks included."""

    index: int
    code: str
    output: str


@dataclass(frozen=True)
class ChartReady:
    """A chart to show, each once, in the order of the answer. Comes after the last ``TextDelta``."""

    artifact: Artifact


@dataclass(frozen=True)
class FileReady:
    """A generated file to hand over. Comes after the last ``TextDelta``."""

    artifact: Artifact


@dataclass(frozen=True)
class ReceiptReady:
    """What the answer says of its numbers (``receipts/form.py``), a file that is not for people. Once, at the end."""

    artifact: Artifact


@dataclass(frozen=True)
class Finished:
    """The run is complete.

    ``text`` is the whole raw text (the sum of all ``TextDelta``); ``missing`` names files that the answer links to but
    that were never made; ``notes`` are keys of remarks for the user: ``new_thread`` (Azure had lost the conversation),
    ``cut_short`` (the answer reached the model's length limit).
    """

    text: str
    usage: Usage = field(default_factory=Usage)
    missing: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class CallsMade:
    """The run waits for what its calls come to: give it to ``go_on`` or ``close_calls`` within minutes.

    ``text`` is what was said before the calls (the sum of all ``TextDelta`` of these events). What was made so far has
    been told. Ids are unique, and all are to be answered, unknown names as well; the backend answers what is forgotten.
    """

    calls: Sequence[FunctionCall]
    text: str = ""
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class Failed:
    """The run ended without an answer; ``error``'s docstring is the sentence for the user. It may have a cost."""

    error: AssistantError
    text: str = ""
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class Gone:
    """``resume`` found no such run: it may be started again."""


RunEvent: TypeAlias = (
    RunStarted | Waiting | TextDelta | CodeStarted | CodeFinished | ChartReady | FileReady | ReceiptReady | CallsMade
    | Finished     | Failed | Gone
)  # fmt: skip
