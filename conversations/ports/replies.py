"""Writing to Slack. ``replies/`` implements ``Replies`` and ``Answer``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias

from conversations.ports.contents import Content
from conversations.ports.journal import Journal
from conversations.ports.notices import Notice
from errors import AnalystError
from receipts.charts import Drawn
from tables import FileFacts


@dataclass(frozen=True)
class Place:
    """Where a turn happens and for whom.

    ``thread`` is the ts of the thread's root (for a new question: the question's own ts); ``question`` the ts of the
    question; ``asker_team`` the asker's own workspace (differs from ``team`` over Slack Connect); ``has_sign``: the
    status line may have been set when the question was accepted.
    """

    turn: str
    team: str
    channel: str
    thread: str
    question: str
    asker: str
    asker_team: str = ""
    locale: str = "en-US"
    is_direct: bool = False
    has_sign: bool = False


INQUIRY = "notice:which_file"
"""The part of a turn that asks something; it has its name from the first question of this kind."""

ChartForm: TypeAlias = Literal["image", "native", "both"]
"""How charts are shown: as pictures; as charts of the place's own where it can draw them; or both."""


class Activity(StrEnum):
    """What a turn is doing, for the status line."""

    QUEUED = "queued"
    THINKING = "thinking"
    READING = "reading"
    RUNNING_CODE = "running_code"
    DRAWING = "drawing"
    WRITING = "writing"
    RETRYING = "retrying"
    WAITING = "waiting"
    RESUMING = "resuming"


@dataclass(frozen=True)
class Deliverable:
    """A chart or a generated file to show in the thread, exactly once.

    ``part`` is its key within the turn; ``drawn`` is what a chart shows, as far as its code has told.
    """

    part: str
    kind: Literal["chart", "file"]
    name: str
    title: str
    alt: str
    media_type: str
    content: Content
    drawn: Drawn | None = None


@dataclass(frozen=True)
class UsedFile:
    """A file named in the footer: who shared it ("" or a name), and when (epoch seconds)."""

    name: str
    by: str
    shared_at: float


@dataclass(frozen=True)
class Option:
    """Something to choose: its key in the question, and what it is called."""

    key: str
    name: str


@dataclass(frozen=True)
class Inquiry:
    """What is asked instead of an answer, with something to press.

    The model's ``words``; or which file is meant, where ``missing`` are the names that no file bears (none: several
    files fit). ``unread`` are files that could not be read. ``is_below_answer``: it is answered, and the options are
    what else it could mean.
    """

    options: Sequence[Option] = ()
    words: str = ""
    missing: Sequence[str] = ()
    unread: Sequence[AnalystError] = ()
    is_below_answer: bool = False


@dataclass(frozen=True)
class Footer:
    """What stands below an answer.

    ``unread`` are files that could not be read, each with its reason; ``notes`` are keys of remarks (``new_thread``,
    ``cut_short``, ``missing_files``…); ``archived`` charts and files go along in one archive; ``has_code`` shows the
    Code button.
    """

    used: Sequence[UsedFile] = ()
    unread: Sequence[AnalystError] = ()
    notes: Sequence[str] = ()
    missing: Sequence[str] = ()
    archived: int = 0
    seconds: float = 0.0
    has_code: bool = False


@dataclass(frozen=True)
class CardFile:
    """A file on a file card. ``facts`` is None when nothing but name and size (bytes) is known."""

    name: str
    size: int
    facts: FileFacts | None = None


class Answer(Protocol):
    """One turn's visible outcome.

    Live methods (status, text, code) never raise; the final ones raise ``AnalystError``.
    """

    def begins_with(self, newest: Sequence[str]) -> None:
        """Let the text begin with a line that names files which were taken because they are the channel's newest.

        What is said last before the first text counts; after a crash it is said again. Without a name there is no line.
        """
        ...

    async def status(self, activity: Activity, **fields: str) -> None:
        """Show what is being done. Fields: ``file`` for READING, ``seconds`` for WAITING."""
        ...

    async def text(self, delta: str) -> None:
        """Show the next piece of raw model Markdown, when and how Slack's limits allow."""
        ...

    async def code_started(self, index: int) -> None:
        """Show that a piece of Python is running (a task card in a stream, else the status line)."""
        ...

    async def code_finished(self, index: int, code: str, output: str) -> None:
        """Show that the piece of Python ended."""
        ...

    async def prepare(self, items: Sequence[Deliverable]) -> None:
        """Begin to bring charts and files to Slack, where nobody sees them before ``attach``."""
        ...

    async def finish(self, text: str, footer: Footer) -> None:
        """Make the whole text visible exactly once: complete the stream, or post. Safe to call again after a crash."""
        ...

    async def attach(self, items: Sequence[Deliverable]) -> None:
        """Show charts and files in the thread, in order, each exactly once; say which cannot be had.

        Safe to call again after a crash.
        """
        ...

    async def fail(self, error: AnalystError, partial: str = "") -> None:
        """Show one clear error, after the partial answer if there is one, with "Try again". Safe to call again."""
        ...

    async def stopped(self, by: str, partial: str = "") -> None:
        """Show that the turn was stopped, and by whom (a name, or ""). Safe to call again."""
        ...

    async def retract(self) -> None:
        """Remove what this turn has shown (its question was deleted)."""
        ...

    async def park(self) -> None:
        """Another process will go on: say so in the status, end background tasks, leave the rest. Never raises."""
        ...

    async def close(self) -> None:
        """Clear the status and end background tasks. Never raises."""
        ...


OnStop = Callable[[Place], Awaitable[None]]


class Replies(Protocol):
    """Writing to Slack."""

    def answer(self, place: Place, journal: Journal, *, recovering: bool, on_stop: OnStop | None = None) -> Answer:
        """The outcome of a turn.

        Args:
            place: Where it is shown.
            journal: Notes of what the turn has posted.
            recovering: An earlier process may have posted parts of it.
            on_stop: Called when Slack tells that the asker has stopped it there.
        """
        ...

    async def notice(self, place: Place, notice: Notice, journal: Journal) -> None:
        """A one-line message in the thread, exactly once per turn."""
        ...

    async def inquire(self, place: Place, inquiry: Inquiry, journal: Journal) -> None:
        """Ask in the thread, with a button for each option. Exactly once."""
        ...

    async def show_choice(self, place: Place, inquiry: Inquiry, by: str, name: str, journal: Journal) -> None:
        """Let a sentence take the place of the buttons: who has chosen what ("": nobody in time). Never raises."""
        ...

    async def first_sign(self, place: Place, activity: Activity, title: str = "") -> None:
        """The status line, at once, and the thread's title where threads have one. Never raises.

        The first request for it has left this process when this returns; the title follows the line.
        """
        ...

    async def card(self, place: Place, files: Sequence[CardFile], journal: Journal) -> None:
        """A card under shared files: what they are, and questions to press. Exactly once."""
        ...

    async def post_code(self, place: Place, by: str, steps: Sequence[Mapping[str, str]], journal: Journal) -> None:
        """The Python of an answer as a file in its thread, naming who asked for it. Exactly once."""
        ...

    async def react(self, channel: str, ts: str, name: str) -> None:
        """Add a reaction to a message. Never raises."""
        ...
